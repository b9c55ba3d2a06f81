"""Cells of the list of users; pages of a user show the state in the same form."""

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
