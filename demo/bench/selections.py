"""Ten selections: common and rare ones, three of them with activities, orders and persons inside each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from accounts.models import User
from core.conditions import tree as trees
from core.conditions.forms import checked
from customers.selections.models import Selection
from customers.selections.services import selection_create
from demo.bench.client import Case
from demo.bench.measure import Aim
from demo.loading.selections import decision_maker_known, in_place, in_segment, no_visit

MARK = "Mittaus: "
FRAGMENT = {"HX-Request": "true", "HX-Target": "list"}
PART, COUNT = {"HX-Request": "true"}, ", count"
#: Milliseconds for a page and its count at a million customers.
LONGEST = 1_000


def _rule(field: str, **values: Any) -> dict[str, Any]:
    return {"field": field, "values": values}


def _group(join: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"join": join, "parts": list(parts)}


def _orders(amount: str, days: int, **values: Any) -> dict[str, Any]:
    return _rule("customer.orders", amount=amount, when="last", days=days, **values)


CONDITIONS = {
    "B in Espoo, no visit in 90 days, decision maker known": lambda: _group(
        "all", in_segment("B"), in_place("Espoo"), no_visit(90), decision_maker_known()
    ),
    "no visit in 180 days": lambda: _group("all", no_visit(180)),
    "decision maker with consent to e-mail": lambda: _group(
        "all",
        {
            **decision_maker_known(),
            "parts": [*decision_maker_known()["parts"], _rule("person.consent", channel="email", answer="yes")],
        },
    ),
    "negative feedback not resolved": lambda: _group(
        "all", _rule("customer.feedback", amount="some", count=1, tones=["negative"], state="unresolved", when="ever")
    ),
    "three activities in 90 days": lambda: _group(
        "all", _rule("customer.activities", amount="some", count=3, when="last", days=90)
    ),
    "offers without orders in a year": lambda: _group(
        "all",
        _rule("customer.offers", amount="some", count=1, when="last", days=365),
        _orders("none", 365),
    ),
    "A or B, or ordered over 10,000, and no contact in 60 days": lambda: _group(
        "all",
        _group("any", in_segment("A", "B"), _rule("customer.ordered", op="at_least", number="10000")),
        _rule("customer.last_contact", when="not_last", days=60),
    ),
    "nested: visit or order in a year, none of complaint, decision maker": lambda: _group(
        "all",
        _group(
            "any",
            _rule("customer.activities", amount="some", count=1, when="last", days=365),
            _orders("some", 365, count=1),
        ),
        _group("none", _rule("customer.feedback", amount="some", count=1, tones=["negative"], when="ever")),
        decision_maker_known(),
        in_segment("C"),
    ),
    "nested: potential without orders, or B with two orders and no visit": lambda: _group(
        "any",
        _group("all", in_segment("P"), _orders("none", 720)),
        _group("all", in_segment("B"), _orders("some", 720, count=2), no_visit(180)),
    ),
    "nested: none of contact, offer or order in two years": lambda: _group(
        "none",
        _rule("customer.activities", amount="some", count=1, when="last", days=730),
        _rule("customer.offers", amount="some", count=1, when="last", days=730),
        _orders("some", 730, count=1),
    ),
}


def selection_aims() -> dict[str, Aim]:
    return {f"Selection{what}: {name}": Aim(ms=LONGEST) for name in CONDITIONS for what in ("", COUNT)}


def bench_selections(user: User) -> dict[str, Selection]:
    """Return the user's selections of the measure by name; those that are missing are added."""
    found = {selection.description: selection for selection in Selection.objects.filter(owner=user, is_demo=True)}
    for name, made in CONDITIONS.items():
        if name not in found:
            tree = checked(trees.read(made()), "customer", user)
            found[name] = selection_create(
                user=user, of="customers", tree=tree, name=f"{MARK}{name}"[:120], description=name, is_demo=True
            )
    return {name: found[name] for name in CONDITIONS}


def selection_cases(user: User) -> Iterator[Case]:
    """Yield the first page of the customers of each selection, and their count, which is a separate request."""
    url = reverse("customers:list")
    for name, selection in bench_selections(user).items():
        yield Case(f"Selection: {name}", f"{url}?selection={selection.pk}", FRAGMENT)
        yield Case(f"Selection{COUNT}: {name}", f"{url}?selection={selection.pk}&total=1", PART)
