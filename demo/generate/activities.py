"""Three years of work with each customer, and what is planned."""

from __future__ import annotations

from collections.abc import Iterator

from demo.generate.customers import Subject
from demo.generate.dice import Dice, Weighted
from demo.generate.rows import ActivityContactRow, ActivityKeywordRow, ActivityRow, ParticipationRow, Row
from demo.generate.texts import PLACES, Text, Writer
from demo.generate.world import DAYS_AHEAD, World

#: Done activities in three years, by segment: key customers weekly, growing ones monthly, the rest now and then.
HOW_MANY = {
    "A": Weighted({150: 1, 160: 1, 170: 1}),
    "B": Weighted({24: 1, 32: 2, 36: 2, 44: 1}),
    "C": Weighted({0: 2, 3: 3, 6: 4, 9: 4, 13: 4, 20: 3, 30: 1}),
    "P": Weighted({2: 1, 5: 3, 9: 3, 14: 1}),
    "": Weighted({0: 3, 1: 3, 4: 2, 8: 1}),
}
PLANNED = {"A": 4.0, "B": 0.9, "C": 0.16, "P": 0.45, "": 0.04}
KINDS = Weighted(
    {
        "call": 28, "email": 24, "visit": 14, "meeting": 6, "memo": 5, "feedback": 5, "customer_work": 5, "lead": 1.5,
        "training": 4, "seminar": 2, "steering_group": 1, "working_group": 1.5, "project_work": 2, "planning": 1,
    }
)  # fmt: skip
PLANNED_KINDS = Weighted({"visit": 5, "call": 4, "meeting": 2, "training": 1, "planning": 0.5, "seminar": 0.5})
OWN_KINDS = Weighted({"internal_meeting": 4, "planning": 2, "project_work": 2, "customer_work": 2, "memo": 1})
ALONE = frozenset({"memo", "customer_work", "planning", "lead", "internal_meeting"})
LATELY = 28  # days within which some work may still be open


class ActivityMaker:
    """Makes activities with participants, contacts and keywords. ``thinning`` leaves out that share of past ones."""

    def __init__(self, world: World, dice: Dice, thinning: float = 0.0) -> None:
        self.world, self.dice, self.thinning = world, dice, thinning
        self.writer = Writer(dice)
        self.everyone = world.everyone

    def make(self, subject: Subject, contacts: list[int]) -> Iterator[Row]:
        """The rows of a customer's past and planned activities."""
        dice = self.dice
        last = subject.until if subject.until is not None else -1
        for _number in range(dice.weighted(HOW_MANY[subject.segment])):
            if dice.random() >= self.thinning:
                day = self._working_day(dice.number(subject.since, last))
                yield from self._past(subject, contacts, day)
        if not subject.is_passive:
            yield from self._planned(subject, contacts)

    def make_own(self, user: int) -> Iterator[Row]:
        """The rows of a user's work that concerns no single customer: every other week something, and two to come."""
        for week in range(-78, 2):
            day = self._working_day(week * 14 + self.dice.number(1, 10))
            kind = self.dice.weighted(OWN_KINDS)
            people = [user, *(self.dice.pick(self.everyone) for _number in range(3))]
            text = self.writer.write(kind, done=day < 0)
            yield from self._rows(kind, None, text, day, "done" if day < 0 else "open", people, [])

    def _working_day(self, day: int) -> int:
        """Return the day itself, or from a weekend the Friday before."""
        return day - max(0, self.world.days.weekday(day) - 4)

    def _past(self, subject: Subject, contacts: list[int], day: int) -> Iterator[Row]:
        kind = self.dice.weighted(KINDS)
        if kind == "feedback":
            yield from self._feedback(subject, contacts, day)
            return
        status = self._status(subject, kind, day)
        text = self.writer.write(kind, done=status == "done")
        yield from self._rows(kind, subject, text, day, status, self._people(subject), contacts)

    def _status(self, subject: Subject, kind: str, day: int) -> str:
        """Nearly all is done; of the last weeks' work some waits to be reported, of older leads some hang."""
        if subject.is_passive:
            return "done"
        if day > -LATELY and self.dice.chance(0.07):
            return "open" if self.dice.chance(0.6) else "in_progress"
        return "open" if kind == "lead" and day > -200 and self.dice.chance(0.15) else "done"

    def _feedback(self, subject: Subject, contacts: list[int], day: int) -> Iterator[Row]:
        positive = self.dice.chance(0.6)
        text = self.writer.feedback(positive=positive)
        is_open = not positive and not subject.is_passive and day > -90 and self.dice.chance(0.5)
        settlement = "" if positive or is_open else self.writer.settlement()
        keyword = self.world.keywords["positive" if positive else "negative"]
        status, people = "open" if is_open else "done", self._people(subject)
        rows = self._rows("feedback", subject, text, day, status, people, contacts, settlement)
        activity = next(rows)
        yield activity
        yield ActivityKeywordRow(activity.id, keyword)  # type: ignore[union-attr]
        yield from rows

    def _planned(self, subject: Subject, contacts: list[int]) -> Iterator[Row]:
        wanted = PLANNED[subject.segment]
        for _number in range(int(wanted + self.dice.random())):
            day = self._working_day(1 + int(self.dice.random() ** 2 * (DAYS_AHEAD - 10)))
            kind = self.dice.weighted(PLANNED_KINDS)
            text = self.writer.write(kind, done=False)
            if day > 0:
                yield from self._rows(kind, subject, text, day, "open", self._people(subject), contacts)

    def _people(self, subject: Subject) -> list[int]:
        """The owner mostly, sometimes somebody else, sometimes two."""
        dice = self.dice
        first = subject.owner if subject.owner is not None and dice.chance(0.85) else dice.pick(self.everyone)
        return [first, dice.pick(self.everyone)] if dice.chance(0.12) else [first]

    def _rows(
        self,
        code: str,
        subject: Subject | None,
        text: Text,
        day: int,
        status: str,
        people: list[int],
        contacts: list[int],
        settlement: str = "",
    ) -> Iterator[Row]:
        """The activity, its participants and contacts."""
        dice, days, kind = self.dice, self.world.days, self.world.kinds[code]
        pk = next(self.world.activity_ids)
        begin = 8 * 60 + 15 * dice.number(0, 32)
        start, end = days.moment(day, begin), days.moment(day, min(begin + kind.duration, 23 * 60))
        done = status == "done"
        yield ActivityRow(
            id=pk,
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
            hours=round(kind.duration / 60 + dice.number(0, 4) * 0.25, 2) if done and dice.chance(0.7) else None,
            settlement=settlement,
            created_by_id=people[0],
            closed_at=end if done else None,
            created_at=start if day < 0 else days.moment(-dice.number(0, 14), 9 * 60),
        )
        for user in dict.fromkeys(people):
            yield ParticipationRow(pk, user, None if done else start, start)
        if contacts and code not in ALONE:
            yield ActivityContactRow(pk, contacts[0] if dice.chance(0.5) else dice.pick(contacts))
