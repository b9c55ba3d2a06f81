"""Saved views of the demo accounts: own ones, one that everyone sees, the default of a group."""

from __future__ import annotations

from typing import Any

from accounts.models import Role, User
from core.conditions import tree as trees
from core.conditions.forms import checked
from customers.saved_views.models import ViewFavourite
from customers.saved_views.services import role_default_set, view_create
from customers.selections.services import selection_create
from demo.loading.selections import demo_segment, no_visit


def views_load() -> None:
    """Add the views; the accounts of the demo have some of them in their menus."""
    users = {user.username: user for user in User.objects.filter(username__in=["manager", "keymanager", "marketing"])}
    for username, in_menu, fields in _views():
        if username not in users:
            continue
        view = view_create(user=users[username], is_demo=True, **fields)
        for name in in_menu:
            if name in users:
                ViewFavourite.objects.create(user=users[name], view=view)
        if view.list == "customers:contacts":
            role_default_set(view=view, role=Role.objects.get(name="sales_and_marketing"))


def _deeper(username: str) -> int:
    """Return the deeper conditions of a list: no visit in 90 days, or negative feedback that is not resolved."""
    feedback = {"amount": "some", "count": 1, "tones": ["negative"], "state": "unresolved", "when": "ever"}
    either = [no_visit(90), {"field": "customer.feedback", "values": feedback}]
    user = User.objects.get(username=username)
    tree = {"join": "all", "parts": [{"join": "any", "parts": either}]}
    kept = checked(trees.read(tree), "customer", user)
    return selection_create(user=user, of="customers", tree=kept, is_unnamed=True, is_demo=True).pk


def _views() -> list[tuple[str, list[str], dict[str, Any]]]:
    return [
        (
            "manager",
            ["manager"],
            {
                "name": "Omat A- ja B-asiakkaat",
                "list": "customers:list",
                "query": f"mine=true&segment={demo_segment('A')}&segment={demo_segment('B')}"
                "&sort=-ordered&columns=name&columns=segment&columns=last_contact&columns=ordered",
            },
        ),
        (
            "manager",
            ["manager"],
            {"name": "Avoimet tarjoukseni", "list": "offers:list", "query": "tab=open&mine=true"},
        ),
        (
            "keymanager",
            ["keymanager", "manager"],
            {
                "name": "Ilman vastuuhenkilöä",
                "list": "customers:list",
                "query": "no_owner=true&sort=name",
                "sharing": "all",
                "folder": "Seuranta",
                "description": "Käydään läpi asiakkuustiimin kokouksessa.",
            },
        ),
        (
            "marketing",
            ["marketing"],
            {
                "name": "Lupa sähköpostiin",
                "list": "customers:contacts",
                "query": "consent=email&sort=name",
                "sharing": "all",
            },
        ),
        (
            "manager",
            [],
            {
                "name": "Käynti puuttuu tai palaute auki",
                "list": "customers:list",
                "query": f"mine=true&sort=last_contact&widths=name.300&conditions={_deeper('manager')}",
            },
        ),
    ]
