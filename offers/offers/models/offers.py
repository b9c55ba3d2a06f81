"""Offers (tarjous): their lines, sent versions, personal links, activities and approvals."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core import clock
from core.addresses import row_url
from core.fields import AddressField, Fold, LineField
from core.models import StatusChange, VersionedModel
from core.tracking import tracked
from customers.enums import CustomerLanguage
from offers.offers.enums import UNDECIDED, ApprovalState, ApprovalStep, LinkAnswer, OfferStatus
from offers.offers.models.settings import LostReason, OfferType
from offers.offers.querysets import OfferQuerySet
from offers.products.models import Line
from offers.products.money import MAX_NET, PERCENT, MoneyField

IS_UNDECIDED = models.Q(status__in=["open", "sent"])


@tracked(exclude=["title_folded"])
class Offer(VersionedModel):
    """An offer to a customer. ``net``, ``vat`` and ``max_discount`` are computed from its lines by services.

    ``max_discount`` is the greatest reduction of a line from the register's price (``offers.products.reductions``).
    """

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    type = models.ForeignKey(OfferType, models.PROTECT, related_name="offers", verbose_name=_("type"))
    title = LineField(pgettext_lazy("offer", "title"), max_length=200)
    title_folded = models.GeneratedField(
        expression=Fold(models.F("title")), output_field=models.TextField(), db_persist=True
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="offers", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        "customers.Contact", models.PROTECT, null=True, blank=True, related_name="offers", verbose_name=_("contact")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="offers", verbose_name=_("account manager")
    )
    came_from = models.ForeignKey(
        "activities.Activity",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="offers",
        verbose_name=_("lead or activity"),
        help_text=_("What led to the offer."),
    )
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="copies", editable=False
    )
    status = models.CharField(_("status"), max_length=10, choices=OfferStatus, default=OfferStatus.OPEN, editable=False)
    status_since = models.DateTimeField(_("in this status since"), default=clock.now, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=CustomerLanguage, default=CustomerLanguage.FI)
    date = models.DateField(_("date"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    expected_close = models.DateField(_("expected close"), null=True, blank=True)
    probability = models.PositiveSmallIntegerField(
        _("probability"),
        null=True,
        blank=True,
        validators=PERCENT,
        help_text=_("Per cent. Leave empty to use the default of the stage."),
    )
    estimate = MoneyField(
        _("estimated value"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(MAX_NET)],
        help_text=_("Euros without VAT, while there are no lines."),
    )
    intro = models.TextField(_("opening text"), max_length=4_000, blank=True)
    terms = models.TextField(_("terms"), max_length=4_000, blank=True)
    internal_notes = models.TextField(
        _("internal notes"), max_length=4_000, blank=True, help_text=_("Never shown to the customer.")
    )
    customer_notes = models.TextField(_("notes to the customer"), max_length=4_000, blank=True)
    net = MoneyField(_("amount without VAT"), default=0, editable=False)
    vat = MoneyField(_("VAT"), default=0, editable=False)
    max_discount = models.DecimalField(max_digits=5, decimal_places=2, default=0, editable=False)
    content_version = models.PositiveIntegerField(default=1, editable=False)  # raised when approved content changes
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    lost_reason = models.ForeignKey(
        LostReason, models.PROTECT, null=True, editable=False, related_name="offers", verbose_name=_("lost reason")
    )
    competitor = models.CharField(_("competitor"), max_length=120, blank=True, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)  # of its expiry
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("by")
    )
    is_demo = models.BooleanField(default=False, editable=False)

    may_act: bool  # where a page says so of its reader: ``customers.acting``

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        default_permissions = ()
        permissions = (
            ("write_offers", gettext_noop("May write offers and orders and change their own")),
            ("change_any_offer", gettext_noop("May change every offer and order")),
            ("approve_content", gettext_noop("May approve the content of offers")),
            ("approve_price", gettext_noop("May approve the price of offers")),
            ("sign_offers", gettext_noop("May sign offers")),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=models.F("date")),
                name="offer_valid_until",
                violation_error_message=_("The offer cannot expire before its own date."),
            ),
            models.CheckConstraint(
                condition=~models.Q(status="lost") | models.Q(lost_reason__isnull=False),
                name="offer_lost_has_reason",
                violation_error_message=_("Choose the lost reason."),
            ),
        )
        indexes = (
            models.Index(fields=["-date", "-id"], name="offer_date"),
            models.Index(fields=["customer", "-date", "-id"], name="offer_of_customer"),
            models.Index(fields=["owner", "-date", "-id"], name="offer_of_owner"),
            models.Index(fields=["type", "-date", "-id"], name="offer_of_type"),
            models.Index(fields=["status", "-date", "-id"], name="offer_of_status"),
            models.Index("net", "id", name="offer_net"),
            models.Index("decided_at", "id", condition=models.Q(decided_at__isnull=False), name="offer_decided"),
            models.Index(
                "owner", "decided_at", "id", condition=models.Q(decided_at__isnull=False), name="offer_owner_decided"
            ),
            models.Index("status_since", "id", condition=IS_UNDECIDED, name="offer_undecided"),
            models.Index("owner", "status_since", condition=IS_UNDECIDED, name="offer_owner_undecided"),
            models.Index("type", "status_since", "id", condition=IS_UNDECIDED, name="offer_type_undecided"),
            models.Index("valid_until", "id", condition=IS_UNDECIDED, name="offer_valid"),
            models.Index("expected_close", "id", condition=IS_UNDECIDED, name="offer_expected"),
            models.Index("lost_reason", "decided_at", condition=models.Q(status="lost"), name="offer_lost"),
            models.Index(
                Upper("competitor"), "decided_at", condition=~models.Q(competitor=""), name="offer_competitor"
            ),
            GinIndex(OpClass("title_folded", "gin_trgm_ops"), name="offer_title_search"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return row_url("offers:detail", self.pk)

    @property
    def gross(self) -> object:
        return self.net + self.vat

    @property
    def is_undecided(self) -> bool:
        return self.status in UNDECIDED

    @property
    def is_expired(self) -> bool:
        return bool(self.is_undecided and self.valid_until and self.valid_until < clock.today())

    @property
    def likely(self) -> int:
        """Return the offer's own probability, or the default of its stage, in per cent."""
        return self.type.probability(self.status) if self.probability is None else self.probability

    @property
    def days_in_status(self) -> int:
        return (clock.user_today() - timezone.localtime(self.status_since).date()).days

    @property
    def is_stuck(self) -> bool:
        """Return whether it has been at its stage longer than its type allows."""
        limit = self.type.days_at(self.status)
        return limit is not None and self.days_in_status > limit


