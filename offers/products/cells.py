"""Cells of the product register."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from core.templatetags import portaali


def state(value: Any, row: Any) -> SafeString:
    return portaali.status("muted" if row.is_retired else "ok", value)
