"""Background work of segmentation: it calls one service and may run twice."""

from celery import shared_task

from segmentation.casework.services.reminders import proposals_remind


@shared_task
def remind_proposals() -> None:
    """Remind the approvers of proposals that have waited for five working days."""
    proposals_remind()
