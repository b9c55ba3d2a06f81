"""What recurs, and work that concerns no single customer."""

from __future__ import annotations

from collections.abc import Iterator

from demo.generate.builder import Builder
from demo.generate.customers import Subject
from demo.generate.dice import Weighted
from demo.generate.rows import ActivityRow, Row, SeriesRow, WorkTargetRow
from demo.generate.texts import Text
from demo.generate.users import account_teams
from demo.generate.world import Address

OWN_KINDS = Weighted({"internal_meeting": 4, "planning": 2, "project_work": 2, "customer_work": 2, "memo": 1})
FILLING_KINDS = Weighted({"customer_work": 4, "planning": 2, "project_work": 2})
#: Their calendars are their records of work: the last weeks are filled up.
RECORDED = ("key_account_manager", "account_manager")
WEEKS = 12
ENTRIES = 6
WEEKS_MADE = 13
MONTHS = 100  # days to both sides of today in which a monthly call is made


class CalendarMaker:
    def __init__(self, builder: Builder) -> None:
        self.builder, self.world, self.dice = builder, builder.world, builder.dice

    def own(self, user: int) -> Iterator[Row]:
        """Yield a user's work without a customer: every other week something, and two to come."""
        for week in range(-78, 2):
            day = self.world.days.working(week * 14 + self.dice.number(1, 10))
            people = [user, *(self.dice.pick(self.world.everyone) for _number in range(3))]
            yield from self._work(self.dice.weighted(OWN_KINDS), day, people)

    def _work(self, kind: str, day: int, people: list[int], length: int | None = None) -> Iterator[Row]:
        text = self.builder.writer.write(kind, done=day < 0)
        status = "done" if day < 0 else "open"
        activity, others = self.builder.rows(kind, None, text, day, status, people, [], length=length)
        yield activity
        yield from others

    def filling(self, user: int) -> Iterator[Row]:
        """Yield the last weeks of somebody who records all work: what is left of them is work for all customers."""
        yield WorkTargetRow(user, 37.5)
        monday = -self.world.days.weekday(0)
        for week in range(-WEEKS, 1):
            for entry in range(ENTRIES):
                day = monday + week * 7 + entry % 5
                if day < 0 and self.builder.hours.left(user, monday + week * 7) > 1:
                    hours = self.dice.pick((2, 3, 4, 5))
                    yield from self._work(self.dice.weighted(FILLING_KINDS), day, [user], hours * 60)

    def team_meetings(self) -> Iterator[Row]:
        """Yield the meetings of the account teams, on Mondays at nine."""
        monday = -self.world.days.weekday(0)
        days = [monday + 7 * week for week in range(-WEEKS, WEEKS_MADE + 1)]
        text, rule = Text("Asiakkuustiimin viikkopalaveri", "", ""), "FREQ=WEEKLY;BYDAY=MO"
        for team in account_teams(self.world.staff):
            yield from self._series("internal_meeting", None, text, rule, days, 9 * 60, team.members, [])

    def monthly_calls(self, subject: Subject, contacts: list[Address]) -> Iterator[Row]:
        """Yield a call to a key customer's first contact, on every month's second Tuesday."""
        if subject.owner is not None and not subject.is_passive:
            days = self.world.days.second_tuesdays(max(-MONTHS, subject.since), MONTHS)
            text = Text("Kuukausisoitto: ajankohtaiset asiat", "", "")
            yield from self._series(
                "call", subject, text, "FREQ=MONTHLY;BYDAY=2TU", days, 10 * 60, [subject.owner], contacts[:1]
            )

    def _series(
        self,
        kind: str,
        subject: Subject | None,
        text: Text,
        rule: str,
        days: list[int],
        begin: int,
        people: list[int],
        contacts: list[Address],
    ) -> Iterator[Row]:
        if not days:
            return
        key, moment = next(self.world.series_ids), self.world.days.moment
        yield SeriesRow(key, rule, moment(days[0], begin), moment(days[-1], begin + 1), people[0])
        for day in days:
            status = "done" if day < 0 else "open"
            activity, others = self.builder.rows(
                kind, subject, text, day, status, people, contacts, begin=begin, series=key
            )
            yield self._told(activity, kind)
            yield from others

    def _told(self, activity: ActivityRow, kind: str) -> ActivityRow:
        memo = self.builder.writer.write(kind, done=True).memo if activity.status == "done" else ""
        return activity._replace(memo=memo)
