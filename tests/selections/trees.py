"""Random trees over the world of :mod:`tests.selections.world`."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core import clock
from tests.selections.world import World


class Trees:
    def __init__(self, world: World) -> None:
        self.world, self.dice = world, world.dice

    def tree(self, subject: str, depth: int = 3) -> dict[str, Any]:
        parts = [self.part(subject, depth - 1) for _number in range(self.dice.randint(1, 3))]
        return {"join": self.dice.choice(["all", "any", "none"]), "parts": parts}

    def part(self, subject: str, depth: int) -> dict[str, Any]:
        if depth and self.dice.random() < 0.35:
            inner = {"customer": "person", "contact": "customer"}.get(subject)
            if inner and self.dice.random() < 0.6:
                return {**self.tree(inner, 1), "relation": inner}
            return self.tree(subject, depth)
        makers = {"customer": self.customer, "contact": self.contact, "person": self.person}
        return makers[subject]()

    def some(self, rows: list[Any]) -> list[int]:
        return [row.pk for row in self.dice.sample(rows, self.dice.randint(1, min(2, len(rows))))]

    def maybe(self, **values: Any) -> dict[str, Any]:
        return {name: value for name, value in values.items() if self.dice.random() < 0.35}

    def period(self, *others: str) -> dict[str, Any]:
        when = self.dice.choice(["last", "older", "next", "between", "this_year", *others])
        if when in ("last", "not_last", "older", "next"):
            return {"when": when, "days": self.dice.choice([0, 7, 90, 180])}
        day = clock.today() - dt.timedelta(days=self.dice.randint(0, 200))
        if when == "not_since":
            return {"when": when, "from": day.isoformat()}
        if when == "between":
            return {"when": when, "from": day.isoformat(), "to": (day + dt.timedelta(days=60)).isoformat()}
        return {"when": when}

    def amount(self) -> dict[str, Any]:
        amount = self.dice.choice(["some", "none", "at_most"])
        return {"amount": amount} if amount == "none" else {"amount": amount, "count": self.dice.randint(1, 3)}

    def rows(self, rows: list[Any], *others: str) -> dict[str, Any]:
        op = self.dice.choice(["is", "is_not", *others])
        return {"op": op, "rows": self.some(rows)} if op.startswith("is") else {"op": op}

    def number(self, highest: int) -> dict[str, Any]:
        return {"op": self.dice.choice(["at_least", "at_most", "equals"]), "number": self.dice.randint(0, highest)}

    def customer(self) -> dict[str, Any]:
        world, dice = self.world, self.dice
        visits = {
            **self.amount(), **self.period("ever"),
            **self.maybe(
                types=self.some(world.types), state=dice.choice(["done", "open", "overdue"]), channels=["phone"],
                keywords=self.some(world.keywords), users=self.some(world.users),
            ),
        }  # fmt: skip
        feedback = {
            **self.amount(), **self.period("ever"),
            **self.maybe(tones=["negative"], state=dice.choice(["unresolved", "unanswered"])),
        }  # fmt: skip
        sold = {**self.amount(), **self.period("ever"), **self.maybe(net="2000")}
        bought = {
            **self.amount(), **self.period("ever"),
            **self.maybe(products=self.some(world.products), groups=self.some(world.groups)),
        }  # fmt: skip
        fields: dict[str, dict[str, Any]] = {
            "segment": self.rows(world.segments, "empty"),
            "class": self.rows(world.nodes),
            "owner": self.rows(world.users, "me", "empty"),
            "municipality": self.rows(world.places, "empty", "filled"),
            "region": {"op": dice.choice(["is", "is_not"]), "values": [world.places[0].region]},
            "organisation_form": {"op": dice.choice(["is", "is_not"]), "values": ["company"]},
            "name": {"op": dice.choice(["contains", "begins"]), "text": dice.choice(["kone", "1", "talo"])},
            "email": dice.choice([{"op": "empty"}, {"op": "contains", "text": "a1"}]),
            "personnel": dice.choice([self.number(100), {"op": "empty"}, {"op": "filled"}]),
            "ordered": {**self.number(4), "number": str(dice.randint(0, 4) * 1_000)},
            "obliged": {"answer": dice.choice(["yes", "no"])},
            "last_contact": self.period("not_last", "empty"),
            "last_order": self.period("not_last", "not_since", "empty"),
            "activities": visits,
            "feedback": feedback,
            "offers": {**sold, **self.maybe(statuses=["lost"])},
            "orders": {**sold, **self.maybe(statuses=["invoiced", "cancelled"])},
            "bought": bought,
        }
        name = dice.choice(list(fields))
        return {"field": f"customer.{name}", "values": fields[name]}

    def contact(self) -> dict[str, Any]:
        fields: dict[str, dict[str, Any]] = {
            "role": self.rows(self.world.roles, "empty", "filled"),
            "consent": {"channel": "email", "answer": self.dice.choice(["yes", "no", "unknown"])},
            "class": self.rows(self.world.targets),
            "language": {"op": self.dice.choice(["is", "is_not"]), "values": ["sv"]},
            "activities": {**self.amount(), **self.period("ever"), **self.maybe(types=self.some(self.world.types))},
        }
        name = self.dice.choice(list(fields))
        return {"field": f"contact.{name}", "values": fields[name]}

    def person(self) -> dict[str, Any]:
        fields: dict[str, dict[str, Any]] = {
            "role": self.rows(self.world.roles, "empty", "filled"),
            "title": {"text": self.dice.choice(["johtaja", "osta"])},
            "consent": {"channel": "email", "answer": self.dice.choice(["yes", "no", "unknown"])},
            "language": {"op": self.dice.choice(["is", "is_not"]), "values": ["sv"]},
        }
        name = self.dice.choice(list(fields))
        return {"field": f"person.{name}", "values": fields[name]}
