"""The contributions of sales to other pages: panels of targets, navigation and commands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import Command, NavItem, Panel
from offers.sales.scores import SCORE_METRICS  # noqa: F401 - declared

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
        usual=True,
    ),
    Panel(
        place="start",
        name="start_key_customers",
        label=_("Key customers"),
        url_name="sales:start_key_customers",
        permission=VIEW,
        order=5,
    ),
    Panel(
        place="start",
        name="start_pipeline",
        label=_("Pipeline and forecast"),
        url_name="sales:start_pipeline",
        permission=VIEW,
        order=50,
        aside=True,
    ),
    Panel(
        place="start",
        name="start_targets",
        label=_("Targets by person"),
        url_name="sales:start_targets",
        permission="sales.view_targets",
        order=55,
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
        section="sales",
        order=44,
    ),
    NavItem(
        name="reports",
        label=_("Reports"),
        url_name="sales:reports",
        permission=VIEW,
        icon="chart-bar",
        section="management",
        order=58,
    ),
    NavItem(
        name="targets",
        label=_("Targets"),
        url_name="sales:targets",
        permission="sales.view_targets",
        icon="target",
        section="management",
        order=56,
    ),
)

COMMANDS = (*(Command.opening(item) for item in NAV),)
