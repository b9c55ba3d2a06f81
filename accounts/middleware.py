"""The user's own language, time zone and theme on every page; sessions that nobody uses end."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.languages import remember_language
from core import clock

#: Where a session keeps when it was used last, in seconds; it is written again after this many.
SEEN, SEEN_AGAIN = "seen_at", 300
ASKED_BY_PAGES = ("/notifications/bell/",)


def is_page(request: HttpRequest) -> bool:
    """Return whether a person looks at a page, not a program at the API."""
    return request.method == "GET" and not request.path.startswith("/api/")


class PreferencesMiddleware:
    """Signed-in users get what their profile says.

    Others get the language that was used last in this browser, else the one that it asks for (LocaleMiddleware).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            with timezone.override(None):  # undoes what signing a request with a key has activated
                return self.get_response(request)
        translation.activate(user.language)
        request.LANGUAGE_CODE = user.language
        with timezone.override(zoneinfo.ZoneInfo(user.time_zone)):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", user.language)
        if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != user.language and is_page(request):
            remember_language(response, user.language)  # for the next time that somebody signs in here
        return response


class IdleMiddleware:
    """Sign out whoever has not used the program for ``SESSION_IDLE_HOURS``; what pages ask by themselves is no use."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = settings.SESSION_IDLE_HOURS * 3600
        if limit and request.user.is_authenticated:
            self._check(request, limit)
        return self.get_response(request)

    def _check(self, request: HttpRequest, limit: int) -> None:
        now, seen = int(clock.now().timestamp()), request.session.get(SEEN)
        if seen is not None and now - seen > limit:
            language = request.user.language  # type: ignore[union-attr]
            logout(request)
            with translation.override(language):
                messages.info(request, _("You were signed out because the program was not used for a while."))
        elif (seen is None or now - seen > SEEN_AGAIN) and not request.path.endswith(ASKED_BY_PAGES):
            note_use(request)


def note_use(request: HttpRequest) -> None:
    request.session[SEEN] = int(clock.now().timestamp())
