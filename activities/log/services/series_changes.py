"""Changing a series: this and following, or all. Only what is unfinished and to come is touched, done ones never."""

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
from activities.log.recurrence.expansion import AHEAD, first_match, occurrences
from activities.log.recurrence.rules import Rule, parse_rule
from activities.log.services.activities import save
from activities.log.services.contact_dates import contact_dates_refresh
from activities.log.services.series import SHARED, TICK, begun, days_taken, length, make_more, read_rule, usual
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock

#: What a change of a series may say: shared fields, ``at`` (time of day), ``minutes`` (how long), people.
CHANGEABLE = frozenset({*SHARED, "at", "minutes", "participants", "contacts"})


@dataclass(frozen=True)
class SeriesResult:
    """How many occurrences a change touched; ``kept`` have something of their own and stayed as they were."""

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
    """Change this occurrence and those that follow (``whole``: all that are to come) and, when given, the rule.

    A field changes where it is what most of them have: what was changed alone keeps its own. People are added and
    taken away by what differs from this occurrence. A new rule removes the coming ones that nobody has touched and
    makes others; what was left out or moved alone stays so on the days that both rules give.
    Raises :class:`BusinessRuleError`: ``series_none``, ``rule_invalid``, ``customer_passive``, ``goal_required``,
    ``participant_last``, ``rule_without_days``; :class:`StaleVersionError`.
    """
    series, row = _locked(activity)
    check_version(row, version)
    validators.check_customer(row.type, row.customer)
    parsed = read_rule(rule) if rule else parse_rule(series.rule)
    rows = _coming(series, row, whole=whole)
    if not rows:
        raise BusinessRuleError("series_over", _("Nothing of the series is to come any more."))
    kept = _write(series, row, rows, changes)
    _write_people(row, rows, changes)
    result = SeriesResult(changed=len(rows) - kept, kept=kept)
    if str(parsed) != series.rule:
        result = _lay_again(series, rows, parsed)
    contact_dates_refresh({one.customer_id for one in rows})
    return result


@transaction.atomic
def series_end(*, activity: Activity, user: User) -> SeriesResult:
    """Make this occurrence the last: those that follow and that nobody has touched are removed.

    Raises :class:`BusinessRuleError`: ``series_none``.
    """
    series, row = _locked(activity)
    following = [one for one in _coming(series, row) if one.pk != row.pk]
    removed = _remove(following)
    local = (row.series_start or row.start).astimezone(ZoneInfo(series.time_zone))
    series.rule = str(parse_rule(series.rule).ending(local.date()))
    series.ended_at = clock.now()
    series.save(update_fields=["rule", "ended_at"])
    contact_dates_refresh([row.customer_id])
    return SeriesResult(removed=removed, kept=len(following) - removed)


@transaction.atomic
def occurrence_skip(*, activity: Activity, user: User) -> Activity | None:
    """Take one occurrence out of its series, for good; its history stays. Return the next one to come, if any.

    The series remembers the day: no change of the rule brings it back.
    Raises :class:`BusinessRuleError`: ``series_none``, ``occurrence_gone`` when somebody else has just done it,
    ``occurrence_begun`` when something has been done on it.
    """
    series, row = _locked(activity)
    if begun([row]):
        message = _("Something has been written, attached or agreed on this occurrence: it cannot be left out.")
        raise BusinessRuleError("occurrence_begun", message)
    following = series.activities.filter(start__gt=row.start, status__in=UNFINISHED).order_by("start").first()
    customer_id = row.customer_id
    if day := _day_of(series, row):
        _note_left_out(series, [day])
    row.delete()
    contact_dates_refresh([customer_id])
    return following


@transaction.atomic
def days_leave_out(*, activity: Activity, user: User, days: Collection[dt.date]) -> int:
    """Leave the days out of the series, for good; return how many occurrences went: those that nobody has touched.

    Raises :class:`BusinessRuleError`: ``series_none``.
    """
    series, _row = _locked(activity)
    _note_left_out(series, days)
    coming = series.activities.filter(start__gt=clock.now(), status__in=UNFINISHED, series_start__isnull=False)
    rows = [
        row for row in coming.select_related("type").select_for_update(of=("self",)) if _day_of(series, row) in days
    ]
    removed = _remove(rows)
    contact_dates_refresh({row.customer_id for row in rows})
    return removed