@tracked()
class OfferLine(Line):
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="lines", verbose_name=_("offer"))
    content_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("content owner"),
    )

    class Meta(Line.Meta):
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        default_permissions = ()
        indexes = (
            models.Index("offer", "position", name="offerline_of_offer"),
            models.Index("product", "offer", name="offerline_of_product"),
        )


class OfferStatusChange(StatusChange):
    offer = models.ForeignKey(Offer, models.CASCADE, related_name="status_changes", verbose_name=_("offer"))
    from_status = models.CharField(_("from"), max_length=10, choices=OfferStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=OfferStatus)

    class Meta(StatusChange.Meta):
        indexes = (models.Index("to_status", "at", name="offer_change_to"),)


class OfferVersion(models.Model):
    """An offer as it was made into a PDF; never changed. ``content`` is written by ``services.sending``."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="versions", verbose_name=_("offer"))
    number = models.PositiveSmallIntegerField(_("version"))
    content_version = models.PositiveIntegerField()
    content = models.JSONField(default=dict)
    net = MoneyField(_("amount without VAT"), default=0)
    vat = MoneyField(_("VAT"), default=0)
    valid_until = models.DateField(_("valid until"), null=True)
    pdf = models.FileField(upload_to="offers/%Y/%m/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(_("made"), default=clock.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    email = models.ForeignKey(  # the activity of the message
        "activities.Activity", models.SET_NULL, null=True, related_name="offer_versions"
    )

    class Meta:
        verbose_name = _("version of an offer")
        default_permissions = ()
        ordering = ("-number",)
        constraints = (models.UniqueConstraint(fields=["offer", "number"], name="offer_version_once"),)

    def __str__(self) -> str:
        return f"{self.offer.number}/{self.number}"

    def get_absolute_url(self) -> str:
        return self.offer.get_absolute_url()

    @property
    def file_name(self) -> str:
        return f"{self.offer.number}-v{self.number}.pdf"


@tracked(exclude=["digest", "opened_at"])
class OfferLink(models.Model):
    """The personal link through which a contact reads a version and answers once."""

    version = models.ForeignKey(OfferVersion, models.CASCADE, related_name="links")
    contact = models.ForeignKey("customers.Contact", models.PROTECT, null=True, related_name="offer_links")
    email = AddressField(_("e-mail"), blank=True)
    language = models.CharField(max_length=2)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the link's secret
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(_("opened"), null=True)
    answer = models.CharField(_("answer"), max_length=10, choices=LinkAnswer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answer_name = LineField(_("name"), max_length=200, blank=True)
    comment = models.TextField(_("comment"), max_length=2_000, blank=True)

    class Meta:
        verbose_name = _("link to an offer")
        default_permissions = ()

    def __str__(self) -> str:
        return self.email

    def get_absolute_url(self) -> str:
        return self.version.get_absolute_url()


@tracked()
class OfferActivity(models.Model):
    """An activity of an offer: its origin, its next step, or the message that sent it."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="offer_activities", verbose_name=_("offer"))
    activity = models.ForeignKey(
        "activities.Activity", models.CASCADE, related_name="offer_activities", verbose_name=_("activity")
    )

    class Meta:
        verbose_name = _("activity of an offer")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["offer", "activity"], name="offer_activity_once"),)

    def __str__(self) -> str:
        return str(self.activity)


