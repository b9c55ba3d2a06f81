"""The language of pages without sign-in: the browser's, until somebody has chosen or used another here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseBase

LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Keep the language in the browser for the pages before signing in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
