"""Where targets show on other pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.registry import Command, NavItem, Panel

NAV = (
    NavItem(
        name="targets",
        label=_("Targets"),
        url_name="offers:targets",
        permission="offers.view_targets",
        icon="target",
        order=56,
    ),
)
COMMANDS = tuple(Command.opening(item) for item in NAV)

PANELS = (
    Panel(
        place="start",
        name="own_targets",
        label=_("Targets"),
        url_name="offers:own_targets",
        permission="offers.view_targets",
        order=20,
        aside=True,
    ),
    Panel(
        place="team",
        name="team_targets",
        label=_("Targets"),
        url_name="offers:team_targets",
        permission="offers.view_team_targets",
        order=10,
    ),
)
