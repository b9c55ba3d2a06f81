"""Background tasks of criteria. Each calls one service and can be repeated safely."""

from __future__ import annotations

from celery import shared_task

from core import clock
from segmentation.criteria.evaluation import day_ended
from segmentation.criteria.nightly import criteria_nightly
from segmentation.criteria.previews import previews_expire
from segmentation.criteria.services import criteria_begin_due


@shared_task
def evaluate_criteria() -> None:
    """Evaluate all schemes for the day that has just ended, then begin the versions in force from today.

    Old previews are deleted.
    """
    criteria_nightly(day_ended())
    criteria_begin_due(clock.today())
    previews_expire()
