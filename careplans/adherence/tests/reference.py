"""docs/careplans.md in plain Python that walks from day to day, to compare the evaluation with.

Slow and without any cleverness: every question is asked again on every day, of every occurrence there is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from careplans.adherence.actions import Action
from careplans.adherence.evaluation import CareRecord
from careplans.adherence.occurrences import Fulfilment, Key, Postponement
from careplans.adherence.periods import Every, Kind, Once, OnEvent
from careplans.adherence.tests.reference_windows import DAY, Window, block, later, walk

#: How far before and behind the days of a record windows may reach.
MARGIN = 250


class Book:
    """One action of the customer."""

    def __init__(self, code: str, record: CareRecord, day: dt.date, until: dt.date) -> None:
        self.code, self.record, self.day = code, record, day
        versions = record.histories[code]
        begin = min(versions[0].first if versions else day, day) - MARGIN * DAY
        named = [one.key.start for one in (*record.corrections, *record.decisions) if one.key]
        self.days = list(walk(begin, max(day, until, *named) + MARGIN * DAY))
        self.applies: dict[dt.date, Action | None] = {}
        for one in self.days:
            here = [version for version in versions if version.first <= one]
            self.applies[one] = here[-1].action if here else None
        self.decisions = [
            one
            for one in record.decisions
            if one.key.code == code and one.is_accepted and (one.entered <= day or getattr(one, "by_manager", False))
        ]
        self.counted: set[dt.date] = set()
        self.until = until
        self.windows = [window for window in self.fixed() if self.will_be(window)]
        self.open: Window | None = None
        self.last_done = self.changed = dt.date.min

    def is_under(self, day: dt.date) -> bool:
        return self.applies.get(day) is not None

    def kind_on(self, day: dt.date) -> Kind | None:
        action = self.applies.get(day)
        return action.frequency.kind if action else None

    # --- occurrences that nothing done can change ---

    def fixed(self) -> Iterator[Window]:
        kind_before: Kind | None = None
        events = {(one.kind, one.day) for one in self.record.events if one.day <= self.day}
        for day in self.days:
            action = self.applies[day]
            if action is None:
                continue
            frequency = action.frequency
            if isinstance(frequency, Once) and kind_before is not Kind.ONCE:
                yield self.made(Kind.ONCE, day, "", action, day, day + frequency.days * DAY)
            elif isinstance(frequency, OnEvent):
                for name, of_day in events:
                    if of_day == day and name in frequency.events:
                        yield self.made(Kind.EVENT, day, name, action, day, day + frequency.days * DAY)
            elif frequency.kind is Kind.CALENDAR:
                name = block(frequency, day)
                if name is not None and block(frequency, day + DAY) != name:
                    first = day
                    while block(frequency, first - DAY) == name:
                        first -= DAY
                    yield self.made(Kind.CALENDAR, day, "", action, first - action.days_before * DAY, day)
            kind_before = frequency.kind

    def made(self, kind: Kind, start: dt.date, event: str, action: Action, first: dt.date, due: dt.date) -> Window:
        window = Window(kind, start, event, action, first, due, due + action.days_after * DAY)
        about = self.about(window)
        if any(getattr(one, "by_manager", False) for one in about):
            window.is_skipped = True
            return window
        for one in about:
            if isinstance(one, Postponement):
                self.postpone(window, one)
        return window

    def about(self, window: Window) -> list[Any]:
        key = Key(self.code, window.kind, window.start, window.event)
        about = [one for one in self.decisions if one.key == key]
        return sorted(
            about, key=lambda one: (one.entered, not isinstance(one, Postponement), getattr(one, "to", one.entered))
        )

    def postpone(self, window: Window, one: Postponement) -> None:
        if one.entered <= window.last and one.to > window.due:
            window.due = window.set_by_person = one.to
            window.last = one.to + window.action.days_after * DAY

    def will_be(self, window: Window) -> bool:
        """Under it on the due day, on half of the window's days, and no change of kind before it is due."""
        kinds = {self.kind_on(day) for day in walk(window.start, window.due)} - {None}
        return kinds <= {window.kind} and self.is_half(window)

    def is_half(self, window: Window) -> bool:
        under = sum(self.is_under(day) for day in walk(window.first, window.last))
        return self.is_under(window.due) and 2 * under >= window.length

    # --- from the last done ---

    def every(self) -> Every:
        assert self.open_action is not None
        frequency = self.open_action.frequency
        assert isinstance(frequency, Every)
        return frequency

    def start_count(self, counted: dt.date, last_done: dt.date) -> None:
        action, every = self.open_action, self.every()
        self.last_done = last_done
        due = later(last_done, every)
        if due < self.changed:
            due = later(self.changed, every)
        first = later(counted, every) - action.days_before * DAY
        self.open = Window(Kind.INTERVAL, counted, "", action, first, due, due + action.days_after * DAY)

    def morning(self, day: dt.date) -> None:
        self.managers_skip(lambda window, one: window.first <= day or one.entered < day)
        while self.open and self.open.last < day:
            self.windows.append(self.open)
            self.start_count(self.open.due, self.open.due)
            self.evening(day - DAY)
            self.managers_skip(lambda window, one: window.first <= day or one.entered < day)
        today, yesterday = self.applies.get(day), self.applies.get(day - DAY)
        if today == yesterday:
            return
        was_interval = self.kind_on(day - DAY) is Kind.INTERVAL
        if self.open and self.kind_on(day) is not Kind.INTERVAL:
            self.leave(day)
        elif self.kind_on(day) is Kind.INTERVAL and not was_interval:
            self.open_action, self.changed = today, day
            self.start_count(day, day)
        elif self.open and today is not None:
            self.change(day, today)
        self.managers_skip(lambda window, one: window.first <= day or one.entered < day)

    def leave(self, day: dt.date) -> None:
        window, self.open = self.open, None
        if window.due < day:
            for one in self.about(window):
                if isinstance(one, Postponement) and one not in window.taken:
                    self.postpone(window, one)
            if self.is_half(window):
                self.windows.append(window)

    def change(self, day: dt.date, action: Action) -> None:
        old, self.open_action = self.open_action, action
        is_other = (old.frequency, old.days_before, old.days_after) != (
            action.frequency,
            action.days_before,
            action.days_after,
        )
        if is_other:
            self.changed = day
        window = self.open
        if window.due < day:
            return
        window.action = action
        if is_other:
            due = later(self.last_done, self.every())
            if due < day:
                due = min(window.due, later(day, self.every()))
            window.due = max(due, window.set_by_person or due)
            window.first = later(window.start, self.every()) - action.days_before * DAY
            window.last = window.due + action.days_after * DAY

    def managers_skip(self, is_time: Any) -> None:
        while self.open and self.decisions:
            managers = [one for one in self.about(self.open) if getattr(one, "by_manager", False)]
            if not managers or not is_time(self.open, managers[0]):
                return
            self.skip_open()

    def skip_open(self) -> None:
        window = self.open
        window.is_skipped = True
        self.windows.append(window)
        self.start_count(window.due, window.due)

    def evening(self, day: dt.date) -> None:
        """What was decided until this evening."""
        if not self.decisions:
            return
        for window in self.windows:
            for one in self.about(window):
                is_skip = not isinstance(one, Postponement)
                if is_skip and one.entered <= min(day, window.last) and window.done is None:
                    window.is_skipped = True
        is_on = True
        while is_on and self.open:
            is_on, window = False, self.open
            about = self.about(window)
            if any(getattr(one, "by_manager", False) for one in about):
                self.managers_skip(lambda _window, one: one.entered <= day)
                return
            for one in about:
                if one.entered > min(day, window.last) or one in window.taken:
                    continue
                window.taken.append(one)
                if isinstance(one, Postponement):
                    self.postpone(window, one)
                else:
                    self.skip_open()
                    is_on = True
                    break

    # --- matching ---

    def all(self) -> list[Window]:
        return sorted([*self.windows, *([self.open] if self.open else [])], key=lambda window: window.order)

    def candidate(self, day: dt.date) -> Window | None:
        if day in self.counted:
            return None
        free = [one for one in self.all() if one.done is None and not one.is_skipped and one.reserved is None]
        inside = [one for one in free if one.first <= day <= one.last]
        late = [one for one in free if one.last < day and self.may_be_late(one, day)]
        return (inside + late)[0] if inside or late else None

    def may_be_late(self, window: Window, day: dt.date) -> bool:
        if not all(self.is_under(one) for one in walk(window.due, day)):
            return False
        after = [one for one in self.all() if one.last > window.last and not one.is_skipped]
        if not after:
            return True
        if after[0].kind is Kind.INTERVAL and after[0] is self.open:
            return day < after[0].first
        return day <= after[0].last

    def complete(self, window: Window, fulfilment: Fulfilment) -> None:
        day = fulfilment.day
        self.counted.add(day)
        window.done, window.is_inside = fulfilment, day <= window.last
        if window.kind is not Kind.INTERVAL:
            return
        if window.is_inside:
            window.first, window.due, window.last = min(window.first, day), min(window.due, day), day
        if window is self.open:
            self.windows.append(window)
            self.start_count(day, day)
        elif not window.is_inside and self.open and day < self.open.first:
            self.start_count(max(self.open.start, day), max(self.last_done, day))

    def seen(self, day: dt.date) -> None:
        """Something that fits was done: before the window it moves the due day."""
        window = self.open
        if window and self.last_done < day < window.first:
            self.last_done = day
            due = later(day, self.every())
            window.due = max(due, window.set_by_person or due)
            window.last = window.due + window.action.days_after * DAY

    def result(self) -> list[tuple[Any, ...]]:
        before = None
        while self.open is not before:
            before = self.open
            self.managers_skip(lambda _window, _one: True)
            self.evening(self.day)
        windows = [one for one in self.windows if not (one.is_skipped and not self.is_half(one))]
        windows = [one for one in windows if one.kind is Kind.INTERVAL or one.first <= self.until]
        if self.open and self.is_half(self.open):
            kinds = {self.kind_on(day) for day in walk(min(self.day, self.open.due), self.open.due)}
            windows += [self.open] if kinds == {Kind.INTERVAL} else []
        found = sorted(windows, key=lambda window: window.order)
        return [
            (
                (self.code, one.kind, one.start, one.event),
                one.first,
                one.due,
                one.last,
                self.state(one),
                one.done.id if one.done else None,
            )
            for one in found
        ]

    def state(self, window: Window) -> str:
        if window.is_skipped:
            return "skipped"
        if window.last >= self.day:
            return "coming"
        if window.done is None:
            return "missed"
        return "done" if window.is_inside else "late"


