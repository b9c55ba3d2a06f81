"""What follows from changes of passwords, and from signing in."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from accounts.middleware import note_use
from accounts.services import personal_tokens_revoke


@receiver([password_changed, password_reset, password_set], dispatch_uid="accounts_password")
def revoke_personal_tokens(sender: Any, user: Any, **_kwargs: Any) -> None:
    """Revoke the personal API keys of whoever has a new password."""
    personal_tokens_revoke(user=user)


@receiver(user_logged_in, dispatch_uid="accounts_seen")
def begin_session(sender: Any, request: Any, user: Any, **_kwargs: Any) -> None:
    """Count the time without use from signing in."""
    note_use(request)
