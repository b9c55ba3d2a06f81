"""The columns of feedback and of leads, for screen and export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.models import Activity
from activities.tables import names
from crm.richtext import to_text
from crm.tables import Column, Table

HEARD = "activities/feedback/cells/heard.html"


@dataclass(frozen=True)
class State:
    """Where something is on its way, in words, with the look of the words."""

    kind: str
    label: Any

    def __str__(self) -> str:
        return str(self.label)


def feedback_state(activity: Any) -> State:
    """Say where feedback is on its way: late, waiting, answered, settled."""
    feedback = activity.feedback
    if feedback.answered_at is None and feedback.answer_due:
        if feedback.is_late:
            return State("late", pgettext_lazy("feedback", "late"))
        return State("warn", pgettext_lazy("feedback", "waits for an answer"))
    if activity.is_unfinished:
        return State("warn", pgettext_lazy("feedback", "not settled"))
    if feedback.answered_at:
        return State("ok", pgettext_lazy("feedback", "answered"))
    return State("ok", pgettext_lazy("feedback", "done"))


def _about(activity: Any) -> str:
    parts = (activity.feedback.get_about_display(), activity.feedback.about_what)
    return ": ".join(str(part) for part in parts if part)


def _state(activity: Any) -> str:
    return str(feedback_state(activity))


def _tone(activity: Any) -> str:
    return names(activity.keywords.all())


FEEDBACK_COLUMNS = (
    Column(
        "answer_due", _("Answer due"), "feedback.answer_due", sort="feedback__answer_due",
        template="activities/feedback/cells/due.html",
    ),
    Column("title", pgettext_lazy("activity", "Title"), link=True, grow=True),
    Column("customer", _("Customer"), template="activities/cells/customer.html"),
    Column("tone", _("Tone"), _tone, wide=True),
    Column("state", _("State"), feedback_state, template="activities/feedback/cells/state.html", export=_state),
    Column("responsible", pgettext_lazy("feedback", "Responsible"), "feedback.responsible", wide=True),
    Column("start", pgettext_lazy("feedback", "Heard"), sort="start", template=HEARD, wide=True),
    Column("about", _("About what"), _about, shown=False, wide=True),
    Column("channel", _("Channel"), Activity.get_channel_display, shown=False, wide=True),
    Column("answered_at", pgettext_lazy("column", "Answered"), "feedback.answered_at", shown=False, wide=True),
    Column("answered_by", _("Answered by"), "feedback.answered_by", shown=False, wide=True),
    Column("answer", _("Answer"), "feedback.answer", shown=False, wide=True),
    Column("corrective_action", _("Corrective action"), "feedback.corrective_action", shown=False, wide=True),
    Column("settlement", _("How it was settled"), shown=False, wide=True),
    Column("memo", _("Memo"), lambda row: to_text(row.memo), shown=False, wide=True),
)  # fmt: skip

FEEDBACK_TABLE = Table(FEEDBACK_COLUMNS, "answer_due")
CUSTOMER_FEEDBACK_TABLE = Table(
    [replace(column, shown=column.shown and column.name != "customer") for column in FEEDBACK_COLUMNS], "-start"
)

LEAD_TABLE = Table(
    (
        Column(
            "take_by", _("To be taken up by"), "lead.take_by", sort="lead__take_by",
            template="activities/leads/cells/take_by.html",
        ),
        Column("title", pgettext_lazy("activity", "Title"), link=True, grow=True),
        Column("customer", _("Customer"), template="activities/cells/customer.html"),
        Column(
            "value", _("Estimated value"), "lead.value", sort="lead__value", numeric=True,
            template="activities/leads/cells/value.html",
        ),
        Column(
            "state", _("State"), "lead.get_state_display", template="activities/leads/cells/state.html",
            export=lambda row: row.lead.get_state_display(),
        ),
        Column("source", _("Source"), "lead.source", wide=True),
        Column("taken_by", _("Taken up by"), "lead.taken_by", wide=True),
        Column(
            "start", pgettext_lazy("lead", "Opened"), sort="start", template="activities/leads/cells/age.html",
            wide=True,
        ),
        Column("need", _("Need"), "lead.need", shown=False, wide=True),
        Column("offered_to", _("Offered to"), "lead.offered_to", shown=False, wide=True),
        Column("taken_at", pgettext_lazy("column", "Taken up"), "lead.taken_at", shown=False, wide=True),
        Column("close_reason", _("Why closed"), "lead.close_reason", shown=False, wide=True),
        Column("state_reason", _("Explanation"), "lead.state_reason", shown=False, wide=True),
        Column("created_by", _("Opened by"), shown=False, wide=True),
    ),
    "take_by",
)  # fmt: skip
