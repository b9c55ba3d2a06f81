"""What customers show in the program's frame and on their own page: navigation, commands, search, tabs, favourites."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from crm import context_processors
from crm.registry import Command, NavItem, SearchHit, SearchSource, Tab, commands, nav, searches, tabs
from customers.models import Customer
from customers.tables.customers import segment_letter

FAVOURITES = 15


def register() -> None:
    nav.add(
        "main", NavItem(name="customers", label=_("Customers"), url_name="customers:list", icon="building", order=10)
    )
    searches.add("top", SearchSource(name="customers", label=_("Customers"), find=find_customers, order=10))
    for command in COMMANDS:
        commands.add("top", command)
    for tab in TABS:
        tabs.add("customer", tab)
    tabs.add("user", HAND_OVER)
    context_processors.frame_extensions.append(favourites)


CUSTOMERS = NavItem(name="customers", label=_("Customers"), url_name="customers:list", icon="building", order=10)

COMMANDS = (
    Command(name="customers", label=_("Customers"), url_name="customers:list", icon="building", keywords="asiakkaat"),
    Command(
        name="add_customer",
        label=_("Add customer"),
        url_name="customers:create",
        permission="customers.add_customer",
        icon="plus",
        keywords="uusi asiakas lisää new",
        order=20,
    ),
)

TABS = (
    Tab(name="overview", label=_("Overview"), url_name="customers:detail", order=10),
    Tab(name="details", label=_("Contact details"), url_name="customers:details", order=30),
    Tab(name="documents", label=_("Documents"), url_name="customers:documents", order=900),
    Tab(name="history", label=_("History"), url_name="customers:history", order=990),
)

#: On a user's page: a page of its own, so the tab leads there.
HAND_OVER = Tab(
    name="hand_over",
    label=_("Hand over customers"),
    url_name="customers:hand_over",
    permission="customers.hand_over",
    order=900,
)


def find_customers(user: Any, text: str, limit: int) -> list[SearchHit]:
    found = Customer.objects.visible_to(user).active().select_related("municipality").best_for(text, limit)
    return [
        SearchHit(
            row.name,
            " · ".join(str(part) for part in (row.business_id, row.municipality) if part),
            row.get_absolute_url(),
            "building",
        )
        for row in found
    ]


def favourites(request: HttpRequest) -> dict[str, Any]:
    """The user's favourite customers for the side menu; read where it is drawn."""
    return {"nav_favourites": SimpleLazyObject(lambda: _favourites(request))}


def _favourites(request: HttpRequest) -> list[dict[str, Any]]:
    customers = Customer.objects.visible_to(request.user).active().filter(favourites__user=request.user.pk)
    rows = customers.select_related("summary__segment").order_by("sort_key")[:FAVOURITES]
    return [{"name": row.name, "url": row.get_absolute_url(), "segment": segment_letter(row)} for row in rows]
