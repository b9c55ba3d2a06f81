"""Messages with their recipients and threads, mailboxes, e-mail templates and settings, and ignore rules."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activities.log.models import Activity
from activities.mail.enums import Direction, IgnoreKind, MessageState, RecipientKind
from activities.mail.querysets import EmailMessageQuerySet, EmailTemplateQuerySet, MailboxQuerySet
from core import clock
from core.addresses import row_url
from core.fields import AddressField, LineField, WordsVector
from core.models import VersionedModel
from core.tracking import tracked
from customers.selections.models import Reference, target

#: The longest time that a test of a mailbox's connection may take.
TRIED_WITHIN = dt.timedelta(seconds=60)


@tracked(exclude=["password", "last_uid", "uid_validity", "last_read_at", "error", "trying_since"])
class Mailbox(VersionedModel):
    """An IMAP mailbox that the program reads: shared (no owner) or a user's own."""

    name = LineField(_("name"), max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="mailboxes",
        verbose_name=_("owner"),
        help_text=_("Leave empty to share the mailbox."),
    )
    address = AddressField(_("e-mail address"))
    host = LineField(_("IMAP server"), max_length=253)
    port = models.PositiveIntegerField(_("port"), default=993)
    use_tls = models.BooleanField(_("use TLS"), default=True)
    username = LineField(_("user name"), max_length=254)
    password = models.TextField(editable=False)  # encrypted by core.secrets
    folder = LineField(_("folder"), max_length=200, default="INBOX")
    first_days = models.PositiveSmallIntegerField(
        _("days to read at the start"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("How many days back messages are read when the mailbox is read for the first time."),
    )
    is_active = models.BooleanField(_("is read"), default=True)
    last_uid = models.BigIntegerField(default=0, editable=False)
    uid_validity = models.BigIntegerField(default=0, editable=False)
    last_read_at = models.DateTimeField(_("last read"), null=True, editable=False)
    error = models.CharField(_("error"), max_length=500, blank=True, editable=False)
    trying_since = models.DateTimeField(null=True, editable=False)  # since when a worker tests the connection

    objects = MailboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        default_permissions = ()
        ordering = ("name", "id")
        permissions = (("manage_mailboxes", gettext_noop("May manage the shared mailboxes")),)

    text_sql = "name"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("mail:mailboxes")

    @property
    def is_being_tried(self) -> bool:
        """Return whether a worker is testing the connection; a test that takes longer was lost with its worker."""
        return self.trying_since is not None and self.trying_since > clock.now() - TRIED_WITHIN


class MailSettings(models.Model):
    """A user's signature and the secret part of the drop address, to which the user copies and forwards messages."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mail_settings"
    )
    signature = models.TextField(_("signature"), max_length=2_000, blank=True)  # HTML, cleaned by core.richtext
    drop_secret = models.CharField(max_length=32, unique=True, null=True, editable=False)  # noqa: DJ001 - none is not ""

    class Meta:
        verbose_name = _("e-mail settings")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user)


class EmailThread(models.Model):
    """Messages that answer one another (References, In-Reply-To)."""

    subject = models.CharField(_("subject"), max_length=500)  # without Re: and Fwd:
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("thread")
        default_permissions = ()

    def __str__(self) -> str:
        return self.subject


def message_path(message: EmailMessage, filename: str) -> str:
    return f"mail/{uuid.uuid4().hex[:2]}/{uuid.uuid4().hex}.eml"


@tracked(exclude=["search", "attempts", "was_handed_over"])
class EmailMessage(models.Model):
    """A message. A sent or filed one belongs to an activity; one from an unknown sender waits in the inbox."""

    activity = models.OneToOneField(
        Activity, models.PROTECT, null=True, related_name="email", verbose_name=_("activity")
    )
    thread = models.ForeignKey(EmailThread, models.PROTECT, related_name="messages", verbose_name=_("thread"))
    direction = models.CharField(max_length=3, choices=Direction)
    state = models.CharField(_("state"), max_length=8, choices=MessageState)
    message_id = models.CharField(max_length=500, unique=True)  # without <>; sha256:… where the message has none
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = ArrayField(models.CharField(max_length=500), default=list)
    sender = models.CharField(_("sender's address"), max_length=254, blank=True)
    sender_name = models.CharField(_("sender"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=500, blank=True)
    body = models.TextField(_("message"), blank=True)  # HTML, cleaned, without remote images
    date = models.DateTimeField(_("date"), default=clock.now)
    raw = models.FileField(upload_to=message_path, blank=True)  # the original file
    size = models.PositiveBigIntegerField(default=0)
    mailbox = models.ForeignKey(Mailbox, models.SET_NULL, null=True, related_name="messages")
    user = models.ForeignKey(  # its writer, or the owner of the drop address or mailbox that received it
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="emails"
    )
    is_automatic = models.BooleanField(default=False)  # an auto-reply, a bounce, a newsletter
    error = models.CharField(_("error"), max_length=1_000, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    was_handed_over = models.BooleanField(default=False, db_default=False)  # the server has accepted it, or may have
    answered_activity = models.ForeignKey(  # see activities.mail.plugs
        Activity, models.SET_NULL, null=True, related_name="answer_messages", verbose_name=_("answered activity")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    search = models.GeneratedField(
        expression=WordsVector("subject", "body"), output_field=SearchVectorField(), db_persist=True
    )

    objects = EmailMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail message")
        verbose_name_plural = _("e-mail messages")
        default_permissions = ()
        permissions = (("file_email", gettext_noop("May file messages of the shared inbox under customers")),)
        indexes = (
            models.Index(fields=["state", "-date", "-id"], name="email_in_state"),
            models.Index("thread", "date", name="email_of_thread"),
            models.Index(Lower("sender"), name="email_of_sender"),
            models.Index("in_reply_to", condition=~models.Q(in_reply_to=""), name="email_answers"),
            GinIndex(fields=["references"], name="email_names", fastupdate=False),
            GinIndex(fields=["search"], name="email_search", fastupdate=False),
        )

    def __str__(self) -> str:
        return self.subject or "–"

    def get_absolute_url(self) -> str:
        return self.activity.get_absolute_url() if self.activity else row_url("mail:inbox_message", self.pk)


class EmailRecipient(models.Model):
    message = models.ForeignKey(EmailMessage, models.CASCADE, related_name="recipients")
    kind = models.CharField(max_length=3, choices=RecipientKind)
    address = models.CharField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    contact = models.ForeignKey("customers.Contact", models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("recipient")
        default_permissions = ()
        ordering = ("id",)
        constraints = (models.UniqueConstraint("message", "kind", Lower("address"), name="email_recipient_once"),)

    def __str__(self) -> str:
        return self.address


@tracked()
class EmailTemplate(VersionedModel):
    """A text to start a message from, with fields such as ``{customer}``; a user's own or shared (no owner)."""

    name = LineField(_("name"), max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="email_templates",
        verbose_name=_("owner"),
    )
    subject_fi = LineField(_("subject in Finnish"), max_length=200, blank=True)
    subject_en = LineField(_("subject in English"), max_length=200, blank=True)
    body_fi = models.TextField(_("text in Finnish"), max_length=10_000, blank=True)
    body_en = models.TextField(_("text in English"), max_length=10_000, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)

    objects = EmailTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("e-mail", "template")
        verbose_name_plural = pgettext_lazy("e-mail", "templates")
        default_permissions = ()
        permissions = (("manage_email_templates", gettext_noop("May change the shared e-mail templates")),)
        ordering = ("name", "id")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("mail:templates")

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def is_shared(self) -> bool:
        return self.owner_id is None

    def texts_in(self, language: str) -> dict[str, str]:
        """Return subject and body in a language, or in the other language where one is missing."""
        first, second = ("en", "fi") if language == "en" else ("fi", "en")
        return {
            name: getattr(self, f"{name}_{first}") or getattr(self, f"{name}_{second}") for name in ("subject", "body")
        }

    @property
    def subject(self) -> str:
        return self.subject_en if get_language() == "en" else self.subject_fi


@tracked()
class IgnoreRule(models.Model):
    """A rule that keeps messages out of the inbox: those of an address or a domain, or all newsletters."""

    kind = models.CharField(_("what"), max_length=8, choices=IgnoreKind)
    pattern = LineField(_("address or domain"), max_length=254, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("ignore rule")
        verbose_name_plural = _("ignore rules")
        default_permissions = ()
        constraints = (models.UniqueConstraint("kind", Lower("pattern"), name="ignore_rule_once"),)

    def __str__(self) -> str:
        return self.pattern or self.get_kind_display()

    def get_absolute_url(self) -> str:
        return reverse("mail:ignore_rules")


class OutboxRow(models.Model):
    """A row from which a mail is made at the time of sending."""

    state = models.CharField(_("state"), max_length=8, choices=MessageState, default=MessageState.WAITING)
    state_at = models.DateTimeField(default=clock.now, db_default=Now())  # when to send a waiting row
    error = models.CharField(_("error"), max_length=500, blank=True, db_default="")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class MailboxReference(Reference):
    """A mailbox that a saved view names."""

    target = target(Mailbox)