def _note_left_out(series: ActivitySeries, days: Collection[dt.date]) -> None:
    series.left_out = sorted({*series.left_out, *days})
    series.save(update_fields=["left_out"])


def _day_of(series: ActivitySeries, row: Activity) -> dt.date | None:
    """Return the day on which the rule has put the occurrence, in the series' zone."""
    return row.series_start.astimezone(ZoneInfo(series.time_zone)).date() if row.series_start else None


def _locked(activity: Activity) -> tuple[ActivitySeries, Activity]:
    """Lock the series before its occurrences: two who change it wait for each other."""
    series = ActivitySeries.objects.select_for_update(of=("self",)).filter(activities=activity.pk).first()
    if series is None:
        raise BusinessRuleError("series_none", _("This activity does not recur."))
    try:
        return series, lock(activity)
    except Activity.DoesNotExist as error:  # gone while we waited for the series
        raise BusinessRuleError("occurrence_gone", _("This occurrence has just been left out.")) from error


def _coming(series: ActivitySeries, row: Activity, *, whole: bool = False) -> list[Activity]:
    """Return the unfinished occurrences to come, in order; ``row`` too when it is unfinished."""
    since = models.Q() if whole else models.Q(start__gte=row.start)
    coming = models.Q(start__gt=clock.now()) & since | models.Q(pk=row.pk)
    rows = series.activities.filter(coming, status__in=UNFINISHED).select_related("type", "customer")
    return list(rows.order_by("start", "pk").select_for_update(of=("self",)))


def _write(series: ActivitySeries, row: Activity, rows: list[Activity], changes: Mapping[str, Any]) -> int:
    """Write the plain fields and times; return how many occurrences kept something of their own."""
    own: set[int] = set()
    for name in [name for name in SHARED if name in changes and changes[name] != getattr(row, name)]:
        common = usual(getattr(one, name) for one in rows)
        for one in rows:
            if getattr(one, name) == common or one.pk == row.pk:
                setattr(one, name, changes[name])
            else:
                own.add(one.pk)
    own |= _move(series, row, rows, changes)
    _save_all(rows)
    return len(own)


def _move(series: ActivitySeries, row: Activity, rows: list[Activity], changes: Mapping[str, Any]) -> set[int]:
    """Set the time of day and the length; return those that stay where somebody has moved them."""
    zone = ZoneInfo(series.time_zone)
    own: set[int] = set()
    minutes, common = changes.get("minutes"), usual(length(one) for one in rows)
    for one in rows:
        long = length(one)
        if "minutes" in changes and (long == common or one.pk == row.pk):
            long = dt.timedelta(minutes=minutes) if minutes else None
        if changes.get("at") and _at(one.start, zone, changes["at"]) != one.start:
            is_moved = one.series_start is not None and one.start != one.series_start
            own |= {one.pk} if is_moved and one.pk != row.pk else set()
            one.start = one.start if one.pk in own else _at(one.start, zone, changes["at"])
            one.series_start = one.series_start and _at(one.series_start, zone, changes["at"])
        one.end = one.start + long if long else None
    if changes.get("at"):
        series.start = _at(series.start, zone, changes["at"])
        series.save(update_fields=["start"])
    return own


def _at(time: dt.datetime, zone: ZoneInfo, at: dt.time) -> dt.datetime:
    """Return the time of day on the same day of the zone; one that does not exist moves on."""
    local = dt.datetime.combine(time.astimezone(zone).date(), at.replace(tzinfo=None))
    return local.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


def _save_all(rows: list[Activity]) -> None:
    """Check the first as any activity is checked, and write all at once."""
    for one in rows:
        one.version += 1
    first = rows[0]
    validators.check_content(first)
    save(first)
    Activity.objects.bulk_update(rows[1:], [*SHARED, "start", "end", "series_start", "version"], batch_size=200)
    _move_reminders(rows)


