"""Metrics of feedback and of the answers to the NPS question."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.metrics import AT_12, AT_24, Metric, MetricSource, Missing, Section, Unit, listed

ABOUT: dict[str, Any] = {"section": Section.FEEDBACK}
METRIC_SOURCES = (
    MetricSource(
        name="feedback",
        label=_("Feedback by the day when it was received"),
        rows="feedback_feedback f JOIN activities_activity a ON a.id = f.activity_id",
        customer="a.customer_id",
        where="a.start < %(day_end)s",
    ),
    MetricSource(
        name="nps",
        label=_("Answers to the NPS question"),
        rows="feedback_npsquestion q",
        customer="q.customer_id",
        where="q.score IS NOT NULL AND q.answered_at < %(day_end)s",
    ),
)
_12, _24 = AT_12.format("a.start"), AT_24.format("q.answered_at")


def _said(code: str) -> str:
    return (
        "EXISTS (SELECT FROM activities_activitykeyword k JOIN activities_keyword w ON w.id = k.keyword_id "
        f"WHERE k.activity_id = a.id AND w.code = '{code}')"
    )


def _rows(months: int | None = 12, *, tab: str = "all", **query: Any) -> Any:
    return listed("feedback:list", "start_from", "start_to", months, tab=tab, **query)


METRICS = (
    Metric(
        code="feedback_12", label=_("Feedback in 12 months"),
        definition=_("Pieces of feedback received in the last 12 months, also on visits."), source="feedback",
        sql=f"count(*) FILTER (WHERE {_12})", order=10, rows=_rows(), **ABOUT,
    ),
    Metric(
        code="thanks_12", label=_("Positive feedback in 12 months"),
        definition=_("Feedback of the last 12 months with the keyword positive."), source="feedback",
        sql=f"count(*) FILTER (WHERE {_12} AND {_said('positive')})", order=11,
        rows=_rows(tone="positive"), **ABOUT,
    ),
    Metric(
        code="complaints_12", label=_("Complaints in 12 months"),
        definition=_("Feedback of the last 12 months with the keyword negative."), source="feedback",
        sql=f"count(*) FILTER (WHERE {_12} AND {_said('negative')})", order=12,
        rows=_rows(tone="negative"), **ABOUT,
    ),
    Metric(
        code="complaints_open", label=_("Complaints not resolved"),
        definition=_("Feedback with the keyword negative, of any age, that is not resolved."), source="feedback",
        sql=f"count(*) FILTER (WHERE a.status <> 'done' AND {_said('negative')})", order=13,
        rows=_rows(None, tab="unsettled", tone="negative"), **ABOUT,
    ),
    Metric(
        code="nps_answers_24", label=_("NPS answers in 24 months"),
        definition=_("How many answers to the NPS question came from the customer in the last 24 months."),
        source="nps", sql=f"count(*) FILTER (WHERE {_24})", order=20,
        rows=listed("feedback:nps_answers", "answered_from", "answered_to", 24), **ABOUT,
    ),
    Metric(
        code="nps_24", label=_("NPS of 24 months"),
        definition=_(
            "Per cent of promoters (9–10) minus per cent of detractors (0–6) among the customer's answers of the last "
            "24 months; not known without answers."
        ),
        source="nps",
        sql=f"(count(*) FILTER (WHERE {_24} AND q.score >= 9) - count(*) FILTER (WHERE {_24} AND q.score <= 6)) * 100.0"
        f" / nullif(count(*) FILTER (WHERE {_24}), 0)",
        unit=Unit.NPS, missing=Missing.UNKNOWN, order=21, **ABOUT,
    ),
    Metric(
        code="nps_score", label=_("Latest NPS score"),
        definition=_("The score of the customer's newest answer to the NPS question, 0–10, whatever its age."),
        source="nps", sql="(array_agg(q.score ORDER BY q.answered_at DESC, q.id DESC))[1]", unit=Unit.SCORE,
        missing=Missing.UNKNOWN, order=22, **ABOUT,
    ),
)  # fmt: skip