def pins_of(record: CareRecord, day: dt.date) -> dict[tuple[str, Key], Fulfilment]:
    """Which activity a person has given to which occurrence: of an action the first of a day, and of an occurrence."""
    by_id = {one.id: one for one in record.fulfilments if one.day <= day}
    excluded = {(one.code, one.fulfilment_id) for one in record.corrections if one.key is None}
    wanted: dict[tuple[str, int], Key] = {}
    for one in record.corrections:
        name = one.code, one.fulfilment_id
        if one.key and one.fulfilment_id in by_id and name not in excluded:
            wanted[name] = min(wanted.get(name, one.key), one.key)
    pins: dict[tuple[str, Key], Fulfilment] = {}
    days = set()
    for code, number in sorted(wanted, key=lambda name: (by_id[name[1]].day, name[1], name[0])):
        key, activity = wanted[code, number], by_id[number]
        if (code, key) not in pins and (code, activity.day) not in days:
            pins[code, key] = activity
            days.add((code, activity.day))
    return pins


def reference(record: CareRecord, day: dt.date, until: dt.date) -> dict[str, list[tuple[Any, ...]]]:
    """What ``evaluate`` should say: by code each occurrence with its key, window, state and what completed it."""
    books = {code: Book(code, record, day, until) for code in sorted(record.histories)}
    pins = pins_of(record, day)
    excluded = {(one.fulfilment_id, one.code) for one in record.corrections if one.key is None}
    first = min([one for book in books.values() for one in book.days[:1]], default=day)
    for today in walk(first, day):
        for book in books.values():
            book.morning(today)
            reserve(book, pins)
        of_day = [one for one in record.fulfilments if one.day == today]
        named = {activity.id for activity in pins.values()}
        for activity in sorted(of_day, key=lambda one: (one.id not in named, one.id)):
            fitting = [book for code, book in books.items() if code in activity.fits]
            fitting = [book for book in fitting if (activity.id, book.code) not in excluded]
            for book in {*fitting, *do(activity, fitting, pins, books)}:
                book.seen(today)
        for book in books.values():
            book.evening(today)
            reserve(book, pins)
    return {code: book.result() for code, book in books.items()}


