"""Pages behind a personal link: no sign-in, few attempts, the recipient's language, no hints for guesses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from core.client_ip import client_network
from core.parameters import ANYTHING
from core.permissions import PUBLIC
from core.ratelimit import is_too_often

#: The languages in which people who do not sign in are served, by their own names.
LANGUAGES = {"fi": "Suomi", "en": "English"}


@method_decorator(never_cache, name="dispatch")
class PersonalLinkView(View):
    """``secret`` of the address finds the row of the link; :meth:`answer` serves it. ``kind`` names the limits.

    A row has its ``language``; the reader may choose another (``?lang=en``).
    """

    permission_required = PUBLIC
    parameters = ANYTHING
    PER_ADDRESS, PER_LINK, SECONDS = 60, 30, 600
    kind = ""
    template_name = ""

    def find(self, secret: str) -> Any:
        """Return the row of the link, or None."""
        raise NotImplementedError

    def answer(self, request: HttpRequest, row: Any) -> Any:
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        secret = kwargs["secret"]
        row = self.find(secret) if "\x00" not in secret else None
        asked = request.GET.get("lang", "")
        own = row.language if row else translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(asked if asked in LANGUAGES else own):
            response = self._limited(request, row, secret)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def _limited(self, request: HttpRequest, row: Any, secret: str) -> Any:
        limits = (
            (f"{self.kind}-address", client_network(request), self.PER_ADDRESS),
            (f"{self.kind}-link", secret, self.PER_LINK),
        )
        if any(is_too_often(what, who, limit=most, seconds=self.SECONDS) for what, who, most in limits):
            return self.page("too_often", 429)
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponse(status=405)
        return self.page("unknown", 404) if row is None else self.answer(request, row)

    def page(self, state: str, status: int, **context: Any) -> HttpResponse:
        own = {"state": state, "languages": LANGUAGES.items(), "organisation": settings.ORGANISATION, "theme": "auto"}
        return render(self.request, self.template_name, own | context, status=status)
