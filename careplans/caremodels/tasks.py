"""Background work of care models."""

from __future__ import annotations

from celery import shared_task

from careplans.caremodels.services.versions import versions_replace_due
from core import clock


@shared_task
def replace_versions() -> int:
    """Mark as replaced the versions that ended yesterday."""
    return versions_replace_due(clock.today())
