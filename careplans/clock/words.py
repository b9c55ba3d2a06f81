"""The annual clock and internal events in words."""

from __future__ import annotations

from typing import Any

from django.utils.dates import MONTHS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.caremodels.words import recipient_words, who_words
from careplans.clock.models import InternalAction
from careplans.work.enums import WorkState

EMPTY = "–"
#: The states of the marks, in the order in which they are drawn, with the kind of their badge.
STATES: dict[str, tuple[str, Any]] = {
    "done": ("ok", pgettext_lazy("annual clock", "done")),
    "late": ("warn", pgettext_lazy("annual clock", "done late")),
    "missed": ("late", pgettext_lazy("annual clock", "missed")),
    "coming": ("info", pgettext_lazy("annual clock", "coming")),
}
#: The reason that a closed activity of an internal event has in its history.
REASONS = {
    WorkState.REPLACED: gettext_lazy("Another activity was entered as this event."),
    WorkState.MISSED: gettext_lazy("Missed: the next time of this internal event has begun."),
    WorkState.ENDED: gettext_lazy("The internal event is not asked for any more."),
}


def month_name(month: int) -> str:
    return capfirst(str(MONTHS[month]))


def month_in_text(month: int) -> str:
    """Return a month as a sentence has it."""
    return str(MONTHS.get(month, month))


def month_choices() -> list[tuple[int, str]]:
    return [(month, month_name(month)) for month in MONTHS]


def internal_who(action: InternalAction) -> str:
    """Return who has an internal event, in order."""
    rows = who_words(action)
    if action.person is None:
        return rows
    return str(action.person) if rows == EMPTY else _("%(person)s, else %(others)s") % {
        "person": action.person, "others": rows,
    }  # fmt: skip


def internal_to_whom(action: InternalAction) -> str:
    """Return an own unit, or a dash: there is no customer."""
    return recipient_words(action)
