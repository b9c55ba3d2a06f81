"""The annual clock as SVG: twelve months clockwise from the top, a mark for each action in a month, rings of rhythm.

Everything that it shows is in the tables beside it; each mark says its action and state in words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import cos, pi, sin
from typing import NamedTuple

from django.utils.dates import MONTHS_3
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careplans.clock.rows import Clock, ClockRow, Count, Mark
from careplans.clock.words import STATES, month_name
from core.html import html, html_join

SIZE, CENTRE = 760, 380
#: Radii: the names of months, the band of what there is in a month, the sectors with marks, the terms, the rhythms.
NAMES, BAND, OUTER, INNER, TERMS = 352.0, (322.0, 332.0), 316.0, 150.0, 143.0
RHYTHM_OUTER, RHYTHM_STEP, MOST_RHYTHMS = 128.0, 17.0, 5
#: Sizes of marks, the largest first that gives room to all.
RADII = (15.0, 12.0, 9.5)
GAP = 3.0
SECTOR = pi / 6


class Point(NamedTuple):
    x: float
    y: float


class Place(NamedTuple):
    """Where a mark is in a sector: its distance from the centre and its share of the sector's width."""

    radius: float
    share: float


def point(radius: float, angle: float) -> Point:
    """Return the point at a distance from the centre; angles run clockwise from the top."""
    return Point(round(CENTRE + radius * sin(angle), 2), round(CENTRE - radius * cos(angle), 2))


def month_angle(month: int, share: float = 0.5) -> float:
    """Return the angle of a part of a month: 0 its beginning, 1 its end."""
    return (month - 1 + share) * SECTOR


def day_angle(day: dt.date, *, is_end: bool = False) -> float:
    """Return the angle at the beginning of a day, or at its end."""
    first = day.replace(day=1)
    length = ((first + dt.timedelta(days=32)).replace(day=1) - first).days
    return month_angle(day.month, (day.day - 1 + is_end) / length)


def arc(radius: float, start: float, end: float) -> str:
    """Return the path of an arc from one angle to another."""
    a, b = point(radius, start), point(radius, end)
    return f"M{a.x} {a.y}A{radius:g} {radius:g} 0 {int(end - start > pi)} 1 {b.x} {b.y}"


def ring(inner: float, outer: float, start: float, end: float) -> str:
    """Return the path of a part of a ring."""
    a, b = point(outer, end), point(inner, end)
    c = point(inner, start)
    large = int(end - start > pi)
    return f"{arc(outer, start, end)}L{b.x} {b.y}A{inner:g} {inner:g} 0 {large} 0 {c.x} {c.y}Z" if a != b else ""


