"""Selections of the demo accounts: own ones, one of the team, some that everyone sees."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from activities.log.models import ActivityType
from core.conditions import tree as trees
from core.conditions.forms import checked
from customers.models import ClassificationNode, Municipality
from customers.selections.enums import SUBJECTS
from customers.selections.models import Selection, SelectionFavourite
from customers.selections.services import selection_create
from demo.loading.world import demo_scheme

SPRING, FOLLOW_UP = "Kevään markkinointi", "Seuranta"


def selections_load() -> None:
    """Add the selections; the accounts of the demo have some of them in their menus."""
    users = {user.username: user for user in User.objects.filter(username__in=["manager", "keymanager", "marketing"])}
    for username, in_menu, fields in _selections():
        user = users.get(username)
        if user is None:
            continue
        selection = _add(user, **fields)
        for name in in_menu:
            if name in users:
                SelectionFavourite.objects.create(user=users[name], selection=selection)


def _add(user: User, *, parts: list[dict[str, Any]], of: str = "customers", **fields: Any) -> Selection:
    tree = checked(trees.read({"join": "all", "parts": parts}), SUBJECTS[of], user)
    if fields.get("sharing") == "team":
        fields["team"] = user.teams.order_by("pk").first()
        fields["sharing"] = "team" if fields["team"] else "own"
    return selection_create(user=user, of=of, tree=tree, is_demo=True, **fields)


def _rule(field: str, **values: Any) -> dict[str, Any]:
    return {"field": field, "values": values}


def _node(branch: str, code: str) -> int:
    return ClassificationNode.objects.get(branch__code=branch, code=code).pk


def demo_segment(code: str) -> int:
    return demo_scheme().segments.get(code=code).pk


def decision_maker_known() -> dict[str, Any]:
    role = _rule("person.role", op="is", rows=[_node("contact_role", "decision_maker")])
    return {"join": "all", "relation": "person", "parts": [role]}


def no_visit(days: int) -> dict[str, Any]:
    visit = ActivityType.objects.get(code="visit").pk
    return _rule("customer.activities", amount="none", types=[visit], when="last", days=days)


def in_segment(*codes: str) -> dict[str, Any]:
    return _rule("customer.segment", op="is", rows=[demo_segment(code) for code in codes])


def in_place(name: str) -> dict[str, Any]:
    return _rule("customer.municipality", op="is", rows=[Municipality.objects.get(name_fi=name).pk])


def _selections() -> list[tuple[str, list[str], dict[str, Any]]]:
    newsletter = _rule("contact.class", op="is", rows=[_node("target_groups", "newsletter")])
    return [
        (
            "manager",
            ["manager"],
            {
                "name": "Espoon B-asiakkaat ilman käyntiä",
                "folder": FOLLOW_UP,
                "parts": [in_segment("B"), in_place("Espoo"), no_visit(90), decision_maker_known()],
            },
        ),
        (
            "manager",
            ["manager"],
            {
                "name": "Omat, ei yhteydenottoa 60 päivään",
                "folder": FOLLOW_UP,
                "parts": [_rule("customer.owner", op="me"), _rule("customer.last_contact", when="not_last", days=60)],
            },
        ),
        (
            "keymanager",
            ["keymanager"],
            {
                "name": "Kielteinen palaute ratkaisematta",
                "sharing": "all",
                "folder": FOLLOW_UP,
                "description": "Käydään läpi asiakkuustiimin kokouksessa.",
                "parts": [
                    _rule("customer.feedback", amount="some", count=1, tones=["negative"], state="unresolved",
                          when="ever"),
                ],
            },
        ),
        (
            "keymanager",
            [],
            {
                "name": "Tarjous ilman tilausta vuoteen",
                "sharing": "team",
                "parts": [
                    in_segment("A", "B"),
                    _rule("customer.offers", amount="some", count=1, when="last", days=365),
                    _rule("customer.orders", amount="none", when="last", days=365),
                ],
            },
        ),
        (
            "marketing",
            ["marketing", "keymanager"],
            {
                "name": "Uutiskirje: lupa sähköpostiin",
                "of": "contacts",
                "sharing": "all",
                "folder": SPRING,
                "parts": [
                    newsletter,
                    _rule("contact.consent", channel="email", answer="yes"),
                    _rule("contact.has_email", answer="yes"),
                ],
            },
        ),
        (
            "marketing",
            ["marketing"],
            {
                "name": "Potentiaaliset ilman päättäjää",
                "folder": SPRING,
                "parts": [in_segment("P"), {"join": "none", "parts": [decision_maker_known()]}],
            },
        ),
    ]  # fmt: skip
