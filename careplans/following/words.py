"""Following in words: states, shares, definitions of the figures."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careplans.following.enums import OccurrenceState
from careplans.plans.words import done_words

KINDS = {"done": "ok", "late": "warn", "missed": "late", "coming": "info", "skipped": "muted"}
#: The figures with their definitions, in the order of the columns.
DEFINITIONS: dict[str, tuple[Any, Any]] = {
    "planned": (gettext_lazy("Planned"), gettext_lazy("Times with a window that ends in the period: due and coming.")),
    "due": (
        gettext_lazy("Expected by now"),
        gettext_lazy("Times with a window that is over: done in time, done late and missed."),
    ),
    "done": (gettext_lazy("Done in time"), gettext_lazy("Completed in the window.")),
    "late": (gettext_lazy("Done late"), gettext_lazy("Completed after the window. Adherence stays as it is.")),
    "missed": (gettext_lazy("Missed"), gettext_lazy("The window is over and nothing completed it.")),
    "coming": (gettext_lazy("Coming"), gettext_lazy("The window is not over yet.")),
    "already_done": (
        gettext_lazy("Already done"),
        gettext_lazy("Coming ones that are completed; they count when their window is over."),
    ),
    "scheduled": (
        gettext_lazy("Scheduled"),
        gettext_lazy("Coming ones with an entry in a calendar that a person has set or confirmed."),
    ),
    "adherence": (
        gettext_lazy("Adherence"),
        gettext_lazy("Done in time ÷ expected by now, in whole per cent, rounded down; “–” if nothing was due."),
    ),
    "former": (gettext_lazy("Former period"), gettext_lazy("Adherence in the period before.")),
}
PACES: dict[str, tuple[Any, Any]] = {
    "behind": (gettext_lazy("Behind"), gettext_lazy("Customers with anything missed in the period.")),
    "on_schedule": (
        gettext_lazy("On schedule"),
        gettext_lazy("Customers with nothing missed and nothing done ahead of its time."),
    ),
    "ahead": (
        gettext_lazy("Ahead"),
        gettext_lazy("Customers with nothing missed and something coming that is already done."),
    ),
}


def state_of(row: Any) -> tuple[str, str]:
    """Return the kind and the word of an occurrence's state."""
    if row.state == OccurrenceState.COMING and row.done_on is not None:
        return "ok", _("already done")
    return KINDS[row.state], str(row.get_state_display())


def done_by_words(row: Any) -> str:
    """Return by what kind of thing an occurrence was completed."""
    return done_words(row.done_source) if row.done_source else ""
