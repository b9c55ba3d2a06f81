"""Sending. Both may run twice: a message is claimed before it is sent."""

from __future__ import annotations

from celery import shared_task

from activities.services.mail_out import email_deliver, emails_sweep
from activities.services.nps_mail import nps_sweep


@shared_task
def send_email(message_id: int) -> None:
    """Send one waiting message."""
    email_deliver(message_id)


@shared_task
def sweep_emails() -> None:
    """Send what is due, also what the broker lost; give up what a dead worker left half sent. NPS questions too."""
    emails_sweep()
    nps_sweep()
