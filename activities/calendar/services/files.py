"""Services that import .ics files: each event as an activity or a series, once and in its own transaction."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction

from accounts.models import User
from activities.calendar.ical.read import Budget, ReadEvent
from activities.calendar.ical.zones import kept
from activities.calendar.models import ImportedEvent
from activities.calendar.services.file_plan import (
    REFUSED,
    SAME,
    Plan,
    Types,
    changes_of,
    import_plan,
    is_as_imported,
    key_of,
    new_rule,
    newly_left_out,
    next_time,
    recurs,
    series_changes,
)
from activities.calendar.services.file_present import remember
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, ActivitySeries
from activities.log.services.activities import activity_change, activity_log, participant_add
from activities.log.services.effects import contact_dates_refresh
from activities.log.services.series import series_make
from activities.log.services.series_changes import days_leave_out, series_change, series_end
from activities.log.services.series_content import edited
from core import clock
from core.exceptions import BusinessRuleError
from core.permissions import allowed
from core.richtext import from_text


def import_run(
    *,
    user: User,
    text: str,
    types: Types,
    chosen: Collection[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    budget: Budget | None = None,
) -> Counter[str]:
    """Import the chosen events (by key; None: all), each in a separate transaction; return the count of each result.

    Events are matched with the activities made of them, so a second run changes nothing.
    """
    plans = [
        plan
        for plan in import_plan(user=user, text=text, types=types, budget=budget)
        if chosen is None or key_of(plan) in chosen
    ]
    plans.sort(key=lambda plan: plan.event.recurrence is not None)  # series before their exceptions
    results: Counter[str] = Counter()
    for number, plan in enumerate(plans, 1):
        results[_import(plan, user)] += 1
        progress(number, len(plans))
    return results


def _import(plan: Plan, user: User) -> str:
    if plan.result in (REFUSED, SAME):
        return plan.result
    try:
        with transaction.atomic():
            _write(plan, user)
    except BusinessRuleError:
        return REFUSED
    return plan.result


def _write(plan: Plan, user: User) -> None:
    event = plan.event
    if event.is_cancelled:
        _cancel(plan, user)
        remember(event, None, is_cancelled=True)
        return
    if plan.activity:
        may_edit = _update(plan, plan.activity, user)
        activity: Activity | None = plan.activity
    else:
        activity, may_edit = _create(plan, user), True
    if may_edit:
        remember(event, activity)


def _create(plan: Plan, user: User) -> Activity | None:
    event = plan.event
    if event.recurrence and not event.is_extra:
        series = ActivitySeries.objects.filter(activities__ical_uid=event.uid).first()
        if series:
            return _create_occurrence(plan, user, series)
    is_series = not event.recurrence and recurs(event)
    start = next_time(event) if is_series else event.start
    activity = _log(plan, user, start)
    if is_series:
        _make_series(event, activity, user)
    return activity


def _make_series(event: ReadEvent, activity: Activity, user: User) -> None:
    zone = kept(event.zone, event.start or clock.now())
    series_make(activity=activity, user=user, rule=event.rule, start=event.start, without=event.without, zone=zone)


def _log(plan: Plan, user: User, start: dt.datetime | None) -> Activity:
    event = plan.event
    length = event.end - event.start if event.end and event.start else None
    activity = activity_log(
        user=user,
        type=plan.type,  # type: ignore[arg-type]
        title=event.title,
        customer=plan.customer,
        start=start,
        end=start + length if length and start else None,
        memo=from_text(event.text),
        place=event.place,
        participants=list({person.pk: person for person in (user, *plan.users)}.values()),
        contacts=plan.contacts,
    )
    Activity.objects.filter(pk=activity.pk).update(ical_uid=event.uid)
    return activity


def _create_occurrence(plan: Plan, user: User, series: ActivitySeries) -> Activity | None:
    """Change the occurrence that its series has just created, or add one that was moved here from a past day."""
    event = plan.event
    day = event.original_day(series.zone)
    rows = series.activities.filter(series_start__isnull=False).order_by("series_start")
    activity = next((row for row in rows if _day(row, series) == day), None)
    if activity:
        plan.activity = activity
        return activity if _change_occurrence(event, activity, user) else None
    if event.start is None or event.start <= clock.now():
        plan.result = SAME
        return None
    activity = _log(plan, user, event.start)
    Activity.objects.filter(pk=activity.pk).update(series=series, series_start=event.recurrence)
    return activity


def _day(activity: Activity, series: ActivitySeries) -> dt.date | None:
    return activity.series_start.astimezone(series.zone).date() if activity.series_start else None


def _update(plan: Plan, activity: Activity, user: User) -> bool:
    """Add the user as a participant, and make the changes if the user may edit the activity; return whether."""
    if not activity.participations.filter(user=user).exists():
        participant_add(activity=activity, user=user)
    if not allowed(user, "activities.edit_activity", activity):
        return False
    event = plan.event
    if event.rule and activity.series:
        _update_series(event, activity, activity.series, user)
        return True
    if event.rule and recurs(event) and (start := next_time(event)):
        length = event.end - event.start if event.end and event.start else None
        times = {"start": start, "end": start + length if length else None}
        activity_change(activity=activity, user=user, changes={**changes_of(event), **times})
        _make_series(event, activity, user)
        return True
    return _change_occurrence(event, activity, user)


def _change_occurrence(event: ReadEvent, activity: Activity, user: User) -> bool:
    if not allowed(user, "activities.edit_activity", activity):
        return False
    if event.is_following and activity.series:
        _change_following(event, activity, activity.series, user)
    else:
        activity_change(activity=activity, user=user, changes=changes_of(event))
    return True


def _change_following(event: ReadEvent, activity: Activity, series: ActivitySeries, user: User) -> None:
    """Change an occurrence and those that follow (RANGE=THISANDFUTURE): fields, time and, by as much, the day."""
    start: Any = event.start
    local, now = start.astimezone(series.zone), activity.start.astimezone(series.zone)
    changes: dict[str, Any] = {"title": event.title, "place": event.place, "at": local.time()}
    changes["minutes"] = (event.end - start) // dt.timedelta(minutes=1) if event.end else None
    if days := (local.date() - now.date()).days:
        changes["days"] = days
    series_change(activity=activity, user=user, changes=changes)


def _update_series(event: ReadEvent, activity: Activity, series: ActivitySeries, user: User) -> None:
    changes, rule = series_changes(event, activity, series), new_rule(event, series)
    left_out = newly_left_out(event, series)
    if changes or rule:
        selected = _untouched(activity, series)
        series_change(activity=selected, user=user, changes=changes, rule=rule, whole=True)
    still = series.activities.order_by("series_start").first()
    if left_out and still:
        days_leave_out(activity=still, user=user, days=left_out)


def _untouched(activity: Activity, series: ActivitySeries) -> Activity:
    """Return a coming occurrence that nobody has edited, so that no edit is overwritten; else ``activity``."""
    coming = series.activities.filter(start__gt=clock.now(), status__in=UNFINISHED).select_related("type")
    rows = list(coming.order_by("start", "pk"))
    own = edited(series, rows)
    return next((row for row in rows if row.pk not in own), activity)


def _cancel(plan: Plan, user: User) -> None:
    """Remove what was cancelled and is untouched: an activity, an occurrence for good, or all that follow."""
    event = plan.event
    series = ActivitySeries.objects.filter(activities__ical_uid=event.uid).first()
    if series is None or (plan.activity and plan.activity.series_id is None):
        _delete(plan.activity)
        return
    rows = list(series.activities.filter(series_start__isnull=False).select_related("type").order_by("series_start"))
    day = event.original_day(series.zone)
    if event.recurrence and not event.is_following:
        if day and rows:
            _delete_as_imported(event.uid, [row for row in rows if _day(row, series) == day])
            _leave_out(series, day, user)
        return
    _delete_as_imported(event.uid, [row for row in rows if not day or (_day(row, series) or day) >= day])
    rows = [row for row in rows if row.pk]
    before = [row for row in rows if day and (_day(row, series) or day) < day]
    if before:
        series_end(activity=before[-1], user=user)
    else:
        _end_whole(rows, series, user)


def _leave_out(series: ActivitySeries, day: dt.date, user: User) -> None:
    still = series.activities.order_by("series_start").first()
    if still:
        days_leave_out(activity=still, user=user, days=[day])


def _delete_as_imported(uid: str, rows: list[Activity]) -> None:
    """Delete the coming occurrences that a file has changed and nobody here; a deleted row has no id any more."""
    records = ImportedEvent.objects.filter(uid=uid, recurrence__isnull=False, activity__in=rows)
    versions = dict(records.values_list("activity", "version"))
    for row in rows:
        if row.pk in versions and row.start > clock.now() and is_as_imported(row, versions[row.pk]):
            _delete(row)
            row.pk = None


def _end_whole(rows: list[Activity], series: ActivitySeries, user: User) -> None:
    """End a series that was cancelled: remove its first occurrence as well, where it is to come and untouched."""
    now = clock.now()
    coming = [row for row in rows if row.start > now]
    past = [row for row in rows if row.start <= now]
    if not coming:
        return
    series_end(activity=(past or coming)[-1 if past else 0], user=user)
    if not past:
        series.refresh_from_db()
        first = coming[0]
        if first.pk not in edited(series, [first]):
            _delete(first)


def _delete(activity: Activity | None) -> None:
    if activity:
        Activity.objects.filter(pk=activity.pk).delete()
        contact_dates_refresh([activity.customer_id])
