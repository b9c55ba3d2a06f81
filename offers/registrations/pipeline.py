"""Where the pipeline and the sales reports show on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from crm import registry

VIEW = "offers.view_offer"


def register() -> None:
    pipeline: dict[str, Any] = {
        "name": "pipeline",
        "label": gettext_lazy("Pipeline"),
        "url_name": "offers:pipeline",
        "permission": VIEW,
        "icon": "layout-kanban",
    }
    registry.nav.add("main", registry.NavItem(**pipeline, order=44))
    registry.commands.add("top", registry.Command(**pipeline, order=44))
    registry.commands.add(
        "top",
        registry.Command(
            name="sales_reports",
            label=gettext_lazy("Sales reports"),
            url_name="offers:reports",
            permission=VIEW,
            icon="chart-bar",
            order=45,
        ),
    )
