"""Making series: their coming occurrences, with the content of the series, and their end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.log import validators
from activities.log.models import Activity, ActivitySeries, ActivityType, Keyword, Reminder
from activities.log.recurrence.rules import AHEAD, Rule, RuleError, occurrences, parse_rule
from activities.log.recurrence.zones import OffsetZone
from activities.log.services.activities import is_own_uid
from activities.log.services.effects import contact_dates_refresh
from activities.log.services.series_content import (
    PEOPLE,
    SHARED,
    Content,
    content_remember,
    contents_fill,
    contents_of,
    length,
    memo_templates,
    moved_by,
    newest,
    reminders_of,
)
from core import clock
from core.exceptions import BusinessRuleError
from core.richtext import clean
from core.services import lock
from customers.models import Contact, Customer

#: The smallest step of time: the next occurrence begins after the last one made.
TICK = dt.timedelta(microseconds=1)
#: How far ahead a rule with an end is searched for another occurrence.
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
    zone: dt.tzinfo | None = None,
) -> ActivitySeries:
    """Make ``activity`` the first of a series by an RFC 5545 rule in ``zone`` (default: the user's); return the series.

    Makes the coming occurrences of a year, none in the past. ``start`` is the beginning of the rule where that is
    earlier than the activity, ``without`` are days of the zone to leave out for good. Raises
    :class:`BusinessRuleError`: ``rule_invalid``, ``rule_of_one``, ``series_already``, ``type_does_not_recur``,
    ``customer_passive``.
    """
    parsed = read_rule(rule)
    first = lock(activity)
    if first.series_id:
        raise BusinessRuleError("series_already", _("This activity already recurs."), field="repeat")
    check_recurs(first.type)
    validators.check_customer(first.type, first.customer)
    zone = zone or ZoneInfo(user.time_zone)
    check_repeats(parsed, start or first.start, zone)
    series = ActivitySeries.objects.create(
        rule=str(parsed),
        start=start or first.start,
        time_zone=str(zone)[:60],
        zone_offsets=zone.offsets if isinstance(zone, OffsetZone) else [],
        contents=[_first_content(first)],
        left_out=sorted(set(without)),
        made_until=first.start + TICK,
        created_by=user,
    )
    first.series, first.series_start, first.series_content = series, first.start, 0
    first.save(update_fields=["series", "series_start", "series_content", "updated_at"])
    make_more(series)
    return series


def _first_content(first: Activity) -> Content:
    """Return what the series gives: what its first occurrence has, without the report."""
    memo = first.memo if first.memo in memo_templates(first.type) else ""
    return {**contents_of([first])[first.pk], "memo": memo, "reminders": reminders_of(first)}


def check_repeats(rule: Rule, start: dt.datetime, zone: dt.tzinfo) -> None:
    """Raise :class:`BusinessRuleError` ``rule_of_one`` where the rule gives no second occurrence."""
    if not repeats(rule, start, zone):
        message = _("The recurrence ends before its second occurrence: it would never recur.")
        raise BusinessRuleError("rule_of_one", message, field="repeat")


def repeats(rule: Rule, start: dt.datetime, zone: dt.tzinfo) -> bool:
    """Return whether the rule gives another occurrence after ``start``."""
    return any(occurrences(rule, start, zone, after=start + TICK, before=start + FAR))


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
    rule, zone, until = parse_rule(series.rule), series.zone, now + AHEAD
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
    zone = series.zone
    made = series.activities.filter(series_start__isnull=False).values_list("series_start", flat=True)
    return {*series.left_out, *(time.astimezone(zone).date() for time in made if time)}


def _make_occurrences(series: ActivitySeries, times: list[dt.datetime]) -> None:
    """Make an activity for each time with the newest content of the series; the caller saves the series."""
    model = newest_occurrence(series)
    if model is None:
        raise BusinessRuleError("series_empty", _("The series has no occurrences left."))
    if not series.contents:
        contents_fill(series)
    customer = Customer.objects.filter(pk=newest(series)["customer"]).first()
    validators.check_type(model.type)
    validators.check_customer(model.type, customer)
    people = _people_now(newest(series))
    if not people["participants"]:
        raise BusinessRuleError("participant_inactive", _("None of the participants works here any more."))
    with translation.override(series.created_by.language if series.created_by else None):
        memo = clean(model.type.memo_template)
    content = {**newest(series), **people, "memo": memo}
    number = content_remember(series, content)
    activities = Activity.objects.bulk_create(
        _occurrence(series, model, customer, content, number, time) for time in times
    )
    _add_people(activities, content)
    contact_dates_refresh([content["customer"]])


def _people_now(content: Content) -> dict[str, list[int]]:
    """Return the people and words of the content that are still there; of participants those who work here."""
    models: dict[str, Any] = {
        "participants": User.objects.filter(is_active=True),
        "contacts": Contact.objects.all(),
        "keywords": Keyword.objects.all(),
    }
    return {
        name: sorted(rows.filter(pk__in=content[name]).values_list("pk", flat=True)) for name, rows in models.items()
    }


def newest_occurrence(series: ActivitySeries) -> Activity | None:
    return series.activities.select_related("type").order_by("-series_start", "-pk").first()


def _occurrence(
    series: ActivitySeries,
    model: Activity,
    customer: Customer | None,
    content: Content,
    number: int,
    start: dt.datetime,
) -> Activity:
    """Return an activity with the content; type and identifier are those of ``model``, another occurrence."""
    begin, end = moved_by(start, content, series.zone), length(content)
    return Activity(
        **{name: content[name] for name in SHARED},
        type=model.type,
        customer=customer,
        memo=content["memo"],
        start=begin,
        end=None if end is None else begin + end,
        series=series,
        series_start=start,
        series_content=number,
        ical_uid="" if is_own_uid(model.ical_uid) else model.ical_uid,
        created_by=series.created_by or model.created_by,
        status=validators.default_status(model.type, begin),
        is_demo=model.is_demo,
    )


def _add_people(activities: list[Activity], content: Content) -> None:
    for name, (model, field) in PEOPLE.items():
        model.objects.bulk_create(
            model(activity=activity, **{field: pk}) for activity in activities for pk in content[name]
        )
    Reminder.objects.bulk_create(
        Reminder(
            activity=activity,
            user_id=pk,
            minutes_before=minutes,
            due_at=activity.start - dt.timedelta(minutes=minutes),
        )
        for activity in activities
        for pk, minutes in content["reminders"]
        if pk in content["participants"]
    )


def _end_and_notify(series: ActivitySeries, error: BusinessRuleError) -> None:
    """End the series and notify its participants of the reason."""
    series.ended_at = clock.now()
    series.save(update_fields=["ended_at"])
    last = newest_occurrence(series)
    if last:
        notify(
            users=list(last.users.filter(is_active=True)),  # type: ignore[arg-type]
            kind="series_stopped",
            url=last.get_absolute_url(),
            title=last.title,
            reason=error.code,
        )
