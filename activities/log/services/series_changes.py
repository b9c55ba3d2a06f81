"""Changing a series: only unfinished coming occurrences change, done ones never."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, ActivityContact, ActivitySeries, Participation, Reminder
from activities.log.recurrence.rules import AHEAD, Rule, first_match, occurrences, parse_rule
from activities.log.services.activities import save
from activities.log.services.effects import contact_dates_refresh
from activities.log.services.series import SHARED, TICK, begun, days_taken, duration, make_more, most_common, read_rule
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock

#: Changes of a series: shared fields, ``at`` (time of day), ``minutes`` (duration), people.
CHANGEABLE = frozenset({*SHARED, "at", "minutes", "participants", "contacts"})


@dataclass(frozen=True)
class SeriesResult:
    """The numbers of occurrences that a change affected; ``kept`` have separate changes and were left as they are."""

    changed: int = 0
    made: int = 0
    removed: int = 0
    kept: int = 0


@transaction.atomic
def series_change(
    *,
    activity: Activity,
    user: User,
    changes: Mapping[str, Any],
    rule: str = "",
    whole: bool = False,
    version: int | None = None,
) -> SeriesResult:
    """Change this occurrence and those that follow (``whole``: all coming ones) and, when given, the rule.

    A field changes where it has the most common value; occurrences that were changed separately keep theirs. People
    are added and removed by the difference from this occurrence. A new rule removes the untouched coming occurrences
    and makes others; days that were left out or moved separately stay so where both rules give them.
    Raises :class:`BusinessRuleError`: ``series_none``, ``rule_invalid``, ``customer_passive``, ``goal_required``,
    ``participant_last``, ``rule_without_days``; :class:`StaleVersionError`.
    """
    series, selected = _lock_series(activity)
    check_version(selected, version)
    validators.check_customer(selected.type, selected.customer)
    parsed = read_rule(rule) if rule else parse_rule(series.rule)
    coming = _coming_occurrences(series, selected, whole=whole)
    if not coming:
        raise BusinessRuleError("series_over", _("The series has no coming occurrences."))
    kept = _write_fields(series, selected, coming, changes)
    _write_people(selected, coming, changes)
    result = SeriesResult(changed=len(coming) - kept, kept=kept)
    if str(parsed) != series.rule:
        result = _apply_rule(series, coming, parsed)
    contact_dates_refresh({occurrence.customer_id for occurrence in coming})
    return result


@transaction.atomic
def series_end(*, activity: Activity, user: User) -> SeriesResult:
    """Make this occurrence the last; remove the untouched ones that follow.

    Raises :class:`BusinessRuleError`: ``series_none``.
    """
    series, selected = _lock_series(activity)
    following = [occurrence for occurrence in _coming_occurrences(series, selected) if occurrence.pk != selected.pk]
    removed = _remove_untouched(following)
    local = (selected.series_start or selected.start).astimezone(ZoneInfo(series.time_zone))
    series.rule = str(parse_rule(series.rule).ending(local.date()))
    series.ended_at = clock.now()
    series.save(update_fields=["rule", "ended_at"])
    contact_dates_refresh([selected.customer_id])
    return SeriesResult(removed=removed, kept=len(following) - removed)


@transaction.atomic
def occurrence_skip(*, activity: Activity, user: User) -> Activity | None:
    """Remove one occurrence from its series for good, keeping its history; return the next one, None if there is none.

    The series remembers the day: no change of the rule brings it back.
    Raises :class:`BusinessRuleError`: ``series_none``, ``occurrence_gone`` when somebody else has just removed it,
    ``occurrence_begun`` when something has been done on it.
    """
    series, selected = _lock_series(activity)
    if begun([selected]):
        message = _("This occurrence already has entries, documents or follow-ups: it cannot be left out.")
        raise BusinessRuleError("occurrence_begun", message)
    following = series.activities.filter(start__gt=selected.start, status__in=UNFINISHED).order_by("start").first()
    customer_id = selected.customer_id
    if day := _day_of(series, selected):
        _leave_out_days(series, [day])
    selected.delete()
    contact_dates_refresh([customer_id])
    return following


@transaction.atomic
def days_leave_out(*, activity: Activity, user: User, days: Collection[dt.date]) -> int:
    """Leave the days out of the series for good; return how many untouched occurrences were removed.

    Raises :class:`BusinessRuleError`: ``series_none``.
    """
    series, _selected = _lock_series(activity)
    _leave_out_days(series, days)
    coming = series.activities.filter(start__gt=clock.now(), status__in=UNFINISHED, series_start__isnull=False)
    on_days = [
        occurrence
        for occurrence in coming.select_related("type").select_for_update(of=("self",))
        if _day_of(series, occurrence) in days
    ]
    removed = _remove_untouched(on_days)
    contact_dates_refresh({occurrence.customer_id for occurrence in on_days})
    return removed


def _leave_out_days(series: ActivitySeries, days: Collection[dt.date]) -> None:
    series.left_out = sorted({*series.left_out, *days})
    series.save(update_fields=["left_out"])


def _day_of(series: ActivitySeries, occurrence: Activity) -> dt.date | None:
    """Return the day on which the rule has placed the occurrence, in the series' zone."""
    start = occurrence.series_start
    return start.astimezone(ZoneInfo(series.time_zone)).date() if start else None


