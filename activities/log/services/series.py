"""What the occurrences of a series have in common, and what one of them has of its own."""

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
from activities.log.recurrence.expansion import AHEAD, occurrences
from activities.log.recurrence.rules import Rule, RuleError, parse_rule
from activities.log.services.activities import is_own_uid
from activities.log.services.contact_dates import contact_dates_refresh
from core import clock
from core.exceptions import BusinessRuleError
from core.models import Document
from core.registry import declared
from core.richtext import clean
from core.services import lock

#: Plain fields that all occurrences share.
SHARED = ("title", "goal", "place", "channel")
NEWEST = 12


def typical(series: ActivitySeries) -> Activity | None:
    """Return the newest occurrence that is like most of the newest ones: what was changed alone is no model."""
    rows = series.activities.select_related("type", "customer").order_by("-series_start", "-pk")[:NEWEST]
    found = list(rows)
    if not found:
        return None
    most = Counter(_content(row) for row in reversed(found)).most_common()
    best = {content for content, number in most if number == most[0][1]}
    return next(row for row in found if _content(row) in best)


def _content(row: Activity) -> tuple[Any, ...]:
    return (*(getattr(row, name) for name in SHARED), row.customer_id, length(row), row.start == row.series_start)


def length(row: Activity) -> dt.timedelta | None:
    return row.end - row.start if row.end else None


def usual(values: Iterable[Any]) -> Any:
    """Return the value that is there most often, None of nothing."""
    return next((value for value, _number in Counter(values).most_common(1)), None)


def begun(rows: Iterable[Activity]) -> set[int]:
    """Return the ids of those on which something has been done: they are never removed. A query for each kind of trace.

    A subject that adds something to activities declares ``SERIES_TRACES`` among its registrations: functions that
    return which of some ids have it.
    """
    by_pk = {row.pk: row for row in rows}
    related = (
        Document.objects.filter(content_type__app_label="activities", content_type__model="activity")
        .filter(object_id__in=by_pk)
        .values_list("object_id", flat=True),
        Activity.objects.filter(follows__in=by_pk).values_list("follows", flat=True),
        Encounter.objects.filter(pk__in=by_pk).values_list("pk", flat=True),
        *(trace(by_pk.keys()) for trace in declared("SERIES_TRACES")),
    )
    found = {int(pk) for query in related for pk in query if pk is not None}
    return found | {pk for pk, row in by_pk.items() if _has_report(row)}


def _has_report(row: Activity) -> bool:
    templates = {"", clean(row.type.memo_template_fi), clean(row.type.memo_template_en)}
    return row.status != ActivityStatus.OPEN or row.hours is not None or row.memo not in templates


