"""Metrics of activities: contacts by channel and reason, hours of work, other kinds of cooperation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from activities.log.models import ActivityType, ContactReason
from core.metrics import AT_12, AT_24, AT_36, Metric, MetricSource, Missing, Section, Unit, helper, listed

DONE = "a.status = 'done' AND a.start < %(day_end)s"
ABOUT: dict[str, Any] = {"section": Section.CONTACT}
METRIC_SOURCES = (
    MetricSource(
        name="activities",
        label=gettext_lazy("Activities that are done, by their start"),
        rows="activities_activity a JOIN activities_activitytype t ON t.id = a.type_id",
        customer="a.customer_id",
        where=DONE,
    ),
    MetricSource(
        name="encounters",
        label=gettext_lazy("Encounters of the last 12 months"),
        rows="activities_activity a JOIN activities_encounter e ON e.activity_id = a.id",
        customer="a.customer_id",
        where=f"{DONE} AND {AT_12.format('a.start')}",
    ),
    MetricSource(
        name="work",
        label=gettext_lazy("Hours of work of each participant; without entered hours, the length of the activity"),
        rows="activities_activity a JOIN activities_activitytype t ON t.id = a.type_id "
        "JOIN activities_participation w ON w.activity_id = a.id",
        customer="a.customer_id",
        where=f"{DONE} AND t.counts_as_work AND {AT_36.format('a.start')}",
    ),
    MetricSource(
        name="activity_keywords",
        label=gettext_lazy("Keywords of activities that are done"),
        rows="activities_activity a JOIN activities_activitykeyword k ON k.activity_id = a.id "
        "JOIN activities_keyword w ON w.id = k.keyword_id",
        customer="a.customer_id",
        where=f"{DONE} AND w.counts_as_variety AND {AT_36.format('a.start')}",
    ),
)
#: The hours of an activity as in the hours of the calendar: those entered, else its length, at most eight.
HOURS = """coalesce(a.hours, CASE WHEN a."end" IS NOT NULL AND NOT a.is_all_day
    THEN least(8, round((extract(epoch FROM a."end" - a.start) / 3600)::numeric, 2)) END, 0)"""
_12, _24 = AT_12.format("a.start"), AT_24.format("a.start")
_DAYS = "(%(day)s - (max(a.start) FILTER (WHERE t.is_contact) AT TIME ZONE %(zone)s)::date)"


def _contact_types() -> list[int]:
    return list(ActivityType.objects.filter(is_contact=True).values_list("pk", flat=True))


def _rows(months: int, **query: Any) -> Any:
    return listed("activities:list", "start_from", "start_to", months, status="done", type=_contact_types, **query)


def _contacts(code: str, where: str, label: Any, definition: Any, **about: Any) -> Metric:
    sql = f"count(*) FILTER (WHERE t.is_contact AND {where})"
    return Metric(code=code, source="activities", sql=sql, label=label, definition=definition, **ABOUT, **about)


def reason_metrics() -> Iterator[Metric]:
    """Yield how many contacts of 12 months were unnecessary for each reason that administrators keep."""
    for order, reason in enumerate(ContactReason.objects.all()):
        yield Metric(
            code=f"unnecessary_{reason.pk}_12",
            label=_("Unnecessary contacts in 12 months: %(reason)s") % {"reason": reason.name},
            definition=_("Encounters of the last 12 months that were unnecessary for this reason: %(reason)s.")
            % {"reason": reason.name},
            source="encounters",
            sql=f"count(*) FILTER (WHERE e.unnecessary_id = {int(reason.pk)})",
            order=min(60 + order, 79),
            **ABOUT,
        )


METRIC_MAKERS = (reason_metrics,)
METRICS = (
    helper(
        "first_contact_on", "activities",
        "min((a.start AT TIME ZONE %(zone)s)::date) FILTER (WHERE t.is_contact)", Missing.UNKNOWN,
    ),
    Metric(
        code="days_since_contact", label=gettext_lazy("Days since the last contact"),
        definition=gettext_lazy(
            "Days from the last contact that took place; after 28 days in full weeks. Not known if there is none."
        ),
        source="activities", sql=f"CASE WHEN {_DAYS} > 28 THEN {_DAYS} / 7 * 7 ELSE {_DAYS} END", unit=Unit.DAYS,
        missing=Missing.UNKNOWN, keeps_history=False, order=10, **ABOUT,
    ),
    _contacts(
        "contacts_12", _12, gettext_lazy("Contacts in 12 months"),
        gettext_lazy("Activities of the last 12 months that are contact with the customer and are done."), order=20,
        rows=_rows(12),
    ),
    _contacts(
        "contacts_24", _24, gettext_lazy("Contacts in 24 months"),
        gettext_lazy("Activities of the last 24 months that are contact with the customer and are done."), order=21,
        rows=_rows(24),
    ),
    _contacts(
        "meetings_12", f"{_12} AND a.channel IN ('meeting', 'video')", gettext_lazy("Meetings in 12 months"),
        gettext_lazy("Contacts of the last 12 months that took place face to face or by video."), order=22,
        rows=listed("activities:list", "start_from", "start_to", 12, meeting="true"),
    ),
    _contacts(
        "contacts_meeting_12", f"{_12} AND a.channel = 'meeting'", gettext_lazy("Contacts face to face in 12 months"),
        gettext_lazy("Contacts of the last 12 months that took place face to face."), order=30,
        rows=_rows(12, channel="meeting"),
    ),
    _contacts(
        "contacts_video_12", f"{_12} AND a.channel = 'video'", gettext_lazy("Contacts by video in 12 months"),
        gettext_lazy("Contacts of the last 12 months that took place by video."), order=31,
        rows=_rows(12, channel="video"),
    ),
    _contacts(
        "contacts_phone_12", f"{_12} AND a.channel = 'phone'", gettext_lazy("Contacts by phone in 12 months"),
        gettext_lazy("Contacts of the last 12 months that took place by phone."), order=32,
        rows=_rows(12, channel="phone"),
    ),
    _contacts(
        "contacts_email_12", f"{_12} AND a.channel = 'email'", gettext_lazy("Contacts by e-mail in 12 months"),
        gettext_lazy("Contacts of the last 12 months by e-mail, sent and received."), order=33,
        rows=_rows(12, channel="email"),
    ),
    _contacts(
        "contacts_other_12", f"{_12} AND a.channel NOT IN ('meeting', 'video', 'phone', 'email')",
        gettext_lazy("Contacts by other channels in 12 months"),
        gettext_lazy("Contacts of the last 12 months by letter, chat, another channel or none that is known."),
        order=34,
    ),
    Metric(
        code="channels_12", label=gettext_lazy("Channels used in 12 months"),
        definition=gettext_lazy("How many different channels the contacts of the last 12 months used."),
        source="activities",
        sql=f"count(DISTINCT a.channel) FILTER (WHERE t.is_contact AND a.channel <> '' AND {_12})", order=35, **ABOUT,
    ),
    Metric(
        code="unnecessary_12", label=gettext_lazy("Unnecessary contacts in 12 months"),
        definition=gettext_lazy("Encounters of the last 12 months with a reason why they were unnecessary."),
        source="encounters", sql="count(e.unnecessary_id)", order=59, **ABOUT,
    ),
    Metric(
        code="solved_at_once_12", label=gettext_lazy("Solved at once"),
        definition=gettext_lazy(
            "Encounters solved at once ÷ those of which this is known, in the last 12 months, per cent."
        ),
        source="encounters",
        sql="count(*) FILTER (WHERE e.solved_at_once) * 100.0 / nullif(count(e.solved_at_once), 0)",
        unit=Unit.PERCENT, missing=Missing.UNKNOWN, order=50, **ABOUT,
    ),
    Metric(
        code="hours_12", label=gettext_lazy("Hours of work in 12 months"),
        definition=gettext_lazy(
            "Hours of the activities of the last 12 months that are done, for each of our participants: those entered, "
            "otherwise the length of the activity, at most eight hours."
        ),
        source="work", sql=f"coalesce(sum({HOURS}) FILTER (WHERE {_12}), 0)", unit=Unit.HOURS, order=80, **ABOUT,
    ),
    Metric(
        code="hours_36", label=gettext_lazy("Hours of work in 36 months"),
        definition=gettext_lazy(
            "Hours of the activities of the last 36 months that are done, for each of our participants: those entered, "
            "otherwise the length of the activity, at most eight hours."
        ),
        source="work", sql=f"sum({HOURS})", unit=Unit.HOURS, order=81, **ABOUT,
    ),
    Metric(
        code="variety_kinds_36", label=pgettext_lazy("metric", "Other cooperation in 36 months"),
        definition=gettext_lazy(
            "How many kinds of cooperation besides orders the activities of the last 36 months have: keywords that "
            "count as variety, such as guest lecture, company visit and material purchase."
        ),
        source="activity_keywords", sql="count(DISTINCT k.keyword_id)", section=Section.VARIETY, order=12,
    ),
)  # fmt: skip
