"""Background work of received mail. What runs twice does it once: messages are known by their Message-ID."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from activities.mail.models import Mailbox
from activities.mail.outbox import outboxes_sweep
from activities.mail.services.inbox import ignored_purge
from activities.mail.services.mailboxes import mailbox_give_up, mailbox_read, mailbox_try
from activities.mail.services.messages import email_deliver


@shared_task
def read_mailboxes() -> None:
    """Read every mailbox, each in a task of its own."""
    for pk in Mailbox.objects.filter(is_active=True).values_list("pk", flat=True):
        read_mailbox.apply_async([pk], expires=300)


@shared_task(soft_time_limit=1_500, time_limit=1_800)
def read_mailbox(mailbox_id: int) -> None:
    mailbox_read(mailbox_id)


@shared_task(soft_time_limit=20, time_limit=30)
def try_mailbox(mailbox_id: int) -> None:
    """Find out whether a mailbox opens; a server that lets one wait gets twenty seconds."""
    try:
        mailbox_try(mailbox_id)
    except SoftTimeLimitExceeded:
        mailbox_give_up(mailbox_id)


@shared_task
def purge_ignored_mail() -> None:
    ignored_purge()


@shared_task
def send_email(message_id: int) -> None:
    """Send one waiting message."""
    email_deliver(message_id)


@shared_task
def sweep_emails() -> None:
    """Send what is due, also what the broker lost; give up what a dead worker left half sent."""
    outboxes_sweep()
