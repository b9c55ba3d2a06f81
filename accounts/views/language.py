"""The switch of the language on pages without sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View

from accounts.languages import LANGUAGES, remember_language
from core.exceptions import ParameterError
from core.parameters import Parameters
from core.permissions import PUBLIC
from core.views import safe_next_url


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
