"""Cells of lists of orders and invoice batches, which their pages show too."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from core.templatetags import portaali

KINDS = {"closed": "muted", "cancelled": "muted", "waiting": "warn"}


def status(value: Any, row: Any) -> SafeString:
    return portaali.status(KINDS.get(row.status, "ok"), row.get_status_display())


def batch_state(value: Any, row: Any) -> SafeString:
    if row.taken_back_at:
        return portaali.status("muted", row.state)
    return portaali.status("ok" if row.fetched_at else "warn", row.state)