class OutsideNumber(models.Model):
    """The number of an offer or a lead in another system, by which an import finds its earlier rows."""

    system = LineField(_("system"), max_length=60)
    number = LineField(_("number"), max_length=60)
    offer = models.ForeignKey(Offer, models.CASCADE, null=True, related_name="outside_numbers")
    lead = models.ForeignKey("activities.Activity", models.CASCADE, null=True, related_name="outside_numbers")

    class Meta:
        verbose_name = _("number in another system")
        verbose_name_plural = _("numbers in another system")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(Upper("system"), Upper("number"), name="outside_number_unique"),
            models.CheckConstraint(
                condition=models.Q(offer__isnull=False, lead__isnull=True)
                | models.Q(offer__isnull=True, lead__isnull=False),
                name="outside_number_of_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.system} {self.number}"


@tracked()
class Approval(models.Model):
    """One approval step of one content of an offer: requested again when the content changes."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="approvals", verbose_name=_("offer"))
    content_version = models.PositiveIntegerField()
    step = models.CharField(_("step"), max_length=10, choices=ApprovalStep)
    state = models.CharField(_("state"), max_length=10, choices=ApprovalState, default=ApprovalState.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("requested by")
    )
    asked_at = models.DateTimeField(_("requested"), default=clock.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="approvals", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    comment = models.CharField(_("comment"), max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        default_permissions = ()
        ordering = ("-content_version", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["offer", "content_version", "step"],
                name="approval_once",
                violation_error_message=_("This approval has already been requested."),
            ),
        )
        indexes = (models.Index("step", "asked_at", condition=models.Q(state="waiting"), name="approval_waiting"),)

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.get_state_display()}"
