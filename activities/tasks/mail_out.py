"""Sending. Both may run twice: what is sent is claimed before."""

from __future__ import annotations

from celery import shared_task

from activities.services.mail_out import email_deliver
from activities.services.outbox import outboxes_sweep


@shared_task
def send_email(message_id: int) -> None:
    """Send one waiting message."""
    email_deliver(message_id)


@shared_task
def sweep_emails() -> None:
    """Send what is due, also what the broker lost; give up what a dead worker left half sent."""
    outboxes_sweep()
