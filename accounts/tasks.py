"""Background tasks of accounts: mail to users, and what is forgotten after a time."""

from __future__ import annotations

import datetime as dt

from celery import shared_task

from accounts.models import Notification
from accounts.system_mail import system_mail_deliver, system_mails_purge
from core import clock


@shared_task
def send_system_mail(pk: int) -> None:
    """Send one waiting mail."""
    system_mail_deliver(pk)


@shared_task
def purge_notifications() -> None:
    """Forget notifications that are older than half a year, read or not, and the rows of mails of a month ago."""
    Notification.objects.filter(created_at__lt=clock.now() - dt.timedelta(days=180)).delete()
    system_mails_purge()
