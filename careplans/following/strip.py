"""The cadence strip: 52 weeks of contact with a customer on one line, as SVG with a text for screen readers."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from careplans.adherence.capacity import monday_of
from careplans.adherence.days import plus_days
from careplans.adherence.periods import WEEK
from careplans.following.enums import OccurrenceState
from careplans.following.models import CareOccurrence
from careplans.following.parts import PARTS
from core import clock
from core.html import html, html_join

WEEKS = 52
#: A cell of the drawing: its width with the gap, and without.
STEP, WIDTH, HEIGHT = 4, 3, 12


class Cell(StrEnum):
    """What a week shows; the first of several."""

    MISSED = "missed"
    LATE = "late"
    CONTACT = "contact"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Strip:
    """The weeks of a customer, the oldest first."""

    first: dt.date
    cells: Sequence[Cell]

    def count(self, cell: Cell) -> int:
        return self.cells.count(cell)

    @property
    def text(self) -> str:
        """What the drawing says."""
        counts = (
            ngettext("contact in %(count)d week", "contact in %(count)d weeks", self.count(Cell.CONTACT)),
            ngettext("late in %(count)d week", "late in %(count)d weeks", self.count(Cell.LATE)),
            ngettext("missed in %(count)d week", "missed in %(count)d weeks", self.count(Cell.MISSED)),
        )
        numbers = (self.count(cell) for cell in (Cell.CONTACT, Cell.LATE, Cell.MISSED))
        parts = [text % {"count": number} for text, number in zip(counts, numbers, strict=True)]
        return _("52 weeks: %(weeks)s") % {"weeks": ", ".join([*parts, *self._last_missed()])}

    def _last_missed(self) -> list[str]:
        if Cell.MISSED not in self.cells:
            return []
        number = len(self.cells) - 1 - list(reversed(self.cells)).index(Cell.MISSED)
        day = date_format(plus_days(self.first, WEEK * number), "SHORT_DATE_FORMAT")
        return [_("missed last in the week of %(day)s") % {"day": day}]

    @property
    def svg(self) -> SafeString:
        """The drawing; the page has its styles."""
        return self.drawn("")

    def drawn(self, styles: str) -> SafeString:
        """Return the drawing, a path for each kind of week, with its styles in it, as the printer needs them."""
        places: dict[Cell, list[int]] = defaultdict(list)
        for number, cell in enumerate(self.cells):
            places[cell].append(number * STEP)
        paths = [html('<path class="is-{}" d="{}"/>', cell.value, _boxes(cell, places[cell])) for cell in places]
        drawing = (
            '<svg class="cadence" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
            "<title>{}</title>{}{}</svg>"
        )
        inside = SafeString(f"<style>{styles}</style>") if styles else ""
        return html(drawing, WEEKS * STEP, HEIGHT, self.text, self.text, inside, html_join("", paths))


def _boxes(cell: Cell, places: Sequence[int]) -> str:
    """Return the boxes of a kind: what was missed is full, late three quarters, nothing due a line."""
    height = {Cell.MISSED: HEIGHT, Cell.LATE: 9, Cell.CONTACT: 9, Cell.NOTHING: 2}[cell]
    return "".join(f"M{x} {HEIGHT - height}h{WIDTH}v{height}h-{WIDTH}z" for x in places)


def strips_of(customers: Collection[int], today: dt.date) -> dict[int, Strip]:
    """Return the strips of customers, in two queries."""
    first = plus_days(monday_of(today), -WEEK * (WEEKS - 1))
    found: Mapping[int, dict[int, set[Cell]]] = defaultdict(lambda: defaultdict(set))
    for customer, day, cell in [*_occurrences(customers, first, today), *_contacts(customers, first)]:
        found[customer][(monday_of(day) - first).days // WEEK].add(cell)
    return {pk: Strip(first, [_shown(found[pk].get(number)) for number in range(WEEKS)]) for pk in customers}


def draw_strips(customers: Sequence[Any]) -> None:
    """Give customers their strips as lists show them (``CUSTOMER_LIST_COLUMNS``)."""
    strips = strips_of([customer.pk for customer in customers], clock.today())
    for customer in customers:
        customer.strip = strips[customer.pk]


def _shown(cells: Collection[Cell] | None) -> Cell:
    return next((cell for cell in Cell if cells and cell in cells), Cell.NOTHING)


def _occurrences(customers: Collection[int], first: dt.date, today: dt.date) -> list[tuple[int, dt.date, Cell]]:
    """Return the weeks of contact actions: missed by its window, late when it was done after it."""
    states = (OccurrenceState.MISSED, OccurrenceState.LATE)
    rows = CareOccurrence.objects.filter(PARTS["mandatory"], customer__in=list(customers), is_contact=True)
    rows = rows.filter(state__in=states, last__gte=first).order_by()
    found: list[tuple[int, dt.date, Cell]] = []
    for customer, last, done_on in rows.values_list("customer", "last", "done_on"):
        found.append((customer, last, Cell.MISSED))
        if done_on is not None and first <= done_on <= today:
            found.append((customer, done_on, Cell.LATE))
    return found


def _contacts(customers: Collection[int], first: dt.date) -> list[tuple[int, dt.date, Cell]]:
    """Return the days of done contacts."""
    since = dt.datetime.combine(first, dt.time(), _zone())
    rows = Activity.objects.filter(
        customer__in=list(customers), status=ActivityStatus.DONE, type__is_contact=True, start__gte=since,
        start__lt=since + dt.timedelta(weeks=WEEKS),
    ).order_by()  # fmt: skip
    return [(pk, start.astimezone(_zone()).date(), Cell.CONTACT) for pk, start in rows.values_list("customer", "start")]


def _zone() -> Any:
    return timezone.get_default_timezone()
