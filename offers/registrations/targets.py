"""Where targets and a customer's offers show on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm import registry


def register() -> None:
    entry: dict[str, Any] = {
        "name": "targets",
        "label": _("Targets"),
        "url_name": "offers:targets",
        "permission": "offers.view_targets",
        "icon": "target",
        "order": 56,
    }
    registry.nav.add("main", registry.NavItem(**entry))
    registry.commands.add("top", registry.Command(**entry))
    for place, name, order in (("start", "own_targets", 20), ("team", "team_targets", 10)):
        registry.panels.add(
            place,
            registry.Panel(
                name=name,
                label=_("Targets"),
                url_name=f"offers:{name}",
                permission="offers.view_team_targets" if place == "team" else "offers.view_targets",
                order=order,
                aside=place == "start",
            ),
        )
    registry.tabs.add(
        "customer",
        registry.Tab(
            name="offers",
            label=_("Offers and orders"),
            url_name="offers:customer_tab",
            permission="offers.view_offer",
            order=45,
            count=_open_of_customer,
        ),
    )


def _open_of_customer(user: Any, customer: Any) -> int | None:
    """How many offers of a customer are open: a figure of its read model, which its page has read."""
    return customer.summary.open_offers or None