#: The finest step of time: what is made next begins after what was made last.
TICK = dt.timedelta(microseconds=1)
#: How far is looked to see that a rule with an end has ended.
FAR = 12 * AHEAD
BATCH = 200


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

    The coming occurrences of a year are made at once, none of the past. ``start`` is where the rule is counted from
    when that is earlier than the activity, ``without`` are days that are left out for good. Raises
    :class:`BusinessRuleError`: ``rule_invalid``, ``series_already``, ``type_does_not_recur``, ``customer_passive``.
    """
    parsed = read_rule(rule)
    row = lock(activity)
    if row.series_id:
        raise BusinessRuleError("series_already", _("This activity recurs already."), field="repeat")
    check_recurs(row.type)
    validators.check_customer(row.type, row.customer)
    series = ActivitySeries.objects.create(
        rule=str(parsed),
        start=start or row.start,
        time_zone=user.time_zone,
        left_out=sorted(set(without)),
        made_until=row.start + TICK,
        created_by=user,
    )
    row.series, row.series_start = series, row.start
    row.save(update_fields=["series", "series_start", "updated_at"])
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
        message = _("Activities of this type do not recur: each is its own.")
        raise BusinessRuleError("type_does_not_recur", message, field="repeat")


def series_continue(*, now: dt.datetime | None = None) -> int:
    """Make more of every series that goes on, up to a year from ``now``; return how many activities were made.

    Each series is a transaction of its own. One whose customer has become passive, whose type is retired or whose
    participants have all left is ended, and those who take part are told.
    """
    now, after, made = now or clock.now(), 0, 0
    going = ActivitySeries.objects.filter(ended_at__isnull=True, made_until__lt=now + AHEAD)
    while ids := list(going.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        made += sum(_continue(pk, now) for pk in ids)
        after = ids[-1]
    return made


@transaction.atomic
def _continue(pk: int, now: dt.datetime) -> int:
    series = ActivitySeries.objects.select_for_update(skip_locked=True).filter(pk=pk, ended_at__isnull=True).first()
    if series is None:
        return 0
    try:
        return make_more(series, now=now)
    except BusinessRuleError as error:
        _stop(series, error)
        return 0


def make_more(series: ActivitySeries, *, now: dt.datetime | None = None) -> int:
    """Make the occurrences from ``made_until`` to a year ahead; the series is locked by the caller.

    A day that was left out, or on which the rule has put one already, is passed by, also when that one was moved.
    Raises :class:`BusinessRuleError` when nothing may be made any more: ``customer_passive``, ``type_retired``,
    ``participant_inactive``, ``series_empty``.
    """
    now = now or clock.now()
    rule, zone, until = parse_rule(series.rule), ZoneInfo(series.time_zone), now + AHEAD
    times = occurrences(rule, series.start, zone, after=max(series.made_until, now), before=until)
    taken = days_taken(series)
    wanted = [time for time in times if time.astimezone(zone).date() not in taken]
    if wanted:
        _copy(series, wanted)
    series.made_until = max(series.made_until, until)
    if not rule.is_endless and _is_over(rule, series, zone, series.made_until):
        series.ended_at = now
    series.save()
    return len(wanted)


def days_taken(series: ActivitySeries) -> set[dt.date]:
    """Return the days of the series' zone that have their occurrence, or were left out."""
    zone = ZoneInfo(series.time_zone)
    made = series.activities.filter(series_start__isnull=False).values_list("series_start", flat=True)
    return {*series.left_out, *(time.astimezone(zone).date() for time in made if time)}


def _is_over(rule: Rule, series: ActivitySeries, zone: ZoneInfo, since: dt.datetime) -> bool:
    return next(occurrences(rule, series.start, zone, after=since, before=since + FAR), None) is None


def _copy(series: ActivitySeries, times: list[dt.datetime]) -> None:
    """Make an activity for each time with what most of the series has; the report is not copied."""
    model = typical(series)
    if model is None:
        raise BusinessRuleError("series_empty", _("Nothing is left of the series."))
    validators.check_type(model.type)
    validators.check_customer(model.type, model.customer)
    people = list(model.users.filter(is_active=True).values_list("pk", flat=True))
    if not people:
        raise BusinessRuleError("participant_inactive", _("Those who took part do not work here any more."))
    memo = _memo(series, model)
    rows = Activity.objects.bulk_create(_copied(series, model, time, memo) for time in times)
    _add_people(rows, model, people)
    contact_dates_refresh([model.customer_id])


def _memo(series: ActivitySeries, model: Activity) -> str:
    with translation.override(series.created_by.language if series.created_by else None):
        return clean(model.type.memo_template)


def _copied(series: ActivitySeries, model: Activity, start: dt.datetime, memo: str) -> Activity:
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


def _add_people(rows: list[Activity], model: Activity, people: Iterable[int]) -> None:
    contacts = list(model.activity_contacts.values_list("contact", flat=True))
    words = list(model.activity_keywords.values_list("keyword", flat=True))
    reminders = list(model.reminders.filter(user__in=people).values_list("user", "minutes_before"))
    Participation.objects.bulk_create(Participation(activity=row, user_id=pk) for row in rows for pk in people)
    ActivityContact.objects.bulk_create(ActivityContact(activity=row, contact_id=pk) for row in rows for pk in contacts)
    ActivityKeyword.objects.bulk_create(ActivityKeyword(activity=row, keyword_id=pk) for row in rows for pk in words)
    Reminder.objects.bulk_create(
        Reminder(activity=row, user_id=pk, minutes_before=ahead, due_at=row.start - dt.timedelta(minutes=ahead))
        for row in rows
        for pk, ahead in reminders
    )


def _stop(series: ActivitySeries, error: BusinessRuleError) -> None:
    """End the series and tell those who take part why."""
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
