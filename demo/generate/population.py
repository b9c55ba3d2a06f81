"""Everything of an organisation, in the order in which rows may point at each other.

At the end comes what lies on people's desks today, whatever the size of the organisation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice

from demo.generate.activities import ActivityMaker
from demo.generate.calendar import RECORDED
from demo.generate.contacts import ContactMaker
from demo.generate.customers import CustomerMaker, Subject
from demo.generate.dice import Dice
from demo.generate.offers import OfferMaker
from demo.generate.rows import (
    ActivityRow,
    FavouriteRow,
    FeedbackRow,
    InvitationRow,
    LeadRow,
    NotificationRow,
    ReminderRow,
    Row,
)
from demo.generate.world import Address, World

#: From this many customers on, the number of activities a customer is brought down from about 12 to about 5.
MANY = 200_000
#: The share of e-mails with their messages and of contacts asked, then.
DETAIL_OF_MANY = 0.1
FAVOURITES = 6


def population(world: World, customers: int, seed: int) -> Iterator[list[Row]]:
    """Yield the rows of one customer after the other, then those of the users' own work."""
    made = Population(world, seed, many=customers >= MANY)
    yield from made.customers(customers)
    yield from made.own_work()


class Population:
    """All customers, or a part of them: parts of one population can be made at the same time."""

    def __init__(self, world: World, seed: int, *, many: bool = False, salt: str = "") -> None:
        self.world, self.seed, self.many = world, seed, many
        dice = Dice(f"{seed} {salt}" if salt else seed)
        self.customer_maker, self.contact_maker = CustomerMaker(world, dice, seed), ContactMaker(world, dice)
        self.work_maker = ActivityMaker(
            world, dice, thinning=0.6 if many else 0.0, detail=DETAIL_OF_MANY if many else 1.0
        )
        self.offer_maker = OfferMaker(self.work_maker.builder, self.work_maker.leads)
        self.favourites, self.desks = Favourites(world), Desks(world, self.work_maker)

    def part(self, world: World, number: int, count: int) -> Population:
        """Return the ``number``-th of ``count`` parts of the customers that are still to be made.

        ``world`` is this one with ids of the part's own. Each part has its share of the business IDs and of the hours
        that people have in a week; the names that are taken by now stay taken.
        """
        part = Population(world, self.seed, many=self.many, salt=f"part {number} of {count}")
        part.customer_maker.organisations.continue_after(self.customer_maker.organisations)
        part.customer_maker.ids.update(self.customer_maker.ids)
        part.customer_maker.business_ids = islice(self.customer_maker.business_ids, number, None, count)
        part.work_maker.builder.hours.week /= count
        part.favourites.left.clear()
        return part

    def customers(self, count: int) -> Iterator[list[Row]]:
        """Yield the rows of so many further customers, one after the other."""
        for _number in range(count):
            subject, rows = self.customer_maker.make()
            contacts, contact_rows = self.contact_maker.make(subject)
            self.desks.remember(subject, contacts)
            rows += contact_rows
            rows += self.work_maker.make(subject, contacts)
            rows += self.offer_maker.make(subject, contacts)
            rows += self.favourites.of(subject.id, subject.owner)
            yield rows

    def own_work(self) -> Iterator[list[Row]]:
        """Yield the users' work for no single customer, then what lies on their desks today."""
        calendar = self.work_maker.calendar
        for user in self.world.everyone:
            yield list(calendar.own(user))
        for user in (user for role in RECORDED for user in self.world.staff[role]):
            yield list(calendar.filling(user))
        yield list(calendar.team_meetings())
        yield list(self.desks.rows())


class Favourites:
    """The first few customers of each demo account's own; of those who own none, the very first ones."""

    def __init__(self, world: World) -> None:
        self.owners = {user for role in ("account_manager", "key_account_manager") for user in world.staff[role]}
        self.left = dict.fromkeys(world.demo_users, FAVOURITES)

    def of(self, customer: int, owner: int | None) -> Iterator[FavouriteRow]:
        for user, left in self.left.items():
            if left and (owner == user or user not in self.owners):
                self.left[user] -= 1
                yield FavouriteRow(user, customer)


#: Feedback received so many days ago that still waits for its answer: some is due, some late.
WAITING = (0, 1, 2, 5, 9)
STATES = ("untaken", "untaken", "untaken", "taken", "taken", "customer", "closed")
ANSWERS = ("accepted", "needs_action", "tentative", "declined")
VISITS = (1, 2, 4, 7, 9)  # days ahead


