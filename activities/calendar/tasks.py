"""Background tasks of invitations."""

from __future__ import annotations

from celery import shared_task

from activities.calendar.services.invitations import NotSentError, cancellation_deliver, invitation_deliver


@shared_task
def send_invitation(pk: int) -> None:
    """Send one waiting invitation; it is claimed first."""
    invitation_deliver(pk)


@shared_task(autoretry_for=(NotSentError,), retry_backoff=30, max_retries=8)
def cancel_invitation(activity_id: int, email: str, sequence: int) -> None:
    """Send the cancellation of an invitation."""
    cancellation_deliver(activity_id, email, sequence)
