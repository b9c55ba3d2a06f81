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
MAX_ACTIVITIES = 5_000
MAX_FEEDS = 20
#: The shortest interval between two writes of the time of the last reading.
NOTE_INTERVAL = dt.timedelta(minutes=10)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def feed_create(*, user: User, name: str = "") -> tuple[CalendarFeed, str]:
    """Create a private address; return the feed and the secret part, which is not stored and cannot be shown again.

    Feeds beyond :data:`MAX_FEEDS` are revoked, oldest first.
    """
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(user=user, digest=digest(secret), name=name)
    old = CalendarFeed.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)[MAX_FEEDS:]
    CalendarFeed.objects.filter(pk__in=list(old)).delete()
    return feed, secret


def feed_revoke(*, feed: CalendarFeed) -> None:
    """Delete the feed; its address no longer works."""
    feed.delete()


def feed_of(secret: str) -> CalendarFeed | None:
    """Return the feed of a secret, if its user is active."""
    return CalendarFeed.objects.select_related("user").filter(digest=digest(secret), user__is_active=True).first()


def feed_note_read(feed: CalendarFeed) -> None:
    """Store the time of reading, at most once in :data:`NOTE_INTERVAL`."""
    now = clock.now()
    if feed.last_read_at is None or now - feed.last_read_at > NOTE_INTERVAL:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)


def feed_address(secret: str) -> str:
    return settings.BASE_URL + reverse("calendar:feed_file", args=[secret])


def feed_content(user: User) -> tuple[bytes, dt.datetime | None]:
    """Return the user's own activities around now as a calendar, and the time of their latest change.

    The same activities give the same bytes. Costs one query.
    """
    now = clock.now()
    own = Activity.objects.visible_to(user).of_participant(user).select_related("type", "customer")
    activities = list(
        own.filter(start__gte=now - PAST, start__lt=now + COMING).order_by("start", "pk")[:MAX_ACTIVITIES]
    )
    with translation.override(user.language):
        name = _("Portaali: %s") % user
        content = calendar((entry_of(activity) for activity in activities), ZoneInfo(user.time_zone), name=name)
    return content, max((activity.updated_at for activity in activities), default=None)


def entry_of(activity: Activity) -> Entry:
    """Return an activity as an event with title, place, goal and link; never the memo (rule 19)."""
    url = settings.BASE_URL + activity.get_absolute_url()
    goal = f"{_('Goal')}: {activity.goal}" if activity.goal else ""
    lines = (str(activity.customer or ""), goal, url)
    return Entry(
        uid=uid_of(activity),
        start=activity.start,
        is_all_day=activity.is_all_day,
        end=activity.end or activity.start + dt.timedelta(minutes=activity.type.duration),
        summary=f"{activity.type}: {activity.title}",
        stamp=activity.updated_at,
        sequence=activity.ical_sequence,
        location=activity.place,
        description="\n".join(line for line in lines if line),
        url=url,
    )
