"""Plans in words: states, why something counts, which of several models applies."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.adherence.actions import Scope, precedence
from careplans.adherence.figures import Pace
from careplans.adherence.matching import Reason
from careplans.adherence.occurrences import Occurrence, State
from careplans.caremodels.enums import FulfilKind
from careplans.caremodels.frequencies import frequency_words
from careplans.caremodels.models import ActionFields
from careplans.caremodels.words import recipient_words, who_words
from careplans.plans.enums import ExceptionKind
from careplans.plans.models import PlanException
from careplans.plans.plan import Line
from careplans.plans.planned import PlannedAction

EMPTY = "–"

STATES: dict[State, tuple[str, Any]] = {
    State.DONE: ("ok", gettext_lazy("done in time")),
    State.LATE: ("warn", gettext_lazy("done late")),
    State.MISSED: ("late", gettext_lazy("missed")),
    State.COMING: ("muted", pgettext_lazy("occurrence", "coming")),
    State.SKIPPED: ("muted", pgettext_lazy("occurrence", "left out")),
    State.UNTRACKED: ("muted", gettext_lazy("not tracked yet")),
}
REASONS: dict[Reason, tuple[str, Any]] = {
    Reason.COUNTED: ("ok", gettext_lazy("counts: done in its time")),
    Reason.COUNTED_LATE: ("warn", gettext_lazy("counts as late: its time had passed")),
    Reason.CORRECTED: ("ok", gettext_lazy("counts: a person said so")),
    Reason.EXCLUDED: ("muted", gettext_lazy("does not count: a person said so")),
    Reason.EARLY: ("muted", gettext_lazy("does not count: before its time; the next time is counted from it")),
    Reason.SAME_DAY: ("muted", gettext_lazy("does not count: something else of the same day does")),
    Reason.OTHER_ACTION: ("muted", gettext_lazy("counts for another action, which comes first")),
    Reason.NOT_UNDER: ("muted", gettext_lazy("does not count: the action was not in the plan on that day")),
    Reason.EXTRA: ("muted", gettext_lazy("more than was asked")),
}
PACES: dict[Pace, tuple[str, Any]] = {
    Pace.BEHIND: ("late", gettext_lazy("behind")),
    Pace.ON_SCHEDULE: ("ok", gettext_lazy("on schedule")),
    Pace.AHEAD: ("ok", gettext_lazy("ahead")),
}


def percent_words(value: int | None) -> str:
    """Return an adherence in words, a dash where nothing was due."""
    return EMPTY if value is None else _("%(percent)d %%") % {"percent": value}


def day_words(day: dt.date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else EMPTY


def state_of(occurrence: Occurrence) -> tuple[str, str]:
    """Return the kind and the word of an occurrence's state."""
    if occurrence.state is State.COMING and occurrence.completed_by is not None:
        return "ok", _("already done")
    kind, word = STATES[occurrence.state]
    return kind, str(word)


def line_state(line: Line, today: dt.date) -> tuple[str, str]:
    """Return the kind and the word for how an action is now: what was missed before is no debt in an open window."""
    if not line.action.is_tracked:
        return "muted", str(STATES[State.UNTRACKED][1])
    is_open = line.next is not None and line.next.first <= today
    if line.is_contact_overdue or (line.is_overdue and not is_open):
        return "late", _("overdue")
    if is_open:
        return "warn", _("to be done now")
    if line.next is None:
        return "muted", _("nothing due")
    return "ok", _("on schedule")


def when_words(action: PlannedAction) -> str:
    """Return how often an action is due, for this customer."""
    for exception in reversed(action.exceptions):
        if exception.kind == ExceptionKind.FREQUENCY:
            return frequency_words(cast("ActionFields", exception))
    return frequency_words(action.source)


def who_has_words(action: PlannedAction) -> str:
    """Return who has an action, for this customer."""
    for exception in reversed(action.exceptions):
        if exception.kind == ExceptionKind.RESPONSIBLE:
            return who_words(cast("ActionFields", exception))
    return who_words(action.source)


def to_whom_words(action: PlannedAction) -> str:
    return recipient_words(action.source)


def origin_words(action: PlannedAction) -> str:
    """Return what an action is part of."""
    if action.scope is Scope.STATUTORY:
        return _("statutory task")
    return str(action.origin.model) if action.origin else _("this customer's own")


def why_first(action: PlannedAction, other: PlannedAction) -> str:
    """Return why one of two actions of a code applies, in a few words."""
    reasons = (
        _("the customer has an exception"), _("it is mandatory"), _("it is asked for more often"),
        _("its time is shorter"),
    )  # fmt: skip
    for reason, one, two in zip(reasons, precedence(action), precedence(other), strict=False):
        if one != two:
            return reason
    return _("it is as strict, and first by its model's code")


def done_words(source: str) -> str:
    """Return the name of a kind of things done."""
    return str(FulfilKind(source).label) if source in FulfilKind.values else source


def window_of(occurrence: Occurrence) -> str:
    """Return the first and the last day of the window."""
    return f"{day_words(occurrence.first)} – {day_words(occurrence.last)}"


def occurrence_words(occurrence: Occurrence) -> str:
    """Return an occurrence in a list of choices."""
    about = {"due": day_words(occurrence.due), "window": window_of(occurrence), "state": state_of(occurrence)[1]}
    return _("due %(due)s (%(window)s), %(state)s") % about


def months_choices() -> list[tuple[int, str]]:
    return [(number, str(name).capitalize()) for number, name in MONTHS.items()]


def exception_words(exception: PlanException) -> str:
    """Return what an exception says, in a few words."""
    fields: Any = exception
    if exception.frequency:
        return frequency_words(fields)
    who = ", ".join(str(row) for row in fields.responsible.all())
    return who or str(exception.get_kind_display())