def places(radius: float) -> list[Place]:
    """Return the places of marks of a size in a sector, those at the rim first."""
    found: list[Place] = []
    at = OUTER - radius - GAP
    while at - radius >= INNER:
        room = int(at * SECTOR // (2 * radius + GAP))
        found += [Place(at, (number + 0.5) / room) for number in range(room)]
        at -= 2 * radius + GAP
    return found


def mark_radius(most: int) -> float:
    """Return the largest size that gives room to so many marks in a month, else the smallest."""
    return next((radius for radius in RADII if len(places(radius)) >= most), RADII[-1])


@dataclass(frozen=True)
class Wheel:
    """The drawing of a clock."""

    clock: Clock

    @cached_property
    def radius(self) -> float:
        return mark_radius(max((len(self.clock.in_month(month)) for month in range(1, 13)), default=0))

    @property
    def svg(self) -> SafeString:
        """Return the drawing with its title; the page has its styles."""
        return self.drawn("")

    def drawn(self, styles: str) -> SafeString:
        """Return the drawing with its styles in it, as the printer needs them."""
        title = _("Annual clock %(year)d: %(title)s") % {"year": self.clock.year, "title": self.clock.title}
        drawing = '<svg class="clock" viewBox="0 0 {} {}" role="group" aria-label="{}" data-clock>{}{}</svg>'
        inside = SafeString(f"<style>{styles}</style>") if styles else ""
        return html(drawing, SIZE, SIZE, title, inside, html_join("", self._parts()))

    def _parts(self) -> Iterator[SafeString]:
        for month in range(1, 13):
            yield self._sector(month)
        yield from self._terms()
        yield from self._rhythms()
        if self.clock.today is not None and self.clock.today.year == self.clock.year:
            yield self._today(self.clock.today)
        yield html('<text class="clock-year" x="{}" y="{}">{}</text>', CENTRE, CENTRE, self.clock.year)
        for month in range(1, 13):
            yield from self._marks(month)

    # Months

    def _sector(self, month: int) -> SafeString:
        start, end = month_angle(month, 0), month_angle(month, 1)
        count, name = self.clock.months[month], point(NAMES, month_angle(month))
        parts = (
            '<g class="clock-month" data-month="{}"><title>{}</title><path class="clock-sector" d="{}"/>'
            '<text class="clock-name" x="{}" y="{}">{}</text>{}</g>'
        )
        total = html('<tspan class="clock-total" x="{}" dy="15">{}</tspan>', name.x, count.total) if count.total else ""
        label = html("{}{}", str(MONTHS_3[month]).capitalize(), total)
        words = f"{month_name(month)}: {count_words(count)}" if count.total else month_name(month)
        drawn = self._band(count, start, end)
        return html(parts, month, words, ring(INNER, OUTER, start, end), name.x, name.y, label, drawn)

    def _band(self, count: Count, start: float, end: float) -> SafeString:
        """Return what there is in a month, its states as parts of an arc."""
        if not count.total:
            return html("")
        paths, at = [], start
        for state in STATES:
            width = (end - start) * getattr(count, state) / count.total
            if width:
                paths.append(html('<path class="clock-band is-{}" d="{}"/>', state, ring(*BAND, at, at + width)))
            at += width
        return html_join("", paths)

    def _marks(self, month: int) -> Iterator[SafeString]:
        found, room = self.clock.in_month(month), places(self.radius)
        shown = found if len(found) <= len(room) else found[: len(room) - 1]
        for (row, mark), place in zip(shown, room, strict=False):
            yield self._mark(row, mark, point(place.radius, month_angle(month, place.share)))
        if len(found) > len(shown):
            at = point(room[-1].radius, month_angle(month, room[-1].share))
            rest = len(found) - len(shown)
            text = '<text class="clock-rest" x="{}" y="{}"><title>{}</title>+{}</text>'
            yield html(text, at.x, at.y, _("%(count)d more: see the table") % {"count": rest}, rest)

    def _mark(self, row: ClockRow, mark: Mark, at: Point) -> SafeString:
        state = mark.count.state or "planned"
        box = self._box(state, at)
        body = html(
            '<title>{}</title>{}<text x="{}" y="{}">{}</text>', mark_words(row, mark), box, at.x, at.y, row.number
        )
        if mark.url:
            body = html('<a href="{}">{}</a>', mark.url, body)
        size = RADII.index(self.radius)
        if row.is_movable and mark.is_planned:
            asks = html(" data-reason") if row.needs_reason else ""
            move = html(' data-move="{}" data-from="{}"{}', row.move_url, mark.month, asks)
        else:
            move = html(' data-fixed="{}"', row.fixed) if row.fixed else html("")
        return html('<g class="clock-mark is-{} size-{}"{}>{}</g>', state, size, move, body)

    def _box(self, state: str, at: Point) -> SafeString:
        """Return the shape of a state: what was missed is a square, what was late a rounded one, the others circles."""
        radius = self.radius
        if state not in ("missed", "late"):
            return html('<circle cx="{}" cy="{}" r="{}"/>', at.x, at.y, radius)
        side = round(radius * 1.8, 2)
        x, y = round(at.x - side / 2, 2), round(at.y - side / 2, 2)
        corner = 0 if state == "missed" else round(side / 3, 2)
        return html('<rect x="{}" y="{}" width="{}" height="{}" rx="{}"/>', x, y, side, side, corner)

    # What is inside

    def _terms(self) -> Iterator[SafeString]:
        year = self.clock.year
        for name, (first, last) in self.clock.terms:
            start = day_angle(max(first, dt.date(year, 1, 1)))
            end = day_angle(min(last, dt.date(year, 12, 31)), is_end=True)
            yield html('<path class="clock-term" d="{}"><title>{}</title></path>', arc(TERMS, start, end), name)

    def _rhythms(self) -> Iterator[SafeString]:
        for place, row in enumerate(self.clock.rhythms[:MOST_RHYTHMS]):
            radius = RHYTHM_OUTER - place * RHYTHM_STEP
            at = point(radius, place * 2 * pi / MOST_RHYTHMS)
            state = row.count.state or "planned"
            body = html(
                '<title>{}</title><circle class="clock-ring" cx="{}" cy="{}" r="{}" stroke-dasharray="{}"/>'
                '<circle class="clock-label" cx="{}" cy="{}" r="8"/><text x="{}" y="{}">{}</text>',
                rhythm_words(row), CENTRE, CENTRE, radius, dashes(radius, row.per_year), at.x, at.y, at.x, at.y,
                row.number,
            )  # fmt: skip
            link = html('<a href="{}">{}</a>', row.url, body) if row.url else body
            yield html('<g class="clock-rhythm is-{}">{}</g>', state, link)

    @staticmethod
    def _today(day: dt.date) -> SafeString:
        a, b = point(INNER - 4, day_angle(day)), point(BAND[1] + 2, day_angle(day))
        line = '<line class="clock-today" x1="{}" y1="{}" x2="{}" y2="{}"><title>{}</title></line>'
        return html(line, a.x, a.y, b.x, b.y, _("today"))


def dashes(radius: float, number: int) -> str:
    """Return the dashes of a ring: as many as there are times in a year, 52 at most."""
    step = 2 * pi * radius / min(max(number, 1), 52)
    return f"{step * 0.72:.2f} {step * 0.28:.2f}"


def count_words(count: Count) -> str:
    """Return what there is by state: "12 done, 3 missed"."""
    numbers = [(getattr(count, name), word) for name, (_kind, word) in STATES.items()]
    return ", ".join(f"{number} {word}" for number, word in numbers if number)


def mark_words(row: ClockRow, mark: Mark) -> str:
    """Return what a mark is in words."""
    words = count_words(mark.count) or _("planned")
    return f"{row.number}. {row.what}, {month_name(mark.month)}: {words}"


def rhythm_words(row: ClockRow) -> str:
    words = count_words(row.count)
    return f"{row.number}. {row.what}: {row.when}" + (f" ({words})" if words else "")