def _lock_series(activity: Activity) -> tuple[ActivitySeries, Activity]:
    """Lock the series before its occurrence, so that parallel changes wait; return both."""
    series = ActivitySeries.objects.select_for_update(of=("self",)).filter(activities=activity.pk).first()
    if series is None:
        raise BusinessRuleError("series_none", _("This activity does not recur."))
    try:
        return series, lock(activity)
    except Activity.DoesNotExist as error:  # removed while waiting for the series
        raise BusinessRuleError("occurrence_gone", _("This occurrence has just been left out.")) from error


def _coming_occurrences(series: ActivitySeries, selected: Activity, *, whole: bool = False) -> list[Activity]:
    """Return the unfinished occurrences to come, in order, and ``selected`` if it is unfinished."""
    since = models.Q() if whole else models.Q(start__gte=selected.start)
    condition = models.Q(start__gt=clock.now()) & since | models.Q(pk=selected.pk)
    coming = series.activities.filter(condition, status__in=UNFINISHED).select_related("type", "customer")
    return list(coming.order_by("start", "pk").select_for_update(of=("self",)))


def _write_fields(
    series: ActivitySeries, selected: Activity, coming: list[Activity], changes: Mapping[str, Any]
) -> int:
    """Write the plain fields and times; return how many occurrences kept separate values."""
    own: set[int] = set()
    for name in [name for name in SHARED if name in changes and changes[name] != getattr(selected, name)]:
        common = most_common(getattr(occurrence, name) for occurrence in coming)
        for occurrence in coming:
            if getattr(occurrence, name) == common or occurrence.pk == selected.pk:
                setattr(occurrence, name, changes[name])
            else:
                own.add(occurrence.pk)
    own |= _move_times(series, selected, coming, changes)
    _save_all(coming)
    return len(own)


def _move_times(
    series: ActivitySeries, selected: Activity, coming: list[Activity], changes: Mapping[str, Any]
) -> set[int]:
    """Set the time of day and the duration; return the ids of separately moved occurrences, which stay."""
    zone = ZoneInfo(series.time_zone)
    own: set[int] = set()
    minutes, common = changes.get("minutes"), most_common(duration(occurrence) for occurrence in coming)
    for occurrence in coming:
        length = duration(occurrence)
        if "minutes" in changes and (length == common or occurrence.pk == selected.pk):
            length = dt.timedelta(minutes=minutes) if minutes else None
        if changes.get("at") and _at_time(occurrence.start, zone, changes["at"]) != occurrence.start:
            is_moved = occurrence.series_start is not None and occurrence.start != occurrence.series_start
            if is_moved and occurrence.pk != selected.pk:
                own.add(occurrence.pk)
            else:
                occurrence.start = _at_time(occurrence.start, zone, changes["at"])
            occurrence.series_start = occurrence.series_start and _at_time(occurrence.series_start, zone, changes["at"])
        occurrence.end = occurrence.start + length if length else None
    if changes.get("at"):
        series.start = _at_time(series.start, zone, changes["at"])
        series.save(update_fields=["start"])
    return own


def _at_time(time: dt.datetime, zone: ZoneInfo, at: dt.time) -> dt.datetime:
    """Return ``at`` on the same day of the zone; a time that does not exist moves forward."""
    local = dt.datetime.combine(time.astimezone(zone).date(), at.replace(tzinfo=None))
    return local.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


