"""Where calendar shows on other pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm import registry


def register() -> None:
    _register_pages()


def _register_pages() -> None:
    view = "activities.view_activity"
    for name, label, icon, order in (
        ("calendar", _("Calendar"), "calendar", 32),
        ("hours", _("Hours"), "clock", 34),
        ("team_week", _("Team week"), "users-group", 36),
    ):
        url_name = f"activities:{name}"
        registry.nav.add(
            "main", registry.NavItem(name=name, label=label, url_name=url_name, permission=view, icon=icon, order=order)
        )
        registry.commands.add(
            "top", registry.Command(name=name, label=label, url_name=url_name, permission=view, icon=icon, order=order)
        )
