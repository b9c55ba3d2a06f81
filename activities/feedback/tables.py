"""Columns of feedback, for screen and export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from activities.feedback import cells
from activities.log.enums import UNFINISHED
from activities.log.models import Activity
from activities.log.tables import keywords_sql, names
from core import cells as core_cells
from core import clock
from core.export_sql import path_sql
from core.richtext import to_text
from core.tables import Column, Table


@dataclass(frozen=True)
class State:
    """A state as text, with its look (``kind``)."""

    kind: str
    label: Any

    def __str__(self) -> str:
        return str(self.label)


def feedback_state(activity: Any) -> State:
    """Return the state of feedback: late, waiting, unresolved, answered or done."""
    feedback = activity.feedback
    if feedback.answered_at is None and feedback.answer_due:
        if feedback.is_late:
            return State("late", pgettext_lazy("feedback", "late"))
        return State("warn", pgettext_lazy("feedback", "waiting for an answer"))
    if activity.is_unfinished:
        return State("warn", pgettext_lazy("feedback", "unresolved"))
    if feedback.answered_at:
        return State("ok", pgettext_lazy("feedback", "answered"))
    return State("ok", pgettext_lazy("feedback", "done"))


def _about(activity: Any) -> str:
    parts = (activity.feedback.get_about_display(), activity.feedback.about_what)
    return ": ".join(str(part) for part in parts if part)


def _state_sql() -> Case:
    """Return the text of :func:`feedback_state`."""
    is_waiting = Q(feedback__answered_at__isnull=True, feedback__answer_due__isnull=False)
    return Case(
        When(is_waiting & Q(feedback__answer_due__lt=clock.now()), then=Value(pgettext("feedback", "late"))),
        When(is_waiting, then=Value(pgettext("feedback", "waiting for an answer"))),
        When(status__in=UNFINISHED, then=Value(pgettext("feedback", "unresolved"))),
        When(feedback__answered_at__isnull=False, then=Value(pgettext("feedback", "answered"))),
        default=Value(pgettext("feedback", "done")),
        output_field=TextField(),
    )


def _about_sql() -> Func:
    parts = (path_sql(Activity, "feedback.get_about_display"), F("feedback__about_what"))
    given = (NullIf(part, Value("")) for part in parts)
    return Func(Value(": "), *given, function="concat_ws", output_field=TextField())


FEEDBACK_COLUMNS = (
    Column(
        "answer_due", _("Answer due"), "feedback.answer_due", sort="feedback__answer_due",
        cell=cells.due,
    ),
    Column("title", pgettext_lazy("activity", "Title"), link=True, grow=True),
    Column("customer", _("Customer"), cell=core_cells.link, long=True),
    Column("tone", _("Tone"), lambda activity: names(activity.keywords.all()), wide=True,
           sql=lambda user: keywords_sql()),
    Column(
        "state", _("State"), feedback_state, cell=cells.state,
        export=lambda activity: str(feedback_state(activity)), sql=lambda user: _state_sql(),
    ),
    Column("responsible", pgettext_lazy("feedback", "Responsible"), "feedback.responsible", wide=True),
    Column("start", pgettext_lazy("feedback", "Received"), sort="start", cell=cells.received, wide=True),
    Column("about", _("Topic"), _about, shown=False, wide=True, sql=lambda user: _about_sql()),
    Column("channel", _("Channel"), Activity.get_channel_display, shown=False, wide=True, sql="get_channel_display"),
    Column("answered_at", pgettext_lazy("column", "Answered"), "feedback.answered_at", shown=False, wide=True),
    Column("answered_by", _("Answered by"), "feedback.answered_by", shown=False, wide=True),
    Column("answer", _("Answer"), "feedback.answer", shown=False, wide=True),
    Column("corrective_action", _("Corrective action"), "feedback.corrective_action", shown=False, wide=True),
    Column("settlement", _("How it was resolved"), shown=False, wide=True),
    Column("memo", _("Memo"), lambda activity: to_text(activity.memo), shown=False, wide=True,
           sql="memo", finish=to_text),
)  # fmt: skip

FEEDBACK_TABLE = Table(FEEDBACK_COLUMNS, "answer_due", ("customer", "state", "answer_due"))
CUSTOMER_FEEDBACK_TABLE = Table(
    [replace(column, shown=column.shown and column.name != "customer") for column in FEEDBACK_COLUMNS],
    "-start",
    ("start", "state", "answer_due"),
)
NPS_ANSWERS = Table(
    (
        Column("answered_at", pgettext_lazy("column", "Answered"), sort="answered_at", cell=core_cells.day, link=True),
        Column("customer", _("Customer"), cell=core_cells.link, grow=True, long=True),
        Column("contact", _("Contact"), wide=True),
        Column("score", pgettext_lazy("NPS", "Score"), numeric=True),
        Column("comment", _("Comment"), long=True),
        Column("segment", _("Segment"), shown=False, wide=True),
    ),
    "-answered_at",
    ("customer", "score", "comment"),
)
