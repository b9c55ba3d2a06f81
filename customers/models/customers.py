"""Customers and the records that belong to them alone."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import fields
from core.addresses import row_url
from core.models import VersionedModel
from core.tracking import tracked
from customers.enums import (
    AddressKind,
    Channel,
    ChargingMethod,
    CustomerKind,
    CustomerLanguage,
    CustomerState,
    Directness,
    OrganisationForm,
    PassiveReason,
    ResponsibilityRole,
)
from customers.models.words import keep_words
from customers.querysets import CustomerQuerySet, ResponsibilityQuerySet
from customers.search_words import CUSTOMER_NAMES
from customers.validators import BusinessIdField, PhoneField


class Municipality(models.Model):
    """A Finnish municipality and its region (default data; codes of Statistics Finland)."""

    code = models.CharField(max_length=3, unique=True)
    name_fi = fields.LineField(_("name in Finnish"), max_length=60)
    name_sv = fields.LineField(_("name in Swedish"), max_length=60)
    region = models.CharField(_("region"), max_length=60, db_index=True)
    sort_key = fields.sort_key("name_fi")

    class Meta:
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")
        default_permissions = ()
        ordering = ("sort_key",)

    text_sql = "name_fi"

    def __str__(self) -> str:
        return self.name_fi


@tracked()
class Customer(VersionedModel):
    """An organisation (or later a person) that we serve. It is made passive, never deleted (rules 2 and 3)."""

    kind = models.CharField(_("kind"), max_length=12, choices=CustomerKind, default=CustomerKind.ORGANISATION)
    name = fields.LineField(_("name"), max_length=200)
    official_name = fields.LineField(_("official name"), max_length=200, blank=True)
    business_id = BusinessIdField(_("business ID"), help_text=_("Seven digits, a hyphen and a check digit: 1234567-1."))
    organisation_form = models.CharField(_("organisation form"), max_length=20, choices=OrganisationForm, blank=True)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent organisation"),
    )
    municipality = models.ForeignKey(
        Municipality, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("municipality")
    )
    country = fields.LineField(_("country"), max_length=60, blank=True)
    phone = PhoneField(_("phone"))
    email = fields.AddressField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=CustomerLanguage, default=CustomerLanguage.FI)
    preferred_channel = models.CharField(_("preferred channel"), max_length=10, choices=Channel, blank=True)
    personnel = models.PositiveIntegerField(_("personnel"), null=True, blank=True)
    personnel_change = models.IntegerField(
        _("change in personnel"), null=True, blank=True, help_text=_("Employees per year, + or −.")
    )
    turnover = models.DecimalField(
        _("turnover"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Euros per year."),
        validators=[MinValueValidator(0)],
    )
    founded = models.PositiveSmallIntegerField(
        _("founded"), null=True, blank=True, validators=[MinValueValidator(1000)]
    )
    registry_industry = fields.LineField(
        _("registry industry"),
        max_length=200,
        blank=True,
        help_text=_("From the company register; our own industry is a classification."),
    )
    directness = models.CharField(_("direct or indirect"), max_length=10, choices=Directness, default=Directness.DIRECT)
    charging_method = models.CharField(_("charging method"), max_length=10, choices=ChargingMethod, blank=True)
    cost_centre = fields.LineField(_("cost centre"), max_length=60, blank=True)
    is_obliged_to_buy = models.BooleanField(_("obliged to buy"), default=False)
    description = models.TextField(_("description"), max_length=10_000, blank=True)
    source = fields.LineField(_("source"), max_length=120, blank=True, help_text=_("Where the data came from."))
    state = models.CharField(
        _("state"), max_length=10, choices=CustomerState, default=CustomerState.ACTIVE, editable=False
    )
    passive_reason = models.CharField(_("reason"), max_length=20, choices=PassiveReason, blank=True, editable=False)
    passive_note = models.CharField(_("explanation"), max_length=500, blank=True, editable=False)
    passive_since = models.DateField(_("inactive since"), null=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    sort_key = fields.sort_key("name")
    name_key = fields.name_key("name")

    may_act: bool  # where a page says so of its reader: ``customers.acting``

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        default_permissions = ()
        permissions = (
            ("add_customer", gettext_noop("May add customers")),
            ("change_own_customer", gettext_noop("May change customers they are responsible for")),
            ("change_any_customer", gettext_noop("May change every customer")),
            ("classify_any_customer", gettext_noop("May assign classes to every customer")),
            ("manage_passive", gettext_noop("May list inactive customers and activate them")),
            ("merge_customer", gettext_noop("May merge duplicates")),
            ("attach_documents", gettext_noop("May attach documents")),
        )
        constraints = (
            models.UniqueConstraint(
                "business_id",
                condition=~models.Q(business_id=""),
                name="customer_business_id_unique",
                violation_error_message=_("Another customer has this business ID."),
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="customer_not_own_parent",
                violation_error_message=_("A customer cannot be its own parent."),
            ),
        )
        indexes = (
            models.Index("sort_key", "id", name="customer_sort"),
            models.Index("sort_key", "id", condition=models.Q(state="active"), name="customer_sort_active"),
            models.Index("name_key", name="customer_name_key"),
            models.Index("municipality", "sort_key", "id", name="customer_municipality"),
            models.Index("personnel", "id", name="customer_personnel"),
            models.Index("created_at", "id", name="customer_created"),
            models.Index(
                "organisation_form", "sort_key", "id", condition=~models.Q(organisation_form=""), name="customer_form"
            ),
            models.Index("language", "sort_key", "id", condition=~models.Q(language="fi"), name="customer_language"),
            models.Index("sort_key", "id", condition=models.Q(is_obliged_to_buy=True), name="customer_obliged"),
            models.Index(OpClass(Upper("source"), name="text_pattern_ops"), name="customer_source"),
            models.Index("phone", condition=~models.Q(phone=""), name="customer_phone"),
            models.Index(Upper("email"), condition=~models.Q(email=""), name="customer_email"),
        )
        triggers = (
            pgtrigger.Trigger(
                name="make_summary",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func="INSERT INTO customers_customersummary (customer_id, open_activities) "
                "SELECT id, 0 FROM new_rows ON CONFLICT DO NOTHING; "
                "INSERT INTO customers_customersearch (customer_id, text) "
                "SELECT id, portaali_fold(name) FROM new_rows ON CONFLICT DO NOTHING; RETURN NULL;",
            ),
            *keep_words(CUSTOMER_NAMES, of_contacts=False),
        )

    text_sql = "name"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return row_url("customers:detail", self.pk)

    @property
    def is_passive(self) -> bool:
        return self.state == CustomerState.PASSIVE

    @property
    def closed_text(self) -> str:
        """Why nothing is done about the customer, for those who see it all the same."""
        return str(_("The customer is inactive: activate it first.")) if self.is_passive else ""


class CustomerSummary(models.Model):
    """The read model of lists: one row per customer, created by a trigger and updated by services.

    ``summaries_refresh`` here and the functions of the apps that own the figures (``contact_dates_refresh``,
    ``offer_sums_refresh``, ``order_sums_refresh``) recompute it; a nightly job does so for
    all customers. ``segment`` is written by the services of memberships only.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="summary")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    group = models.ForeignKey("customers.ClassificationNode", models.SET_NULL, null=True, related_name="+")
    segment = models.ForeignKey(
        "schemes.Segment", models.SET_NULL, null=True, related_name="+"
    )  # of the primary scheme
    industry = models.ForeignKey("customers.ClassificationNode", models.SET_NULL, null=True, related_name="+")
    size = models.ForeignKey("customers.ClassificationNode", models.SET_NULL, null=True, related_name="+")
    last_contact_at = models.DateTimeField(_("last contact"), null=True)
    next_contact_at = models.DateTimeField(_("next contact"), null=True)
    open_activities = models.PositiveIntegerField(_("open activities"), default=0)
    ordered_12_months = models.DecimalField(  # euros without VAT
        _("orders in 12 months"), max_digits=14, decimal_places=2, default=0, db_default=0
    )
    open_offers = models.PositiveIntegerField(_("open offers"), default=0, db_default=0)
    open_offers_net = models.DecimalField(
        _("value of open offers"), max_digits=14, decimal_places=2, default=0, db_default=0
    )
    first_order_on = models.DateField(_("first order"), null=True)
    last_order_on = models.DateField(_("last order"), null=True)

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index("last_contact_at", "customer", name="summary_last_contact"),
            models.Index("next_contact_at", "customer", name="summary_next_contact"),
            models.Index("ordered_12_months", "customer", name="summary_ordered"),
            models.Index("open_offers_net", "customer", name="summary_open_offers"),
            models.Index("last_order_on", "customer", name="summary_last_order"),
            models.Index("customer", condition=models.Q(open_offers__gt=0), name="summary_with_offers"),
            models.Index("customer", condition=models.Q(owner__isnull=True), name="summary_without_owner"),
        )

    def __str__(self) -> str:
        return str(self.customer_id)


