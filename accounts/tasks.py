"""Mail to users. Sending twice does no harm: the link in both is good."""

from __future__ import annotations

import datetime as dt
from typing import Any

from celery import shared_task
from django.core.mail import send_mail

from accounts.mails import invitation, notification
from accounts.models import Notification, User
from core import clock


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def send_invitation(user_id: int) -> None:
    """Mail the link to choose a password to a user who still needs it."""
    user = User.objects.active().filter(pk=user_id).exclude(email="").first()
    if user and not user.has_usable_password():
        subject, text = invitation(user)
        send_mail(subject, text, None, [user.email])


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def send_text(subject: str, text: str, email: str) -> None:
    """Mail what a sign-in page has written, such as the link to reset a password."""
    send_mail(subject, text, None, [email])


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def mail_notification(user_id: int, kind: str, data: dict[str, Any], url: str) -> None:
    """Mail a notification to a user who has chosen to have it so, in his or her language."""
    user = User.objects.active().filter(pk=user_id).exclude(email="").first()
    if user:
        subject, text = notification(user, kind, data, url)
        send_mail(subject, text, None, [user.email])


@shared_task
def purge_notifications() -> None:
    """Forget what is older than half a year, read or not."""
    Notification.objects.filter(created_at__lt=clock.now() - dt.timedelta(days=180)).delete()
