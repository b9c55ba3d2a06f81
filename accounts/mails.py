"""Subjects and texts of mails to users."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from core import registry


def password_url(user: User) -> str:
    """Return the address at which the user chooses a password; it works for ``PASSWORD_RESET_TIMEOUT``."""
    ids = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.BASE_URL + reverse("account_reset_password_from_key", kwargs=ids)


def invitation(user: User) -> tuple[str, str]:
    """Return the subject and text of an invitation, in the invited person's language."""
    with translation.override(user.language):
        context = {
            "user": user,
            "url": password_url(user),
            "days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
            "organisation": "" if settings.ORGANISATION == "Portaali" else settings.ORGANISATION,
            "sign_in_url": settings.BASE_URL + reverse("account_login"),
        }
        return _("Welcome to Portaali"), render_to_string("accounts/mail/invitation.txt", context)


def failed_sign_ins(user: User) -> tuple[str, str]:
    """Return the subject and text of the warning that somebody fails to sign in, in the user's language."""
    with translation.override(user.language):
        context = {"user": user, "reset_url": settings.BASE_URL + reverse("account_reset_password")}
        return _("Failed sign-in attempts"), render_to_string("accounts/mail/failed_sign_ins.txt", context)


def notification(user: User, kind: str, data: dict[str, Any], url: str) -> tuple[str, str]:
    """Return the subject and text of a notification, in the user's language and time zone."""
    entry = registry.notifications.get("user", kind)
    with translation.override(user.language), timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
        words = entry.text(data) if entry else kind
        lines = entry.details(data) if entry and entry.details else ()
        details = "".join(f"\n{text}\n{settings.BASE_URL}{page}\n" for text, page in lines)
        return " ".join(words.split())[:200], f"{words}\n\n{settings.BASE_URL}{url}\n{details}"