class CustomerSearch(models.Model):
    """What a customer is found by: its folded names, numbers and addresses, created and updated with its summary.

    It is a separate row: the summary changes with each activity, and every change of a row is written to each index.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="search_row")
    text = models.TextField(default="", blank=True)

    class Meta:
        default_permissions = ()
        indexes = (GinIndex(OpClass("text", "gin_trgm_ops"), name="customer_search"),)

    def __str__(self) -> str:
        return str(self.customer_id)


@tracked()
class Address(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses", verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=10, choices=AddressKind)
    street = fields.LineField(_("street address"), max_length=200, blank=True)
    postal_code = fields.LineField(_("postal code"), max_length=12, blank=True)
    city = fields.LineField(_("city"), max_length=80, blank=True)
    country = fields.LineField(_("country"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "kind"],
                name="address_kind_once",
                violation_error_message=_("The customer already has an address of this kind."),
            ),
        )

    def __str__(self) -> str:
        town = f"{self.postal_code} {self.city}".strip()
        return ", ".join(part for part in (self.street, town, self.country) if part)


@tracked()
class CustomerNumber(models.Model):
    """The customer's number in another system, which matches imported rows to the customer."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="numbers", verbose_name=_("customer"))
    system = fields.LineField(_("system"), max_length=60)
    number = fields.LineField(_("customer number"), max_length=60)

    class Meta:
        verbose_name = _("customer number")
        verbose_name_plural = _("customer numbers")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                Upper("system"),
                Upper("number"),
                name="customer_number_unique",
                violation_error_message=_("Another customer has this number in this system."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.system} {self.number}"


