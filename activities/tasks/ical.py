"""Background work of series and invitations."""

from celery import shared_task

from activities.services.invitation_mails import NotSentError, cancellation_deliver, invitation_deliver
from activities.services.series import series_continue


@shared_task
def continue_series() -> None:
    """Make what a day more of a year ahead brings to series that go on."""
    series_continue()


@shared_task
def send_invitation(pk: int) -> None:
    """Send one invitation that waits; it is claimed before it is sent."""
    invitation_deliver(pk)


@shared_task(autoretry_for=(NotSentError,), retry_backoff=30, max_retries=8)
def cancel_invitation(activity_id: int, email: str, sequence: int) -> None:
    """Tell one who was invited that it is cancelled."""
    cancellation_deliver(activity_id, email, sequence)
