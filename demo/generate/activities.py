"""Three years of work with each customer, and what is planned."""

from __future__ import annotations

from collections.abc import Iterator

from demo.generate.builder import Builder
from demo.generate.calendar import CalendarMaker
from demo.generate.customers import Subject
from demo.generate.dice import Dice, Weighted
from demo.generate.feedback import FeedbackMaker
from demo.generate.mail import MailMaker
from demo.generate.offers import LeadMaker
from demo.generate.rows import ActivityRow, EncounterRow, Row
from demo.generate.texts import TOPICS
from demo.generate.world import DAYS_AHEAD, Address, World

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
        "call": 28, "email": 14, "visit": 14, "meeting": 6, "memo": 5, "feedback": 4, "customer_work": 5, "lead": 1.5,
        "training": 4, "seminar": 2, "steering_group": 1, "working_group": 1.5, "project_work": 2, "planning": 1,
    }
)  # fmt: skip
PLANNED_KINDS = Weighted({"visit": 5, "call": 4, "meeting": 2, "training": 1, "planning": 0.5, "seminar": 0.5})
ENCOUNTERS = frozenset({"call", "visit", "meeting", "training", "seminar", "steering_group", "working_group"})
FOLLOWED = frozenset({"visit", "meeting"})
MOMENTS = Weighted({"": 90, "positive": 6, "negative": 4})
SOLVED = Weighted({True: 35, False: 15, None: 50})
LATELY = 28  # days within which some work may still be open


class ActivityMaker:
    """Makes activities with all that belongs to them.

    ``thinning`` leaves out that share of past ones; ``detail`` is the share of what is kept besides: messages, answers.
    """

    def __init__(self, world: World, dice: Dice, *, thinning: float = 0.0, detail: float = 1.0) -> None:
        self.world, self.dice, self.thinning = world, dice, thinning
        self.builder = Builder(world, dice)
        self.mail = MailMaker(self.builder, detail)
        self.feedback = FeedbackMaker(self.builder, 0.12 * detail)
        self.leads = LeadMaker(self.builder)
        self.calendar = CalendarMaker(self.builder)

    def make(self, subject: Subject, contacts: list[Address]) -> Iterator[Row]:
        """Yield the rows of a customer's past and planned activities."""
        dice = self.dice
        last = subject.until if subject.until is not None else -1
        for _number in range(dice.weighted(HOW_MANY[subject.segment])):
            if dice.random() >= self.thinning:
                yield from self._past(subject, contacts, self.world.days.working(dice.number(subject.since, last)))
        yield from self.feedback.questions(subject, contacts)
        if subject.segment == "A":
            yield from self.calendar.monthly_calls(subject, contacts)
        if not subject.is_passive:
            yield from self._planned(subject, contacts)

    def _past(self, subject: Subject, contacts: list[Address], day: int) -> Iterator[Row]:
        kind = self.dice.weighted(KINDS)
        if kind == "feedback":
            yield from self.feedback.make(subject, contacts, day)
        elif kind == "lead":
            yield from self.leads.make(subject, day)
        elif kind == "email":
            yield from self.mail.make(subject, contacts, day)
        else:
            yield from self._work(kind, subject, contacts, day)

    def _work(self, kind: str, subject: Subject, contacts: list[Address], day: int) -> Iterator[Row]:
        status = self._status(subject, day)
        text = self.builder.writer.write(kind, done=status == "done")
        people = self.builder.people(subject)
        activity, others = self.builder.rows(kind, subject, text, day, status, people, contacts)
        yield activity
        yield from others
        if kind in ENCOUNTERS and status == "done":
            yield from self._encounter(activity)
        if kind in FOLLOWED and status == "done":
            yield from self._outcome(subject, contacts, day, activity, people)

    def _status(self, subject: Subject, day: int) -> str:
        """Nearly all is done; of the last weeks' work some waits to be reported."""
        if not subject.is_passive and day > -LATELY and self.dice.chance(0.07):
            return "open" if self.dice.chance(0.6) else "in_progress"
        return "done"

    def _encounter(self, activity: ActivityRow) -> Iterator[EncounterRow]:
        dice, reasons = self.dice, self.world.contact_reasons
        if dice.chance(0.6):
            matters = dict.fromkeys(dice.pick(TOPICS).base for _number in range(dice.number(1, 3)))
            yield EncounterRow(
                activity_id=activity.id,
                matters=", ".join(matters),
                solved_at_once=dice.weighted(SOLVED),
                critical_moment=dice.weighted(MOMENTS),
                with_video=activity.channel == "video",
                with_interpreter=dice.chance(0.01),
                unnecessary_id=dice.pick(reasons) if reasons and dice.chance(0.04) else None,
            )

    def _outcome(
        self, subject: Subject, contacts: list[Address], day: int, activity: ActivityRow, people: list[int]
    ) -> Iterator[Row]:
        """Return the follow-ups that were agreed on a visit or a meeting; now and then feedback was given, too."""
        dice = self.dice
        if dice.chance(0.2):
            then = self.world.days.working_after(day, dice.number(3, 15))
            last = subject.until if subject.until is not None else DAYS_AHEAD
            if then < last:
                status = "open" if then >= 0 else self._status(subject, then)
                text = self.builder.writer.write("call", done=status == "done")
                row, others = self.builder.rows(
                    "call", subject, text, then, status, people, contacts, follows=activity.id
                )
                yield row._replace(created_at=activity.start)
                yield from others
        if dice.chance(0.03):
            yield from self.feedback.make(subject, contacts, day, heard_on=activity.id)

    def _planned(self, subject: Subject, contacts: list[Address]) -> Iterator[Row]:
        wanted = PLANNED[subject.segment]
        for _number in range(int(wanted + self.dice.random())):
            day = self.world.days.working(1 + int(self.dice.random() ** 2 * (DAYS_AHEAD - 10)))
            kind = self.dice.weighted(PLANNED_KINDS)
            text = self.builder.writer.write(kind, done=False)
            if day > 0:
                people = self.builder.people(subject)
                activity, others = self.builder.rows(kind, subject, text, day, "open", people, contacts)
                yield activity
                yield from others