class DateRange(models.Func):
    function = "DATERANGE"
    output_field = DateRangeField()


@tracked()
class Responsibility(models.Model):
    """A user's responsibility for a customer for a period (both days included); one owner at a time."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="responsibilities", verbose_name=_("customer"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="responsibilities", verbose_name=_("responsible person")
    )
    role = models.CharField(_("role"), max_length=10, choices=ResponsibilityRole, default=ResponsibilityRole.OWNER)
    description = models.CharField(
        _("responsibility"), max_length=120, blank=True, help_text=_("E.g. work-based learning coordinator.")
    )
    start = models.DateField(_("from"))
    end = models.DateField(_("to"), null=True, blank=True)

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("responsible person")
        verbose_name_plural = _("responsible persons")
        default_permissions = ()
        ordering = ("role", "-start")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end__isnull=True) | models.Q(end__gte=models.F("start")),
                name="responsibility_dates",
                violation_error_message=_("The end is before the start."),
            ),
            ExclusionConstraint(
                name="responsibility_one_owner",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    (DateRange("start", "end", models.Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(role="owner"),
                violation_error_message=_("The customer has another owner at that time."),
            ),
        )
        indexes = (models.Index("user", "customer", name="responsibility_user"),)

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class Favourite(models.Model):
    """A customer in a user's menu."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="favourites")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "customer"], name="favourite_once"),)

    def __str__(self) -> str:
        return str(self.customer_id)