def _save_all(coming: list[Activity]) -> None:
    """Check the first occurrence like any activity, and write all with a raised version."""
    for occurrence in coming:
        occurrence.version += 1
    first = coming[0]
    validators.check_content(first)
    save(first)
    Activity.objects.bulk_update(coming[1:], [*SHARED, "start", "end", "series_start", "version"], batch_size=200)
    _move_reminders(coming)


def _move_reminders(activities: list[Activity]) -> None:
    starts = {activity.pk: activity.start for activity in activities}
    reminders = list(Reminder.objects.filter(activity__in=starts, sent_at__isnull=True))
    for reminder in reminders:
        reminder.due_at = starts[reminder.activity_id] - dt.timedelta(minutes=reminder.minutes_before)
    Reminder.objects.bulk_update(reminders, ["due_at"], batch_size=500)


def _write_people(selected: Activity, coming: list[Activity], changes: Mapping[str, Any]) -> None:
    """Add and remove the people by which ``changes`` differ from the selected occurrence; others stay."""
    if "participants" in changes:
        users = {person.pk for person in changes["participants"]}
        if not users:
            raise BusinessRuleError(
                "participant_last", _("At least one participant is required."), field="participants"
            )
        old = set(selected.participations.values_list("user", flat=True))
        validators.check_participants(person for person in changes["participants"] if person.pk not in old)
        _sync_people(Participation, "user_id", coming, users - old, old - users)
        _add_missing_participants(coming, users)
    if "contacts" in changes:
        contacts = {contact.pk for contact in changes["contacts"]}
        old = set(selected.activity_contacts.values_list("contact", flat=True))
        _sync_people(ActivityContact, "contact_id", coming, contacts - old, old - contacts)


def _sync_people(model: Any, field: str, coming: list[Activity], added: Collection[int], gone: Collection[int]) -> None:
    model.objects.filter(activity__in=coming, **{f"{field}__in": gone}).delete()
    model.objects.bulk_create(
        (model(activity=occurrence, **{field: pk}) for occurrence in coming for pk in sorted(added)),
        ignore_conflicts=True,
    )


def _add_missing_participants(coming: list[Activity], users: Collection[int]) -> None:
    """Add ``users`` to the occurrences without participants."""
    owned = set(Participation.objects.filter(activity__in=coming).values_list("activity", flat=True))
    _sync_people(
        Participation, "user_id", [occurrence for occurrence in coming if occurrence.pk not in owned], users, ()
    )


def _apply_rule(series: ActivitySeries, coming: list[Activity], rule: Rule) -> SeriesResult:
    """Move the first to the rule's first free day, remove the untouched others and make the rule's occurrences.

    Those that stay keep the day on which a rule has placed them, so that none is made beside one that was moved.
    """
    first, removed = coming[0], _remove_untouched(coming[1:])
    begin, at = _first_days(series, first, rule)
    if at != first.series_start:
        first.end = first.end and at + (first.end - first.start)
        first.start = first.series_start = at
        first.save(update_fields=["start", "end", "series_start", "updated_at"])
        _move_reminders([first])
    series.rule, series.start, series.made_until, series.ended_at = str(rule), begin, at + TICK, None
    made = make_more(series)
    return SeriesResult(changed=1, made=made, removed=removed, kept=len(coming) - 1 - removed)


def _first_days(series: ActivitySeries, first: Activity, rule: Rule) -> tuple[dt.datetime, dt.datetime]:
    """Return the beginning of the rule and its first time that is free for ``first``."""
    zone = ZoneInfo(series.time_zone)
    begin = first_match(rule, first.series_start or first.start, zone)
    taken = days_taken(series) - {_day_of(series, first)}
    times = occurrences(rule, begin, zone, after=begin, before=begin + 2 * AHEAD) if begin else iter(())
    at = next((time for time in times if time.astimezone(zone).date() not in taken), None)
    if begin is None or at is None:
        raise BusinessRuleError(
            "rule_without_days", _("The recurrence rule gives no free day within two years."), field="repeat"
        )
    return begin, at


def _remove_untouched(following: list[Activity]) -> int:
    """Delete the occurrences that are as the rule made them and have no work recorded; return how many."""
    touched = begun(following)
    common = most_common(tuple(getattr(occurrence, name) for name in SHARED) for occurrence in following)
    untouched = [
        occurrence.pk
        for occurrence in following
        if occurrence.pk not in touched
        and occurrence.start == occurrence.series_start
        and tuple(getattr(occurrence, name) for name in SHARED) == common
    ]
    Activity.objects.filter(pk__in=untouched).delete()
    return len(untouched)
