"""Where calendar shows on other pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.registry import Command, NavItem, Panel

VIEW = "activities.view_activity"

NAV = (
    NavItem(
        name="calendar",
        label=_("Calendar"),
        url_name="activities:calendar",
        permission=VIEW,
        icon="calendar",
        order=32,
    ),
    NavItem(name="hours", label=_("Hours"), url_name="activities:hours", permission=VIEW, icon="clock", order=34),
    NavItem(
        name="team_week",
        label=_("Team week"),
        url_name="activities:team_week",
        permission=VIEW,
        icon="users-group",
        order=36,
    ),
)
COMMANDS = tuple(Command.opening(item) for item in NAV)
PANELS = (
    Panel(
        place="start",
        name="start_week",
        label=_("Coming days"),
        url_name="activities:start_week",
        permission=VIEW,
        order=10,
        aside=True,
    ),
)
