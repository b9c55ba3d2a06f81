"""What imports put on the pages' frame."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm import registry

PERMISSION = "imports.view_import"


def register() -> None:
    registry.nav.add(
        "main",
        registry.NavItem(
            name="imports",
            label=_("Imports"),
            url_name="imports:list",
            permission=PERMISSION,
            icon="database-import",
            section="admin",
            order=90,
        ),
    )
    for name, label, url_name in (
        ("imports", _("Imports"), "imports:list"),
        ("import_new", _("New import"), "imports:new"),
        ("import_held", _("Held rows"), "imports:held"),
    ):
        command = registry.Command(
            name=name,
            label=label,
            url_name=url_name,
            permission=PERMISSION,
            icon="database-import",
            keywords="import csv excel tuonti tuo",
        )
        registry.commands.add("top", command)
