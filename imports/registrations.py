"""Navigation, commands and import kinds of the app."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import Command, NavItem
from imports.kinds import KINDS

VIEW = "imports.view_import"
KEYWORDS = "import csv excel tuonti tuo"

NAV = (
    NavItem(
        name="imports",
        label=_("Imports"),
        url_name="imports:list",
        permission=VIEW,
        icon="database-import",
        section="admin",
        order=90,
    ),
)

COMMANDS = (
    Command(
        name="imports",
        label=_("Imports"),
        url_name="imports:list",
        permission=VIEW,
        icon="database-import",
        keywords=KEYWORDS,
    ),
    Command(
        name="import_new",
        label=_("New import"),
        url_name="imports:new",
        permission=VIEW,
        icon="database-import",
        keywords=KEYWORDS,
    ),
    Command(
        name="import_held",
        label=_("Rows to review"),
        url_name="imports:held",
        permission=VIEW,
        icon="database-import",
        keywords=KEYWORDS,
    ),
)

IMPORT_KINDS = KINDS
