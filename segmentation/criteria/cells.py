"""Cells of criteria."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from core.templatetags import portaali
from segmentation.criteria.enums import VersionStatus

KINDS = {
    VersionStatus.DRAFT: "muted",
    VersionStatus.TEAM: "warn",
    VersionStatus.REVIEWED: "warn",
    VersionStatus.APPROVED: "warn",
    VersionStatus.IN_FORCE: "ok",
    VersionStatus.SUPERSEDED: "muted",
    VersionStatus.REJECTED: "late",
}


def status(value: Any, criteria: Any) -> SafeString:
    return portaali.status(KINDS[VersionStatus(criteria.status)], value)