def _move_reminders(rows: list[Activity]) -> None:
    starts = {row.pk: row.start for row in rows}
    reminders = list(Reminder.objects.filter(activity__in=starts, sent_at__isnull=True))
    for reminder in reminders:
        reminder.due_at = starts[reminder.activity_id] - dt.timedelta(minutes=reminder.minutes_before)
    Reminder.objects.bulk_update(reminders, ["due_at"], batch_size=500)


def _write_people(row: Activity, rows: list[Activity], changes: Mapping[str, Any]) -> None:
    """Add and take away whom the change adds to or takes away from this occurrence; others' own people stay."""
    if "participants" in changes:
        users = {person.pk for person in changes["participants"]}
        if not users:
            raise BusinessRuleError("participant_last", _("Somebody must take part."), field="participants")
        old = set(row.participations.values_list("user", flat=True))
        validators.check_participants(one for one in changes["participants"] if one.pk not in old)
        _shift(Participation, "user_id", rows, users - old, old - users)
        _give_back_owner(rows, users)
    if "contacts" in changes:
        contacts = {contact.pk for contact in changes["contacts"]}
        old = set(row.activity_contacts.values_list("contact", flat=True))
        _shift(ActivityContact, "contact_id", rows, contacts - old, old - contacts)


def _shift(model: Any, field: str, rows: list[Activity], added: Collection[int], gone: Collection[int]) -> None:
    model.objects.filter(activity__in=rows, **{f"{field}__in": gone}).delete()
    model.objects.bulk_create(
        (model(activity=row, **{field: pk}) for row in rows for pk in sorted(added)), ignore_conflicts=True
    )


def _give_back_owner(rows: list[Activity], users: Collection[int]) -> None:
    """An occurrence that would have nobody gets those that the change names."""
    owned = set(Participation.objects.filter(activity__in=rows).values_list("activity", flat=True))
    _shift(Participation, "user_id", [row for row in rows if row.pk not in owned], users, ())


def _lay_again(series: ActivitySeries, rows: list[Activity], rule: Rule) -> SeriesResult:
    """Put the first on the rule's first free day, remove the untouched rest and make what the rule gives from there.

    Those that stay keep the day on which a rule has put them: none is made beside one that was moved.
    """
    first, removed = rows[0], _remove(rows[1:])
    begin, at = _first_days(series, first, rule)
    if at != first.series_start:
        first.end = first.end and at + (first.end - first.start)
        first.start = first.series_start = at
        first.save(update_fields=["start", "end", "series_start", "updated_at"])
        _move_reminders([first])
    series.rule, series.start, series.made_until, series.ended_at = str(rule), begin, at + TICK, None
    made = make_more(series)
    return SeriesResult(changed=1, made=made, removed=removed, kept=len(rows) - 1 - removed)


def _first_days(series: ActivitySeries, first: Activity, rule: Rule) -> tuple[dt.datetime, dt.datetime]:
    """Return where the rule begins to be counted and its first time that is free for ``first``."""
    zone = ZoneInfo(series.time_zone)
    begin = first_match(rule, first.series_start or first.start, zone)
    taken = days_taken(series) - {_day_of(series, first)}
    times = occurrences(rule, begin, zone, after=begin, before=begin + 2 * AHEAD) if begin else iter(())
    at = next((time for time in times if time.astimezone(zone).date() not in taken), None)
    if begin is None or at is None:
        raise BusinessRuleError("rule_without_days", _("The rule gives no free day within two years."), field="repeat")
    return begin, at


def _remove(rows: list[Activity]) -> int:
    """Delete those on which nothing has been done and that are where the rule put them; return how many."""
    touched = begun(rows)
    common = usual(tuple(getattr(one, name) for name in SHARED) for one in rows)
    gone = [
        one.pk
        for one in rows
        if one.pk not in touched
        and one.start == one.series_start
        and tuple(getattr(one, name) for name in SHARED) == common
    ]
    Activity.objects.filter(pk__in=gone).delete()
    return len(gone)
