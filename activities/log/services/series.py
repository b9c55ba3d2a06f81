"""Making series: their typical content, their coming occurrences, their end."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.log import validators
from activities.log.enums import ActivityStatus
from activities.log.models import (
    Activity,
    ActivityContact,
    ActivityKeyword,
    ActivitySeries,
    ActivityType,
    Encounter,
    Participation,
    Reminder,
)
from activities.log.recurrence.rules import AHEAD, Rule, RuleError, occurrences, parse_rule
from activities.log.services.activities import is_own_uid
from activities.log.services.effects import contact_dates_refresh
from core import clock
from core.exceptions import BusinessRuleError
from core.models import Document
from core.registry import declared
from core.richtext import clean
from core.services import lock

#: Plain fields that all occurrences share.
SHARED = ("title", "goal", "place", "channel")
NEWEST = 12
#: The smallest step of time: the next occurrence begins after the last one made.
TICK = dt.timedelta(microseconds=1)
#: How far ahead a rule with an end is searched for another occurrence.
FAR = 12 * AHEAD
BATCH = 200


def typical(series: ActivitySeries) -> Activity | None:
    """Return the newest occurrence with the most common content, so that separate changes are not copied."""
    activities = series.activities.select_related("type", "customer")
    newest = list(activities.order_by("-series_start", "-pk")[:NEWEST])
    if not newest:
        return None
    counts = Counter(_shared_content(activity) for activity in reversed(newest)).most_common()
    common = {content for content, number in counts if number == counts[0][1]}
    return next(activity for activity in newest if _shared_content(activity) in common)


def _shared_content(activity: Activity) -> tuple[Any, ...]:
    shared = (getattr(activity, name) for name in SHARED)
    return (*shared, activity.customer_id, duration(activity), activity.start == activity.series_start)


def duration(activity: Activity) -> dt.timedelta | None:
    return activity.end - activity.start if activity.end else None


def most_common(values: Iterable[Any]) -> Any:
    """Return the most frequent value, None if there is none."""
    return next((value for value, _number in Counter(values).most_common(1)), None)


def begun(activities: Iterable[Activity]) -> set[int]:
    """Return the ids of the activities on which something has been done, which are never removed.

    Costs a query for each kind of trace. A subject that adds something to activities declares ``SERIES_TRACES`` among
    its registrations: functions that return which of some ids have it.
    """
    by_pk = {activity.pk: activity for activity in activities}
    related = (
        Document.objects.filter(content_type__app_label="activities", content_type__model="activity")
        .filter(object_id__in=by_pk)
        .values_list("object_id", flat=True),
        Activity.objects.filter(follows__in=by_pk).values_list("follows", flat=True),
        Encounter.objects.filter(pk__in=by_pk).values_list("pk", flat=True),
        *(trace(by_pk.keys()) for trace in declared("SERIES_TRACES")),
    )
    traced = {int(pk) for query in related for pk in query if pk is not None}
    return traced | {pk for pk, activity in by_pk.items() if _has_report(activity)}


def _has_report(activity: Activity) -> bool:
    templates = {"", clean(activity.type.memo_template_fi), clean(activity.type.memo_template_en)}
    is_open = activity.status == ActivityStatus.OPEN
    return not is_open or activity.hours is not None or activity.memo not in templates


@transaction.atomic
def series_make(
    *,
    activity: Activity,
    user: User,
    rule: str,
    start: dt.datetime | None = None,
    without: Collection[dt.date] = (),
) -> ActivitySeries:
    """Make ``activity`` the first of a series by an RFC 5545 rule in the user's time zone; return the series.

    Makes the coming occurrences of a year, none in the past. ``start`` is the beginning of the rule where that is
    earlier than the activity, ``without`` are days to leave out for good. Raises
    :class:`BusinessRuleError`: ``rule_invalid``, ``series_already``, ``type_does_not_recur``, ``customer_passive``.
    """
    parsed = read_rule(rule)
    first = lock(activity)
    if first.series_id:
        raise BusinessRuleError("series_already", _("This activity already recurs."), field="repeat")
    check_recurs(first.type)
    validators.check_customer(first.type, first.customer)
    series = ActivitySeries.objects.create(
        rule=str(parsed),
        start=start or first.start,
        time_zone=user.time_zone,
        left_out=sorted(set(without)),
        made_until=first.start + TICK,
        created_by=user,
    )
    first.series, first.series_start = series, first.start
    first.save(update_fields=["series", "series_start", "updated_at"])
    make_more(series)
    return series


def read_rule(text: str) -> Rule:
    """Return the rule. Raises :class:`BusinessRuleError`: ``rule_invalid``."""
    try:
        return parse_rule(text)
    except RuleError as error:
        raise BusinessRuleError("rule_invalid", str(error), field="repeat") from error


def check_recurs(type: ActivityType) -> None:
    if not type.own_details.recurs:
        message = _("Activities of this type cannot recur.")
        raise BusinessRuleError("type_does_not_recur", message, field="repeat")


def series_continue(*, now: dt.datetime | None = None) -> int:
    """Extend every continuing series up to a year from ``now``; return the number of activities made.

    Each series has a separate transaction. A series is ended, and its participants are notified, when its customer is
    inactive, its type is retired or all its participants have left.
    """
    now, after, made = now or clock.now(), 0, 0
    continuing = ActivitySeries.objects.filter(ended_at__isnull=True, made_until__lt=now + AHEAD)
    while ids := list(continuing.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        made += sum(_extend(pk, now) for pk in ids)
        after = ids[-1]
    return made


@transaction.atomic
def _extend(pk: int, now: dt.datetime) -> int:
    series = ActivitySeries.objects.select_for_update(skip_locked=True).filter(pk=pk, ended_at__isnull=True).first()
    if series is None:
        return 0
    try:
        return make_more(series, now=now)
    except BusinessRuleError as error:
        _end_and_notify(series, error)
        return 0


def make_more(series: ActivitySeries, *, now: dt.datetime | None = None) -> int:
    """Make the occurrences from ``made_until`` to a year ahead; the series is locked by the caller.

    Days that were left out, or that have an occurrence already, are skipped, also when that occurrence was moved.
    Raises :class:`BusinessRuleError` when nothing may be made: ``customer_passive``, ``type_retired``,
    ``participant_inactive``, ``series_empty``.
    """
    now = now or clock.now()
    rule, zone, until = parse_rule(series.rule), ZoneInfo(series.time_zone), now + AHEAD
    times = occurrences(rule, series.start, zone, after=max(series.made_until, now), before=until)
    taken = days_taken(series)
    free = [time for time in times if time.astimezone(zone).date() not in taken]
    if free:
        _make_occurrences(series, free)
    series.made_until = max(series.made_until, until)
    since = series.made_until
    if not rule.is_endless and not any(occurrences(rule, series.start, zone, after=since, before=since + FAR)):
        series.ended_at = now
    series.save()
    return len(free)


def days_taken(series: ActivitySeries) -> set[dt.date]:
    """Return the days, in the series' zone, that have an occurrence or are left out."""
    zone = ZoneInfo(series.time_zone)
    made = series.activities.filter(series_start__isnull=False).values_list("series_start", flat=True)
    return {*series.left_out, *(time.astimezone(zone).date() for time in made if time)}


