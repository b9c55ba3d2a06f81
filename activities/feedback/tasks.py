"""Background work of feedback and NPS."""

from celery import shared_task

from activities.feedback.services.feedback import feedback_escalate_late
from activities.feedback.services.nps import nps_send


@shared_task
def escalate_late_feedback() -> None:
    """Tell deputies and managers of feedback whose answer is late."""
    feedback_escalate_late()


@shared_task
def send_nps_question(question_id: int) -> None:
    """Mail one question that waits; it is claimed before it is sent."""
    nps_send(question_id)
