"""Cells of the list of scorecards."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from careplans.scorecards.enums import CardStatus, StrategyStatus
from core.html import html
from core.templatetags import portaali

TONES: dict[str, str] = {
    CardStatus.DRAFT: "muted", CardStatus.SENT: "warn", CardStatus.APPROVED: "ok", StrategyStatus.REPLACED: "muted",
}  # fmt: skip


def status(value: Any, row: Any) -> SafeString:
    return portaali.status(TONES[row.status], row.get_status_display())


def subject(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.subject)
