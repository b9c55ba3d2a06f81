"""Scorecards: of a customer, a team or the customer strategy, one for each year; their lines; perspectives."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from careplans.scorecards.enums import CardKind, CardStatus, Expected, LineUnit
from careplans.scorecards.models.base import Approvable
from careplans.scorecards.querysets import LineQuerySet, ScorecardQuerySet
from core.addresses import row_url
from core.fields import LineField
from core.models import Choice, DeletableModel, StatusChange
from core.tracking import tracked
from customers.models import Customer
from customers.scores import Scope, ScoreMetric, score_metrics

FIRST_YEAR, LAST_YEAR = 2000, 2100
NUMBER: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "null": True, "blank": True}


@tracked()
class Perspective(Choice):
    """A point of view under which a scorecard has goals."""

    is_value = models.BooleanField(
        _("says what customers are worth"),
        default=False,
        help_text=_("Its goals are shown only where the value of customers is used, and to those who may see it."),
    )

    class Meta:
        verbose_name = pgettext_lazy("scorecard", "perspective")
        verbose_name_plural = _("perspectives of scorecards")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="perspective_code_unique"),)


@tracked(exclude=["version", "updated_at", "editors"])
class Scorecard(Approvable):
    """The goals of a year with targets and actuals. ``version`` counts the changes of the row and its lines."""

    kind = models.CharField(_("type"), max_length=10, choices=CardKind)
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="scorecards", verbose_name=_("customer")
    )
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, blank=True, related_name="scorecards", verbose_name=_("team")
    )
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    status = models.CharField(_("status"), max_length=10, choices=CardStatus, default=CardStatus.DRAFT, editable=False)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=pgettext_lazy("scorecard", "responsible"),
    )  # fmt: skip
    comment = models.TextField(_("comment"), max_length=4_000, blank=True)
    former = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="next_ones", verbose_name=_("made from"), editable=False
    )
    is_demo = models.BooleanField(default=False, editable=False)

    objects = ScorecardQuerySet.as_manager()

    class Meta:
        verbose_name = _("scorecard")
        verbose_name_plural = _("scorecards")
        default_permissions = ()
        ordering = ("-year", "kind", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "customer", "team", "year"], name="scorecard_once", nulls_distinct=False,
                violation_error_message=_("There is a scorecard of this year already."),
            ),
            models.CheckConstraint(
                condition=Q(kind=CardKind.CUSTOMER, customer__isnull=False, team__isnull=True)
                | Q(kind=CardKind.TEAM, customer__isnull=True, team__isnull=False)
                | Q(kind=CardKind.STRATEGY, customer__isnull=True, team__isnull=True),
                name="scorecard_of_one",
            ),
        )  # fmt: skip
        indexes = (
            models.Index("year", "id", name="scorecard_year"),
            models.Index("status", "year", "id", name="scorecard_status"),
            models.Index("kind", "year", "id", name="scorecard_kind"),
            models.Index("responsible", "year", "id", name="scorecard_responsible"),
            models.Index("customer", "year", name="scorecard_customer"),
        )

    def __str__(self) -> str:
        return gettext("Scorecard %(year)d: %(subject)s") % {"year": self.year, "subject": self.subject}

    def get_absolute_url(self) -> str:
        return row_url("scorecards:detail", self.pk)

    @property
    def subject(self) -> str:
        """What it is of, as a name."""
        return str(self.customer or self.team or gettext("Customer strategy"))

    def told(self) -> dict[str, Any]:
        """Return what notifications keep, to say it in the reader's language."""
        return {"year": self.year, "subject": str(self.customer or self.team or "")}

    @property
    def scope(self) -> Scope:
        """What its metrics count the figures of."""
        return Scope(customer=self.customer, team=self.team)

    @property
    def is_approved(self) -> bool:
        return self.status == CardStatus.APPROVED


@tracked(exclude=["value", "value_on"])
class ScoreLine(DeletableModel):
    """A goal with what measures it: a figure that computes itself (``metric``), or one that is entered by hand.

    ``series`` joins the lines of several years as long as they mean the same. ``value`` is the newest actual, written
    by refreshing alone; ``kept`` is the one that management approved, with its day.
    """

    card = models.ForeignKey(Scorecard, models.CASCADE, related_name="lines", verbose_name=_("scorecard"))
    perspective = models.ForeignKey(
        Perspective, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("scorecard", "perspective")
    )
    goal = LineField(_("goal"), max_length=200)
    metric = models.CharField(_("metric"), max_length=60, blank=True)
    definition = models.PositiveSmallIntegerField(_("version of the definition"), default=1, editable=False)
    name = LineField(_("what is measured"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=10, choices=LineUnit, default=LineUnit.COUNT, blank=True)
    based_on = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", verbose_name=_("made from"), editable=False
    )
    series = models.UUIDField(_("series"), default=uuid.uuid4, editable=False)
    expected = models.CharField(_("expected"), max_length=5, choices=Expected, default=Expected.UP)
    target = models.DecimalField(pgettext_lazy("scorecard", "target"), **NUMBER)
    entered = models.DecimalField(_("actual"), **NUMBER)
    comment = models.CharField(_("comment"), max_length=1_000, blank=True)
    value = models.DecimalField(_("newest actual"), editable=False, **NUMBER)
    value_on = models.DateField(_("computed"), null=True, editable=False)
    kept = models.DecimalField(_("approved actual"), editable=False, **NUMBER)
    kept_on = models.DateField(_("day of the approved actual"), null=True, editable=False)
    order = models.PositiveSmallIntegerField(_("order"), default=100)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = _("goal of a scorecard")
        verbose_name_plural = _("goals of scorecards")
        default_permissions = ()
        ordering = ("perspective__order", "perspective", "order", "id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(metric="") | ~Q(name=""), name="score_line_measures",
                violation_error_message=_("Choose a metric, or say what is measured by hand."),
            ),
            models.CheckConstraint(condition=Q(metric="") | Q(entered__isnull=True), name="score_line_by_hand"),
        )  # fmt: skip
        indexes = (models.Index("series", name="score_line_series"),)

    def __str__(self) -> str:
        return self.goal

    def get_absolute_url(self) -> str:
        return row_url("scorecards:detail", self.card_id)

    @property
    def declared(self) -> ScoreMetric | None:
        """The metric that computes itself; None if it is entered by hand, or nobody declares it any more."""
        return score_metrics().get(self.metric)

    @property
    def measured(self) -> str:
        """The name of what is measured."""
        return str(self.declared.label) if self.declared else self.name or self.metric

    @property
    def is_by_hand(self) -> bool:
        return not self.metric

    @property
    def is_value(self) -> bool:
        """Whether it says what customers are worth, and so follows the value mode."""
        return self.perspective.is_value or is_value_metric(self.metric)

    @property
    def actual(self) -> Decimal | None:
        """The newest actual."""
        return self.entered if self.is_by_hand else self.value


def is_value_metric(code: str) -> bool:
    """Whether a metric says what customers are worth; of one that nobody declares any more this is not known: yes."""
    metric = score_metrics().get(code)
    return bool(code) and (metric is None or metric.is_value)


class CardStatusChange(StatusChange):
    """A step of a scorecard."""

    scorecard = models.ForeignKey(Scorecard, models.CASCADE, related_name="status_changes")
    from_status = models.CharField(_("from"), max_length=10, choices=CardStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=CardStatus)