def reserve(book: Book, pins: dict[tuple[str, Key], Fulfilment]) -> None:
    """Keep occurrences for the activities that a person has given them."""
    for window in book.all():
        pinned = pins.get((book.code, Key(book.code, window.kind, window.start, window.event)))
        if pinned and (window.kind is not Kind.INTERVAL or window.start < pinned.day):
            window.reserved = pinned


def do(activity: Fulfilment, fitting: list[Book], pins: Any, books: dict[str, Book]) -> list[Book]:
    """Let one activity complete what it completes; return the actions that a person has given it to."""
    given: list[Book] = []
    is_taken = False
    for code, key in sorted(name for name, pinned in pins.items() if pinned is activity and name[0] in books):
        book = books[code]
        for window in book.all():
            is_after = window.kind is not Kind.INTERVAL or window.start < activity.day
            is_free = window.done is None and not window.is_skipped
            if key != Key(code, window.kind, window.start, window.event) or not is_free or not is_after:
                continue
            if is_taken and not window.action.is_shared:
                window.reserved = None
                del pins[code, key]
            else:
                is_taken = is_taken or not window.action.is_shared
                book.complete(window, activity)
                given.append(book)
    rest = []
    for book in fitting:
        reserve(book, pins)
        window = book.candidate(activity.day)
        if window and window.action.is_shared:
            book.complete(window, activity)
        elif window:
            rest.append((window.last < activity.day, window.last, book.code, window))
    if rest and not is_taken:
        _late, _last, code, window = min(rest, key=lambda one: one[:3])
        books[code].complete(window, activity)
    for book in books.values():
        reserve(book, pins)
    return given
