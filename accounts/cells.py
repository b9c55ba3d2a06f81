"""Cells of the lists of users and teams; pages of a user show the state in the same form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.html import html
from core.templatetags import portaali

KINDS = {"active": "ok", "invited": "warn"}


def last_login(value: dt.datetime | None, row: Any = None) -> str:
    return portaali.ago(value) if value else html('<span class="muted">{}</span>', _("never"))


def state(value: Any, row: Any = None) -> SafeString:
    return portaali.status(KINDS.get(value, "muted"), value.label)


def part_of(value: Any, row: Any = None) -> str:
    """Return the names of all that a team is part of, as far as the page has read them."""
    return getattr(row, "part_of", "") or (str(value) if value else "")
