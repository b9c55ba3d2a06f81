"""Everything of an organisation, in the order in which rows may point at each other."""

from __future__ import annotations

from collections.abc import Iterator

from demo.generate.activities import ActivityMaker
from demo.generate.calendar import RECORDED
from demo.generate.contacts import ContactMaker
from demo.generate.customers import CustomerMaker
from demo.generate.desks import Desks
from demo.generate.dice import Dice
from demo.generate.offers import OfferMaker
from demo.generate.rows import Row
from demo.generate.rows.customers import FavouriteRow
from demo.generate.world import World

#: From this many customers on, the number of activities a customer is brought down from about 12 to about 5.
MANY = 200_000
#: The share of e-mails with their messages and of contacts asked, then.
DETAIL_OF_MANY = 0.1
FAVOURITES = 6


def population(world: World, customers: int, seed: int) -> Iterator[list[Row]]:
    """Yield the rows of one customer after the other, then those of the users' own work."""
    dice = Dice(seed)
    customer_maker, contact_maker = CustomerMaker(world, dice, seed), ContactMaker(world, dice)
    many = customers >= MANY
    activity_maker = ActivityMaker(world, dice, thinning=0.6 if many else 0.0, detail=DETAIL_OF_MANY if many else 1.0)
    offer_maker = OfferMaker(activity_maker.builder, activity_maker.leads)
    favourites, desks = Favourites(world), Desks(world, activity_maker)
    for _number in range(customers):
        subject, rows = customer_maker.make()
        contacts, contact_rows = contact_maker.make(subject)
        desks.remember(subject, contacts)
        work = [*activity_maker.make(subject, contacts), *offer_maker.make(subject, contacts)]
        yield [*rows, *contact_rows, *work, *favourites.of(subject.id, subject.owner)]
    for user in world.everyone:
        yield list(activity_maker.calendar.own(user))
    for user in (user for role in RECORDED for user in world.staff[role]):
        yield list(activity_maker.calendar.filling(user))
    yield list(activity_maker.calendar.team_meeting())
    yield list(desks.rows())


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
