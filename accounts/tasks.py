"""Mail to users. Sending twice does no harm: the link in both is good."""

from __future__ import annotations

from celery import shared_task
from django.core.mail import send_mail

from accounts.mails import invitation
from accounts.models import User


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
