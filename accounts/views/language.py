"""The language of pages without sign-in: the browser's, until somebody has chosen or used another here."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View

from core.exceptions import ParameterError
from core.parameters import Parameters
from core.permissions import PUBLIC
from core.views import safe_next_url

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


class LanguageView(View):
    """POST: show the pages before signing in in ``language``, and return to ``next``."""

    permission_required = PUBLIC
    http_method_names = ["post"]
    parameters: Parameters = {}

    @classmethod
    def get_parameters(cls) -> Parameters:
        return cls.parameters

    def post(self, request: HttpRequest) -> HttpResponse:
        language = request.POST.get("language", "")
        if language not in LANGUAGES:
            raise ParameterError({"language": language[:20]})
        back = safe_next_url(request, request.POST.get("next", ""))
        response = HttpResponseRedirect(back or reverse("account_login"))
        remember_language(response, language)
        return response
