"""Where the pipeline and the sales reports show on other pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from crm.registry import Command, NavItem

VIEW = "offers.view_offer"

NAV = (
    NavItem(
        name="pipeline",
        label=gettext_lazy("Pipeline"),
        url_name="offers:pipeline",
        permission=VIEW,
        icon="layout-kanban",
        order=44,
    ),
)

COMMANDS = (
    *(Command.opening(item) for item in NAV),
    Command(
        name="sales_reports",
        label=gettext_lazy("Sales reports"),
        url_name="offers:reports",
        permission=VIEW,
        icon="chart-bar",
        order=45,
    ),
)
