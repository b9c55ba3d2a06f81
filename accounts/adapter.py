"""Adaptation of allauth's sign-in pages."""

from __future__ import annotations

from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from accounts.models import User
from accounts.sign_in_limits import browser_remember, failure_note, seconds_to_wait
from accounts.system_mail import text_send
from core.client_ip import client_ip


class ClosedSignupAdapter(DefaultAccountAdapter):
    """No open sign-up: administrators invite. Mail is written in the user's language and sent by a worker."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Answer 429 instead of trying the password while this browser has to wait.

        Instead of allauth's own limit, by which anybody could lock out a name.
        """
        seconds = seconds_to_wait(request, sign_in_name(request, credentials))
        if seconds:
            context = {"seconds": seconds}
            response = render(request, "account/wait.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
            response["Retry-After"] = str(seconds)
            raise ImmediateHttpResponse(response)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        failure_note(request, sign_in_name(request, credentials))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        browser_remember(response, user)
        return response

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Say it in the user's language, also in the request that signs in."""
        user = request.user
        with translation.override(user.language if user.is_authenticated else translation.get_language()):
            super().add_message(request, *args, **kwargs)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return settings.BASE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def format_email_subject(self, subject: str) -> str:
        return f"[{site().name}] {subject}"

    def render_mail(self, template_prefix: str, email: str, context: dict[str, Any], headers: Any = None) -> Any:
        user, context = context.get("user"), context | {"current_site": site()}
        with translation.override(user.language if user else translation.get_language()):
            return QueuedMail(super().render_mail(template_prefix, email, context, headers))


def site() -> SimpleNamespace:
    """Return our address as mails show it. It is not read from the request, where its sender writes it."""
    host = urlsplit(settings.BASE_URL).netloc
    return SimpleNamespace(name=host, domain=host)


class QueuedMail:
    """A written mail: ``send`` puts it into the outgoing queue."""

    def __init__(self, mail: Any) -> None:
        self.mail = mail

    def send(self) -> None:
        for address in self.mail.to:
            text_send(address=address, subject=self.mail.subject, text=self.mail.body)


def sign_in_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the user name that an attempt to sign in is counted under, whichever way the person was named."""
    given = credentials or {}
    name = str(given.get("username") or given.get("email") or request.POST.get("login") or "").strip().lower()
    user = (
        User.objects.filter(email__iexact=name).only("username").first() if "@" in name and "\x00" not in name else None
    )
    return user.username.lower() if user else name[:150]
