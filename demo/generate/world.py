"""What the generators need to know of the installation: the day, the classes, types, municipalities and users by id."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from core.working_days import working_days_after

HELSINKI = zoneinfo.ZoneInfo("Europe/Helsinki")
DAYS_BACK, DAYS_AHEAD = 3 * 365, 120


class Address(NamedTuple):
    """Somebody who writes and is written to; ``email`` is empty when it is not known."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Kind:
    """An activity type."""

    id: int
    code: str
    channel: str
    duration: int


@dataclass(frozen=True)
class SizeClass:
    code: str
    lower: int
    upper: int


class Product(NamedTuple):
    """What lines of offers need of a product: ``unit`` is the code, ``price`` and ``vat_rate`` those of today."""

    id: int
    name: str
    unit: str
    unit_id: int
    vat_rate: Decimal
    price: Decimal
    owner_id: int


@dataclass(frozen=True)
class World:
    """Everything by its stable code. ``staff`` is user ids by role, the demo account of the role first."""

    today: dt.date
    nodes: Mapping[str, Mapping[str, int]]
    scheme_id: int  # of the segments, which are among the nodes as those of the branch "segment"
    sizes: Mapping[str, SizeClass]
    kinds: Mapping[str, Kind]
    keywords: Mapping[str, int]
    municipalities: Mapping[str, int]
    staff: Mapping[str, list[int]]
    demo_users: list[int]
    people: Mapping[int, Address]
    contact_reasons: list[int]
    lead_sources: list[int]
    lead_close_reasons: list[int]
    customer_ids: Iterator[int]
    contact_ids: Iterator[int]
    activity_ids: Iterator[int]
    series_ids: Iterator[int]
    thread_ids: Iterator[int]
    message_ids: Iterator[int]
    offer_types: Mapping[str, int]
    lost_reasons: list[int]
    products: list[Product]
    offer_ids: Iterator[int]
    order_ids: Iterator[int]
    days: Days = field(init=False)
    account_managers: list[int] = field(init=False)
    key_people: list[int] = field(init=False)
    lead_openers: list[int] = field(init=False)
    supporters: list[int] = field(init=False)
    sellers: list[int] = field(init=False)
    everyone: list[int] = field(init=False)

    def __post_init__(self) -> None:
        """Make once what is asked for every row."""
        staff = self.staff
        made = {
            "days": Days(self.today),
            "account_managers": staff["account_manager"],
            "key_people": staff["key_account_manager"] + staff["regional_coordinator"],
            "lead_openers": staff["key_account_manager"] + staff["sales_and_marketing"],
            "supporters": staff["services"] + staff["inno"],
            "sellers": staff["account_manager"] + staff["key_account_manager"],
            "everyone": [user for users in staff.values() for user in users],
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)


class Days:
    """Days around today as text, made once: turning five million dates into text one by one takes minutes."""

    def __init__(self, today: dt.date) -> None:
        self.today = today
        self._dates = [today + dt.timedelta(days) for days in range(-DAYS_BACK - 60, DAYS_AHEAD + 60)]
        self._texts = [day.isoformat() for day in self._dates]
        self._offsets = [dt.datetime.combine(day, dt.time(12), HELSINKI).strftime("%z")[:3] for day in self._dates]

    def date(self, day: int) -> str:
        """Return the day that is ``day`` days from today (negative: ago), as 2026-11-21."""
        return self._texts[day + DAYS_BACK + 60]

    def moment(self, day: int, minutes: int) -> str:
        """Return a time of that day in Helsinki."""
        index = day + DAYS_BACK + 60
        return f"{self._texts[index]} {minutes // 60:02d}:{minutes % 60:02d}:00{self._offsets[index]}"

    def is_working_day(self, day: int) -> bool:
        return self._dates[day + DAYS_BACK + 60].weekday() < 5

    def weekday(self, day: int) -> int:
        return self._dates[day + DAYS_BACK + 60].weekday()

    def working(self, day: int) -> int:
        """Return the day itself, or from a weekend the Friday before."""
        return day - max(0, self.weekday(day) - 4)

    def working_after(self, day: int, count: int) -> int:
        """Return the ``count``-th working day after ``day`` (rule 14)."""
        return (working_days_after(self._dates[day + DAYS_BACK + 60], count) - self.today).days

    def second_tuesdays(self, first: int, last: int) -> list[int]:
        """Return the days from ``first`` to ``last`` that are a month's second Tuesday."""
        dates = [(day, self._dates[day + DAYS_BACK + 60]) for day in range(first, last + 1)]
        return [day for day, date in dates if date.weekday() == 1 and 8 <= date.day <= 14]
