"""Where targets show on other pages."""

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
