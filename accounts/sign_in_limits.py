"""How often signing in may fail. Nobody can lock out somebody else, and guessing is slow from everywhere.

All figures are of the last quarter of an hour and come from the failures that django-axes keeps in the database:

* a user name from one network: 10 failures, then neither is let in together (``AXES_FAILURE_LIMIT``);
* a user name from several networks: a delay between attempts that grows to 30 seconds, never a lock;
* many user names from one network: a delay of 30 seconds between its attempts, and administrators are warned;
* many failures altogether: the same for every network, its first attempt too: who has many addresses waits with each.

A browser in which the user has signed in before, or has chosen a password by mail, has no delay until the password is
changed. A delay is an answer (429) and no waiting: it holds no thread.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import structlog
from axes.models import AccessAttempt
from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts.mails import failed_sign_ins
from accounts.models import User
from accounts.notifications import notify
from accounts.system_mail import text_send
from core import clock
from core.client_ip import client_network

log = structlog.get_logger(__name__)

FREE_FAILURES = 3  # of a name, from other networks than the one that asks
LONGEST_DELAY = 30  # seconds
NAMES_OF_A_NETWORK = 10
FAILURES_ALTOGETHER = 100
FAILURES_TO_MAIL = 10
ALERT_SECONDS, MAIL_SECONDS = 3600, 86_400
COOKIE_SECONDS = 180 * 86_400


def seconds_to_wait(request: HttpRequest, name: str) -> int:
    """Return how many seconds this browser has to wait before it may try ``name``; 0 where it need not."""
    failures, network = _recent_failures(), client_network(request)
    of_name = failures.filter(username=name).aggregate(
        elsewhere=Sum("failures_since_start", filter=~Q(ip_address=network)), last=Max("attempt_time")
    )
    waits = [_remaining(_delay(of_name["elsewhere"] or 0), of_name["last"])]
    last = failures.filter(ip_address=network).aggregate(last=Max("attempt_time"))["last"]
    if _is_siege(failures):
        waits.append(_remaining(LONGEST_DELAY, last or _first_asked(network)))
    elif _is_spraying(failures, network):
        waits.append(_remaining(LONGEST_DELAY, last))
    longest = max(waits)
    return 0 if longest and _is_known_browser(request, name) else longest


def failure_note(request: HttpRequest, name: str) -> None:
    """Mail a user with many failed sign-ins, once a day, and warn administrators of an attack, once an hour."""
    failures, network = _recent_failures(), client_network(request)
    if _sum(failures.filter(username=name)) >= FAILURES_TO_MAIL:
        _mail_user(name)
    if _is_spraying(failures, network):
        _alert("network", network=network, names=_names(failures, network))
    if _is_siege(failures):
        _alert("altogether", failures=_sum(failures))


def browser_remember(response: HttpResponse, user: Any) -> None:
    """Give the browser the cookie that spares it the delays for this user."""
    response.set_signed_cookie(
        _cookie(user),
        user.get_session_auth_hash(),
        salt="known-browser",
        max_age=COOKIE_SECONDS,
        path="/account/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _is_known_browser(request: HttpRequest, name: str) -> bool:
    user = User.objects.filter(username__iexact=name).first()
    if user is None:
        return False
    value = request.get_signed_cookie(_cookie(user), None, salt="known-browser", max_age=COOKIE_SECONDS)
    knows_password = constant_time_compare(value or "", user.get_session_auth_hash())  # as it is now
    return knows_password or request.user == user  # signed in, and asked for the password once more


def _cookie(user: Any) -> str:
    return f"browser_{user.pk}"


def _first_asked(network: str) -> dt.datetime | None:
    """Return when a network without failures first asked in a siege; None while the cache is away."""
    key = f"sign-in:siege:{network}"
    cache.add(key, clock.now(), int(settings.AXES_COOLOFF_TIME * 3600))
    first: dt.datetime | None = cache.get(key)
    return first


def _recent_failures() -> QuerySet[AccessAttempt]:
    since = clock.now() - dt.timedelta(hours=settings.AXES_COOLOFF_TIME)
    return AccessAttempt.objects.filter(attempt_time__gte=since)


def _delay(failures: int) -> int:
    """Return the seconds between attempts: 2, 4, 8, 16 and then 30 after the free failures."""
    if failures <= FREE_FAILURES:
        return 0
    return min(LONGEST_DELAY, 2 ** min(failures - FREE_FAILURES, 5))


def _remaining(delay: int, since: dt.datetime | None) -> int:
    """Return how many of ``delay`` seconds are left, counted from ``since``."""
    if since is None:
        return 0
    return max(0, math.ceil(delay - (clock.now() - since).total_seconds()))


def _sum(failures: QuerySet[AccessAttempt]) -> int:
    return int(failures.aggregate(total=Sum("failures_since_start"))["total"] or 0)


def _names(failures: QuerySet[AccessAttempt], network: str) -> int:
    names = failures.filter(ip_address=network).aggregate(names=Count("username", distinct=True))
    return int(names["names"])


def _is_spraying(failures: QuerySet[AccessAttempt], network: str) -> bool:
    return _names(failures, network) >= NAMES_OF_A_NETWORK


def _is_siege(failures: QuerySet[AccessAttempt]) -> bool:
    return _sum(failures) >= FAILURES_ALTOGETHER


def _is_first(what: str, seconds: int) -> bool:
    """Return whether this has not happened within ``seconds``. While the cache is away nothing is first."""
    key = f"sign-in:{what}"
    return bool(cache.add(key, 1, seconds)) and cache.get(key) is not None


def _mail_user(name: str) -> None:
    user = User.objects.active().filter(username__iexact=name).exclude(email="").first()
    if user and _is_first(f"mail:{user.pk}", MAIL_SECONDS):
        subject, text = failed_sign_ins(user)
        text_send(address=user.email, subject=subject, text=text)


def _alert(kind: str, **figures: Any) -> None:
    if _is_first(f"alert:{kind}:{figures.get('network', '')}", ALERT_SECONDS):
        log.error("sign_in_attack", kind=kind, **figures)
        administrators = list(User.objects.administrators())
        notify(users=administrators, kind="sign_in_attack", url=reverse("accounts:list"), attack=kind, **figures)