class Desks:
    """Remembers a few customers with contacts who can be e-mailed, and gives their owners work."""

    def __init__(self, world: World, maker: ActivityMaker) -> None:
        self.world, self.maker, self.builder, self.dice = world, maker, maker.builder, maker.dice
        self.known: list[tuple[Subject, list[Address]]] = []

    def remember(self, subject: Subject, contacts: list[Address]) -> None:
        written = [contact for contact in contacts if contact.email]
        if len(self.known) < 12 and subject.owner in self.world.account_managers and written and not subject.is_passive:
            self.known.append((subject, written))

    def rows(self) -> Iterator[Row]:
        """Feedback that waits, leads, invitations and reminders of the next days, messages of strangers."""
        if not self.known:
            return
        yield from self._feedback()
        yield from self._leads()
        yield from self._visits()
        users = [*self.world.account_managers[:1], *self.world.staff["customer_adviser"][:1]]
        yield from self.maker.mail.strangers(users, [subject.domain for subject, _contacts in self.known[:3]])

    def _pick(self, number: int) -> tuple[Subject, list[Address]]:
        return self.known[number % len(self.known)]

    def _feedback(self) -> Iterator[Row]:
        for number, ago in enumerate(WAITING):
            subject, contacts = self._pick(number)
            day = self.world.days.working(-ago) if ago else 0
            tone = "idea" if number == 1 else "negative"
            rows = list(self.maker.feedback.make(subject, contacts, day, tone=tone, is_answered=False))
            yield from rows
            activity = next(row for row in rows if isinstance(row, ActivityRow))
            feedback = next(row for row in rows if isinstance(row, FeedbackRow))
            kind = "feedback_late" if feedback.escalated_at else "feedback_given"
            yield self._notice(subject.owner, kind, activity, subject, ago)

    def _leads(self) -> Iterator[Row]:
        for number, state in enumerate(STATES):
            subject, _contacts = self._pick(number + 3)
            rows = list(self.maker.leads.make(subject, self.world.days.working(-2 - 3 * number), state))
            yield from rows
            activity = next(row for row in rows if isinstance(row, ActivityRow))
            lead = next(row for row in rows if isinstance(row, LeadRow))
            if lead.offered_to_id and state == "untaken":
                yield self._notice(lead.offered_to_id, "lead_offered", activity, subject, 2 + 3 * number)

    def _visits(self) -> Iterator[Row]:
        """Yield visits of the next days, with a reminder to the owner and an invitation to the contact."""
        for number, ahead in enumerate(VISITS):
            subject, contacts = self._pick(number)
            day = self.world.days.working_after(0, ahead)
            text = self.builder.writer.write("visit", done=False)
            begin = 9 * 60 + 60 * number
            activity, others = self.builder.rows(
                "visit", subject, text, day, "open", [subject.owner or 0], contacts[:1], begin=begin
            )
            yield activity._replace(ical_uid=f"demo-{activity.id}@portaali.example")
            yield from others
            yield ReminderRow(activity.id, subject.owner or 0, 30, self.world.days.moment(day, begin - 30))
            yield self._invitation(activity, contacts[0], ANSWERS[number % len(ANSWERS)])

    def _invitation(self, activity: ActivityRow, contact: Address, answer: str) -> InvitationRow:
        moment = self.world.days.moment
        is_answered = answer != "needs_action"
        return InvitationRow(
            activity_id=activity.id,
            contact_id=contact.id,
            user_id=None,
            email=contact.email,
            answer=answer,
            answered_at=moment(-1, 15 * 60) if is_answered else None,
            state="sent",
            sent_at=moment(-3, 9 * 60),
        )

    def _notice(
        self, user: int | None, kind: str, activity: ActivityRow, subject: Subject, ago: int
    ) -> NotificationRow:
        opener = self.world.people[activity.created_by_id or self.world.everyone[0]].name
        data = {"title": activity.title, "customer": subject.organisation.name, "user": opener}
        return NotificationRow(
            user_id=user or self.world.everyone[0],
            kind=kind,
            data=json.dumps(data),
            url=f"/activities/{activity.id}/",
            created_at=self.world.days.moment(-ago, 8 * 60),
            read_at=self.world.days.moment(-ago, 9 * 60) if ago > 8 else None,
        )
