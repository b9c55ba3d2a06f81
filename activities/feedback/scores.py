"""Figures of feedback for scorecards: the NPS, satisfaction, negative feedback that was answered in time."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from activities.feedback.models import Feedback
from activities.feedback.nps_figures import nps_answers, nps_overall
from activities.log.services.whole_days import days_between
from core import clock
from core.metrics import Unit
from customers.scores import Scope, ScoreMetric, Year


def nps(scope: Scope, year: Year) -> int | None:
    answers = nps_answers(year.first, year.last)
    return nps_overall(answers if scope.kind == "all" else answers.filter(customer__in=scope.customers)).nps


def answered_in_time(scope: Scope, year: Year) -> Decimal | None:
    """Return the share of negative feedback of the year, of which the answer is due, that was answered by then."""
    received = Q(activity__start__range=days_between(year.first, year.last), activity__keywords__code="negative")
    rows = Feedback.objects.filter(received, answer_due__isnull=False).order_by()
    if scope.kind != "all":
        rows = rows.filter(activity__customer__in=scope.customers)
    in_time = Q(answered_at__lte=F("answer_due"))
    over = in_time | Q(answered_at__isnull=False) | Q(answer_due__lt=clock.now())
    found = rows.aggregate(
        part=Count("pk", filter=in_time, distinct=True), whole=Count("pk", filter=over, distinct=True)
    )
    return round(Decimal(100) * found["part"] / found["whole"], 1) if found["whole"] else None


def satisfaction(scope: Scope, year: Year) -> Decimal | None:
    """Return the share of positive feedback of the year's positive and negative feedback."""
    received = Q(activity__start__range=days_between(year.first, year.last))
    rows = Feedback.objects.filter(received, activity__keywords__code__in=("positive", "negative")).order_by()
    if scope.kind != "all":
        rows = rows.filter(activity__customer__in=scope.customers)
    positive = Q(activity__keywords__code="positive")
    found = rows.aggregate(part=Count("pk", filter=positive, distinct=True), whole=Count("pk", distinct=True))
    return round(Decimal(100) * found["part"] / found["whole"], 1) if found["whole"] else None


SCORE_METRICS = (
    ScoreMetric(
        code="nps", label=_("NPS"), unit=Unit.NPS, value=nps, order=30,
        definition=_("Promoters − detractors of the year's answers to the NPS question, per cent of all answers."),
    ),
    ScoreMetric(
        code="complaints_in_time", label=_("Negative feedback answered in time"), unit=Unit.PERCENT,
        value=answered_in_time, order=31,
        definition=_("Of the year's negative feedback of which the answer is due, the share answered by the due time."),
    ),
    ScoreMetric(
        code="satisfaction", label=_("Satisfaction by feedback"), unit=Unit.PERCENT, value=satisfaction, order=32,
        definition=_("Of the year's positive and negative feedback, the share that is positive."),
    ),
)  # fmt: skip
