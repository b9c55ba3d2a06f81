"""Cells of care models."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from careplans.caremodels.enums import VersionStatus
from core.templatetags import portaali

KINDS = {
    VersionStatus.DRAFT: "muted",
    VersionStatus.TEAM: "warn",
    VersionStatus.WAITING: "warn",
    VersionStatus.APPROVED: "ok",
    VersionStatus.REPLACED: "muted",
}


def status(value: Any, version: Any) -> SafeString:
    return portaali.status(KINDS[VersionStatus(version.status)], value)
