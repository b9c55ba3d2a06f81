"""Navigation and commands of schemes and segments."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.registry import Command, NavItem

NAV = (
    NavItem(
        name="schemes",
        label=_("Segmentation schemes"),
        url_name="schemes:list",
        permission="schemes.edit_scheme",
        icon="tags",
        section="admin",
        order=211,
    ),
)
COMMANDS = (
    Command(
        name="schemes",
        label=_("Segmentation schemes"),
        url_name="schemes:list",
        icon="tags",
        keywords="segmentit segmentointi segmentointimallit segments schemes",
        order=61,
    ),
)
