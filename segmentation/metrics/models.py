"""Metrics of customers with their history, values entered or imported, areas, and the costs of profitability."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import clock
from core.fields import LineField
from core.models import Choice, VersionedModel
from core.tracking import tracked
from customers.models import Customer, Municipality
from customers.selections.models import Reference, target
from segmentation.metrics.enums import HIGHEST, OwnKind
from segmentation.metrics.querysets import OwnValueQuerySet

MONEY: dict[str, Any] = {"max_digits": 14, "decimal_places": 2}
MONEY_VALIDATORS = [MinValueValidator(0), MaxValueValidator(Decimal("999999999999.99"))]


class CustomerMetrics(models.Model):
    """The figures of a customer by code; one that is not known is not there. ``since`` is the first month computed."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="metrics")
    values = models.JSONField(default=dict)
    computed_at = models.DateTimeField(_("computed"), default=clock.now)
    since = models.DateField()

    class Meta:
        verbose_name = _("metrics of a customer")
        default_permissions = ()
        permissions = (
            ("view_value", gettext_noop("May see the value of customers and their profitability")),
            ("manage_metrics", gettext_noop("May change own metrics, areas and costs")),
        )

    def __str__(self) -> str:
        return str(self.customer_id)


class MetricHistory(models.Model):
    """The value of a figure at the end of the months from ``from_month`` to ``to_month`` (none: still).

    There is no row where the value is what no data means. The table is partitioned by the year of ``from_month``
    (``services.partitions``); deleting a customer deletes its rows in the database.
    """

    pk = models.CompositePrimaryKey("customer_id", "code", "from_month")
    customer = models.ForeignKey(Customer, models.DO_NOTHING, related_name="+", db_index=False)
    code = models.CharField(max_length=60)
    from_month = models.DateField()
    to_month = models.DateField(null=True)
    value = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        verbose_name = _("history of metrics")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.customer_id} {self.code} {self.from_month}"


class AdminChoice(Choice):
    """A line of a list on the page of the settings of metrics."""

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return reverse("metrics:settings")


@tracked()
class Area(AdminChoice):
    """An area of municipalities by distance from us, in order; the rest of the world is one more, after the last."""

    municipalities: models.ManyToManyField[Municipality, models.Model] = models.ManyToManyField(
        Municipality, related_name="+", blank=True, verbose_name=_("municipalities")
    )

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="area_code_unique"),)


@tracked()
class OwnMetric(AdminChoice):
    """A metric that administrators define: its values are entered on customers' pages or imported."""

    definition_fi = models.CharField(_("definition in Finnish"), max_length=500)
    definition_en = models.CharField(_("definition in English"), max_length=500)
    kind = models.CharField(_("kind"), max_length=10, choices=OwnKind, default=OwnKind.NUMBER)
    valid_months = models.PositiveSmallIntegerField(
        _("months until a value expires"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Empty: it never does. An expired value is not known."),
    )
    is_value = models.BooleanField(
        _("says what the customer is worth"),
        default=False,
        help_text=_("Shown only where the value of customers is used, and to those who may see it."),
    )
    is_needed = models.BooleanField(
        _("is missing information"), default=False, help_text=_("Listed as missing where it is not known.")
    )

    class Meta:
        verbose_name = pgettext_lazy("metric", "own metric")
        verbose_name_plural = pgettext_lazy("metric", "own metrics")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="own_metric_code_unique"),)

    @property
    def definition(self) -> str:
        return self.definition_en if get_language() == "en" else self.definition_fi

    @property
    def metric_code(self) -> str:
        """The code among all metrics, which contains no hyphen."""
        return f"own_{self.code.replace('-', '_').lower()}"

    @property
    def is_scale(self) -> bool:
        return self.kind == OwnKind.SCALE


@tracked()
class OwnLevel(models.Model):
    """What a number of a scale means in words."""

    metric = models.ForeignKey(OwnMetric, models.CASCADE, related_name="levels", verbose_name=_("metric"))
    number = models.PositiveSmallIntegerField(_("number"), validators=[MaxValueValidator(HIGHEST)])
    words_fi = LineField(_("words in Finnish"), max_length=200)
    words_en = LineField(_("words in English"), max_length=200)

    class Meta:
        verbose_name = _("words of a number")
        default_permissions = ()
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["metric", "number"], name="own_level_once"),)

    def __str__(self) -> str:
        return f"{self.number} – {self.words}"

    @property
    def words(self) -> str:
        return self.words_en if get_language() == "en" else self.words_fi