def _make_occurrences(series: ActivitySeries, times: list[dt.datetime]) -> None:
    """Make an activity for each time with the typical content of the series, without the report."""
    model = typical(series)
    if model is None:
        raise BusinessRuleError("series_empty", _("The series has no occurrences left."))
    validators.check_type(model.type)
    validators.check_customer(model.type, model.customer)
    people = list(model.users.filter(is_active=True).values_list("pk", flat=True))
    if not people:
        raise BusinessRuleError("participant_inactive", _("None of the participants works here any more."))
    with translation.override(series.created_by.language if series.created_by else None):
        memo = clean(model.type.memo_template)
    activities = Activity.objects.bulk_create(_occurrence(series, model, time, memo) for time in times)
    _add_people(activities, model, people)
    contact_dates_refresh([model.customer_id])


def _occurrence(series: ActivitySeries, model: Activity, start: dt.datetime, memo: str) -> Activity:
    return Activity(
        type=model.type,
        customer=model.customer,
        title=model.title,
        goal=model.goal,
        memo=memo,
        start=start,
        end=start + (model.end - model.start) if model.end else None,
        channel=model.channel,
        place=model.place,
        series=series,
        series_start=start,
        ical_uid="" if is_own_uid(model.ical_uid) else model.ical_uid,
        created_by=series.created_by or model.created_by,
        status=validators.default_status(model.type, start),
        is_demo=model.is_demo,
    )


def _add_people(activities: list[Activity], model: Activity, people: Iterable[int]) -> None:
    contacts = list(model.activity_contacts.values_list("contact", flat=True))
    keywords = list(model.activity_keywords.values_list("keyword", flat=True))
    reminders = list(model.reminders.filter(user__in=people).values_list("user", "minutes_before"))
    Participation.objects.bulk_create(
        Participation(activity=activity, user_id=pk) for activity in activities for pk in people
    )
    ActivityContact.objects.bulk_create(
        ActivityContact(activity=activity, contact_id=pk) for activity in activities for pk in contacts
    )
    ActivityKeyword.objects.bulk_create(
        ActivityKeyword(activity=activity, keyword_id=pk) for activity in activities for pk in keywords
    )
    Reminder.objects.bulk_create(
        Reminder(
            activity=activity,
            user_id=pk,
            minutes_before=minutes,
            due_at=activity.start - dt.timedelta(minutes=minutes),
        )
        for activity in activities
        for pk, minutes in reminders
    )


def _end_and_notify(series: ActivitySeries, error: BusinessRuleError) -> None:
    """End the series and notify its participants of the reason."""
    series.ended_at = clock.now()
    series.save(update_fields=["ended_at"])
    last = typical(series)
    if last:
        notify(
            users=list(last.users.filter(is_active=True)),  # type: ignore[arg-type]
            kind="series_stopped",
            url=last.get_absolute_url(),
            title=last.title,
            reason=error.code,
        )
