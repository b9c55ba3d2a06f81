"""Background tasks of mail. Running one twice does no harm: messages are known by their Message-ID."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from activities.mail.models import Mailbox
from activities.mail.outbox import outboxes_sweep
from activities.mail.services.filing import ignored_purge
from activities.mail.services.mailboxes import mailbox_give_up, mailbox_read, mailbox_try
from activities.mail.services.messages import email_deliver


@shared_task
def read_mailboxes() -> None:
    """Queue a separate task for each mailbox that is read."""
    for pk in Mailbox.objects.filter(is_active=True).values_list("pk", flat=True):
        read_mailbox.apply_async([pk], expires=300)


@shared_task(soft_time_limit=1_500, time_limit=1_800)
def read_mailbox(mailbox_id: int) -> None:
    """Import the new messages of a mailbox."""
    mailbox_read(mailbox_id)


@shared_task(soft_time_limit=20, time_limit=30)
def try_mailbox(mailbox_id: int) -> None:
    """Test the connection to a mailbox; a slow server gets twenty seconds."""
    try:
        mailbox_try(mailbox_id)
    except SoftTimeLimitExceeded:
        mailbox_give_up(mailbox_id)


@shared_task
def purge_ignored_mail() -> None:
    """Delete the content of old ignored messages."""
    ignored_purge()


@shared_task
def send_email(message_id: int) -> None:
    """Send one waiting message."""
    email_deliver(message_id)


@shared_task
def sweep_emails() -> None:
    """Queue the messages that are due, and mark those that a dead worker left half sent as failed."""
    outboxes_sweep()