@tracked()
class OwnValue(models.Model):
    """A value of an own metric from a day on: who gave it, why, and until when. The newest one replaces the others."""

    metric = models.ForeignKey(OwnMetric, models.PROTECT, related_name="values", verbose_name=_("metric"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="own_values", verbose_name=_("customer"))
    number = models.DecimalField(_("value"), max_digits=16, decimal_places=2, null=True, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    given_on = models.DateField(_("valid from"), default=clock.today)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    replaced_on = models.DateField(null=True, editable=False)
    reason = models.CharField(_("grounds"), max_length=500, blank=True)
    source = LineField(_("source"), max_length=120, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    given_at = models.DateTimeField(_("entered"), default=clock.now, editable=False)

    objects = OwnValueQuerySet.as_manager()

    class Meta:
        verbose_name = _("value of a metric")
        verbose_name_plural = _("values of metrics")
        default_permissions = ()
        ordering = ("-given_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "metric"], condition=models.Q(replaced_on__isnull=True), name="own_value_current"
            ),
            models.CheckConstraint(
                condition=models.Q(number__isnull=True) | models.Q(day__isnull=True), name="own_value_of_one_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_on__isnull=True) | models.Q(expires_on__gte=models.F("given_on")),
                name="own_value_dates",
                violation_error_message=_("The end is before the start."),
            ),
        )
        indexes = (models.Index("customer", "metric", models.F("given_on").desc(), name="own_value_of_customer"),)

    def __str__(self) -> str:
        return f"{self.metric}: {self.day or self.number}"

    @property
    def is_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < clock.today()


@tracked()
class HourCost(models.Model):
    """What an hour of a group's members costs from a day on."""

    role = models.ForeignKey("accounts.Role", models.CASCADE, related_name="+", verbose_name=_("group"))
    valid_from = models.DateField(_("valid from"))
    amount = models.DecimalField(
        _("cost per hour"), max_digits=8, decimal_places=2, validators=[MinValueValidator(0)], help_text=_("Euros.")
    )

    class Meta:
        verbose_name = _("cost of an hour")
        verbose_name_plural = _("costs of an hour")
        default_permissions = ()
        ordering = ("role", "-valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=["role", "valid_from"],
                name="hour_cost_once",
                violation_error_message=_("This group has a cost from this day already."),
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="hour_cost_amount"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.valid_from}"

    def get_absolute_url(self) -> str:
        return reverse("metrics:settings")


@tracked(exclude=["rate"])
class ServiceCost(models.Model):
    """What the common service of a year costs. ``rate`` is the cost for an hour of work, computed every night."""

    year = models.PositiveSmallIntegerField(
        _("year"), unique=True, validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    amount = models.DecimalField(
        _("service cost"), validators=MONEY_VALIDATORS, help_text=_("Euros in the whole year."), **MONEY
    )
    rate = models.DecimalField(max_digits=14, decimal_places=4, null=True, editable=False)

    class Meta:
        verbose_name = _("service cost of a year")
        verbose_name_plural = _("service costs of years")
        default_permissions = ()
        ordering = ("-year",)
        constraints = (models.CheckConstraint(condition=models.Q(amount__gte=0), name="service_cost_amount"),)

    def __str__(self) -> str:
        return str(self.year)

    def get_absolute_url(self) -> str:
        return reverse("metrics:settings")


@tracked()
class OrderCost(VersionedModel):
    """The direct cost of an order: trainers from outside, material, rooms."""

    order = models.OneToOneField(
        "orders.Order",
        models.CASCADE,
        primary_key=True,
        related_name="cost",
        verbose_name=pgettext_lazy("noun", "order"),
    )
    amount = models.DecimalField(
        _("direct cost"), validators=MONEY_VALIDATORS, help_text=_("Euros without VAT."), **MONEY
    )
    source = LineField(_("source"), max_length=120, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("direct cost of an order")
        default_permissions = ()
        constraints = (models.CheckConstraint(condition=models.Q(amount__gte=0), name="order_cost_amount"),)

    def __str__(self) -> str:
        return str(self.amount)


class OwnMetricReference(Reference):
    """An own metric that a condition names."""

    target = target(OwnMetric)
