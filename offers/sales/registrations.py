"""The contributions of sales to other pages: panels of targets, navigation and commands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import Command, NavItem, Panel

VIEW = "offers.view_offer"

PANELS = (
    Panel(
        place="start",
        name="own_targets",
        label=_("Targets"),
        url_name="sales:own_targets",
        permission="sales.view_targets",
        order=20,
        aside=True,
    ),
    Panel(
        place="team",
        name="team_targets",
        label=_("Targets"),
        url_name="sales:team_targets",
        permission="sales.view_team_targets",
        order=10,
    ),
)

NAV = (
    NavItem(
        name="pipeline",
        label=_("Pipeline"),
        url_name="sales:pipeline",
        permission=VIEW,
        icon="layout-kanban",
        order=44,
    ),
    NavItem(
        name="targets",
        label=_("Targets"),
        url_name="sales:targets",
        permission="sales.view_targets",
        icon="target",
        order=56,
    ),
)

COMMANDS = (
    *(Command.opening(item) for item in NAV),
    Command(
        name="sales_reports",
        label=_("Sales reports"),
        url_name="sales:reports",
        permission=VIEW,
        icon="chart-bar",
        order=45,
    ),
)
