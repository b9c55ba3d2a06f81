"""The rows of one activity: itself, its participants, its contacts."""

from __future__ import annotations

from collections.abc import Mapping

from demo.generate.customers import Subject
from demo.generate.dice import Dice
from demo.generate.rows import ActivityContactRow, ActivityRow, ParticipationRow, Row
from demo.generate.texts import PLACES, Text, Writer
from demo.generate.world import Address, World

ALONE = frozenset({"memo", "customer_work", "planning", "lead", "internal_meeting"})
WEEK = 37.5  # hours of work
EVENING = 23 * 60


class Hours:
    """Hours of work by person and week: nobody works more than a week has."""

    def __init__(self, world: World) -> None:
        self.days, self.week = world.days, WEEK
        self.used: dict[tuple[int, int], float] = {}

    def take(self, user: int, day: int, wanted: float) -> float | None:
        """Return as many of the wanted hours as the user's week has left."""
        key = user, day - self.days.weekday(day)
        used = self.used.get(key, 0.0)
        given = min(wanted, self.week - used)
        if given <= 0:
            return None
        self.used[key] = used + given
        return given

    def left(self, user: int, monday: int) -> float:
        return self.week - self.used.get((user, monday), 0.0)

    def add(self, used: Mapping[tuple[int, int], float]) -> None:
        """Count hours that were taken elsewhere."""
        for key, hours in used.items():
            self.used[key] = self.used.get(key, 0.0) + hours


class Builder:
    """Makes activities for all the makers, who share its dice and its hours."""

    def __init__(self, world: World, dice: Dice) -> None:
        self.world, self.dice = world, dice
        self.writer, self.hours = Writer(dice), Hours(world)

    def people(self, subject: Subject) -> list[int]:
        """Return the owner mostly, sometimes somebody else, sometimes two."""
        dice, everyone = self.dice, self.world.everyone
        first = subject.owner if subject.owner is not None and dice.chance(0.85) else dice.pick(everyone)
        return [first, dice.pick(everyone)] if dice.chance(0.12) else [first]

    def rows(
        self,
        code: str,
        subject: Subject | None,
        text: Text,
        day: int,
        status: str,
        people: list[int],
        contacts: list[Address],
        *,
        begin: int | None = None,
        length: int | None = None,
        settlement: str = "",
        follows: int | None = None,
        follow_kind: str = "follow_up",
        series: int | None = None,
    ) -> tuple[ActivityRow, list[Row]]:
        """Return the activity and the rows that belong to it."""
        dice, days, kind = self.dice, self.world.days, self.world.kinds[code]
        begin = 8 * 60 + 15 * dice.number(0, 32) if begin is None else begin
        length = kind.duration if length is None else length
        start, end = days.moment(day, begin), days.moment(day, min(begin + length, EVENING))
        done = status == "done"
        activity = ActivityRow(
            id=next(self.world.activity_ids),
            type_id=kind.id,
            customer_id=subject.id if subject else None,
            title=text.title,
            goal=text.goal,
            memo=text.memo,
            start=start,
            end=end,
            status=status,
            channel="video" if kind.channel == "meeting" and dice.chance(0.25) else kind.channel,
            place=dice.pick(PLACES) if kind.channel == "meeting" and dice.chance(0.6) else "",
            hours=self._hours(people[0], day, length) if done else None,
            settlement=settlement,
            created_by_id=people[0],
            closed_at=end if done else None,
            created_at=start if day < 0 else days.moment(-dice.number(0, 14), 9 * 60),
            follows_id=follows,
            follow_kind=follow_kind,
            series_id=series,
            series_start=start if series else None,
        )
        return activity, self._others(activity, people, [] if code in ALONE else contacts)

    def _hours(self, user: int, day: int, length: int) -> float | None:
        wanted = round(length / 60 + self.dice.number(0, 4) * 0.25, 2)
        return self.hours.take(user, day, wanted) if self.dice.chance(0.8) else None

    def _others(self, activity: ActivityRow, people: list[int], contacts: list[Address]) -> list[Row]:
        due = None if activity.status == "done" else activity.start
        rows: list[Row] = [ParticipationRow(activity.id, user, due, activity.start) for user in dict.fromkeys(people)]
        if contacts:
            contact = contacts[0] if self.dice.chance(0.5) else self.dice.pick(contacts)
            rows.append(ActivityContactRow(activity.id, contact.id))
        return rows
