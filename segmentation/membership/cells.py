"""Cells of the list of proposals."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from core.html import html
from core.templatetags import portaali
from segmentation.membership.enums import ProposalStatus

TONES = {
    ProposalStatus.OPEN: "warn",
    ProposalStatus.APPROVED: "ok",
    ProposalStatus.REJECTED: "late",
    ProposalStatus.WITHDRAWN: "muted",
}


def status(value: Any, row: Any) -> SafeString:
    return portaali.status(TONES[ProposalStatus(row.status)], row.get_status_display())


def customer(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.customer)
