"""Background tasks of feedback and NPS."""

from celery import shared_task

from activities.feedback.services.feedback import feedback_escalate_late
from activities.feedback.services.nps import nps_send


@shared_task
def escalate_late_feedback() -> None:
    """Notify deputies and managers of feedback that has not been answered in time."""
    feedback_escalate_late()


@shared_task
def send_nps_question(question_id: int) -> None:
    """Send one waiting question by e-mail; it is claimed first."""
    nps_send(question_id)
