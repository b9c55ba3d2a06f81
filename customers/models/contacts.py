"""Contacts: persons who work for customers."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import clock
from core.addresses import row_url
from core.fields import Fold, LineField, SortKey, Stripped
from core.models import VersionedModel
from core.tracking import tracked
from customers.contact_search import rest_of_name
from customers.enums import Channel, ContactPointKind, CustomerLanguage
from customers.models.words import keep_words
from customers.querysets import ContactQuerySet, PositionQuerySet
from customers.search_words import CONTACT_NAMES


@tracked()
class Contact(VersionedModel):
    """A person. Positions link the person to customers, so that a change of employer keeps the history."""

    first_name = LineField(_("first name"), max_length=80, blank=True)
    last_name = LineField(_("last name"), max_length=80)
    language = models.CharField(_("language"), max_length=5, choices=CustomerLanguage, default=CustomerLanguage.FI)
    preferred_channel = models.CharField(_("preferred channel"), max_length=10, choices=Channel, blank=True)
    description = models.TextField(_("description"), max_length=10_000, blank=True)
    is_hidden = models.BooleanField(default=False, editable=False)  # works only for inactive customers
    is_demo = models.BooleanField(default=False, editable=False)
    sort_key = models.GeneratedField(
        expression=SortKey(Concat("last_name", models.Value(" "), "first_name")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )
    search_text = models.GeneratedField(
        expression=Fold(Concat("first_name", models.Value(" "), "last_name", models.Value(" "), "first_name")),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        default_permissions = ()
        permissions = (("edit_contacts", gettext_noop("May add and change contacts")),)
        indexes = (
            models.Index("sort_key", "id", name="contact_sort"),
            models.Index("created_at", "id", name="contact_created"),
            models.Index("language", "sort_key", "id", condition=~models.Q(language="fi"), name="contact_language"),
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="contact_search"),
            GinIndex(OpClass(rest_of_name(), name="gin_trgm_ops"), name="contact_rest_search"),
        )
        triggers = keep_words(CONTACT_NAMES, of_contacts=True)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @staticmethod
    def text_sql(path: str) -> Stripped:
        return Stripped(Concat(f"{path}first_name", models.Value(" "), f"{path}last_name"))

    def get_absolute_url(self) -> str:
        return row_url("customers:contact", self.pk)


@tracked()
class ContactPoint(models.Model):
    """A phone number (E.164) or an e-mail address of a contact."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="points", verbose_name=_("contact"))
    kind = models.CharField(_("kind"), max_length=5, choices=ContactPointKind)
    value = LineField(_("number or address"), max_length=254)
    label = LineField(_("label"), max_length=60, blank=True, help_text=_("E.g. work, mobile, switchboard."))
    is_primary = models.BooleanField(_("primary"), default=False)

    class Meta:
        verbose_name = _("phone or e-mail")
        verbose_name_plural = _("phones and e-mails")
        default_permissions = ()
        ordering = ("kind", "-is_primary", "id")
        constraints = (models.UniqueConstraint(fields=["contact", "kind", "value"], name="contact_point_once"),)
        indexes = (
            models.Index("value", name="contact_point_value"),
            GinIndex(OpClass(Fold("value"), name="gin_trgm_ops"), name="contact_point_search"),
        )

    def __str__(self) -> str:
        return self.value


@tracked(exclude=["title_folded"])
class Position(models.Model):
    """A contact's position at a customer for a period, with the role in its decision structure."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="positions", verbose_name=_("contact"))
    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="positions", verbose_name=_("customer")
    )
    title = LineField(_("job title"), max_length=120, blank=True)
    title_folded = models.GeneratedField(
        expression=Fold(models.F("title")), output_field=models.TextField(), db_persist=True
    )
    role = models.ForeignKey(
        "customers.ClassificationNode",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="positions",
        verbose_name=_("role in decisions"),
    )
    area = LineField(
        _("service or system"), max_length=120, blank=True, help_text=_("What this person is our contact for.")
    )
    start = models.DateField(_("from"), null=True, blank=True)
    end = models.DateField(_("to"), null=True, blank=True)

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        default_permissions = ()
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__isnull=True)
                | models.Q(start__isnull=True)
                | models.Q(end__gte=models.F("start")),
                name="position_dates",
                violation_error_message=_("The end is before the start."),
            ),
            models.UniqueConstraint(
                fields=["contact", "customer"],
                condition=models.Q(end__isnull=True),
                name="position_current_once",
                violation_error_message=_("The contact already works for this customer."),
            ),
        )
        indexes = (
            models.Index("customer", "contact", name="position_customer"),
            GinIndex(OpClass("title_folded", "gin_trgm_ops"), name="position_title_search"),
        )

    def __str__(self) -> str:
        return f"{self.title or self.contact}, {self.customer}"

    @property
    def is_current(self) -> bool:
        return self.end is None or self.end >= clock.today()


@tracked()
class Consent(models.Model):
    """A yes or no to marketing through a channel, with date and source. The newest one of a channel applies."""

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="consents", verbose_name=_("contact"))
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    is_given = models.BooleanField(_("consents"))
    given_on = models.DateField(_("date"), default=clock.today)
    source = LineField(_("source"), max_length=200, help_text=_("The source: a form, a phone call or an e-mail."))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("marketing consent")
        verbose_name_plural = _("marketing consents")
        default_permissions = ()
        ordering = ("channel", "-given_on", "-id")
        indexes = (models.Index(fields=["contact", "channel", "-given_on", "-id"], name="consent_newest"),)

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {_('yes') if self.is_given else _('no')}"
