"""Private addresses from which calendar programs read a user's activities."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from activities.calendar.ical.build import Entry, calendar
from activities.calendar.models import CalendarFeed
from activities.log.models import Activity
from activities.log.services.activities import uid_of
from core import clock

PAST, COMING = dt.timedelta(days=90), dt.timedelta(days=365)
MOST = 5_000
MOST_FEEDS = 20
#: The time of the last reading is written this often at most.
NOTED = dt.timedelta(minutes=10)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def feed_create(*, user: User, name: str = "") -> tuple[CalendarFeed, str]:
    """Make a private address; return the feed and the secret part, which is not kept and cannot be shown again.

    The oldest of more than :data:`MOST_FEEDS` is revoked.
    """
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=user, digest=digest(secret), name=name)
    old = CalendarFeed.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)[MOST_FEEDS:]
    CalendarFeed.objects.filter(pk__in=list(old)).delete()
    return feed, secret


def feed_revoke(*, feed: CalendarFeed) -> None:
    """The address answers no more."""
    feed.delete()


def feed_of(secret: str) -> CalendarFeed | None:
    """Return the feed of an address whose user still works here."""
    return CalendarFeed.objects.select_related("user").filter(digest=digest(secret), user__is_active=True).first()


def feed_note_read(feed: CalendarFeed) -> None:
    now = clock.now()
    if feed.last_read_at is None or now - feed.last_read_at > NOTED:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)


def feed_address(secret: str) -> str:
    return settings.BASE_URL + reverse("calendar:feed_file", args=[secret])


def feed_content(user: User) -> tuple[bytes, dt.datetime | None]:
    """Return the user's own activities around now as a calendar, and when the newest of them was changed.

    The same activities give the same bytes. Costs one query.
    """
    now = clock.now()
    own = Activity.objects.visible_to(user).of_participant(user).select_related("type", "customer")
    rows = list(own.filter(start__gte=now - PAST, start__lt=now + COMING).order_by("start", "pk")[:MOST])
    with translation.override(user.language):
        name = _("Portaali: %s") % user
        content = calendar((entry_of(row) for row in rows), ZoneInfo(user.time_zone), name=name)
    return content, max((row.updated_at for row in rows), default=None)


def entry_of(row: Activity) -> Entry:
    """Return an activity as an event: what it is, where, its goal and its page; never the memo (rule 19)."""
    url = settings.BASE_URL + row.get_absolute_url()
    lines = (str(row.customer or ""), f"{_('Goal')}: {row.goal}" if row.goal else "", url)
    return Entry(
        uid=uid_of(row),
        start=row.start,
        end=row.end or row.start + dt.timedelta(minutes=row.type.duration),
        summary=f"{row.type}: {row.title}",
        stamp=row.updated_at,
        sequence=row.ical_sequence,
        location=row.place,
        description="\n".join(line for line in lines if line),
        url=url,
    )
