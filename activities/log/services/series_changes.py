"""Changing a series: only unfinished coming occurrences change, done ones never."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, ActivityContact, ActivitySeries, Participation, Reminder
from activities.log.recurrence.rules import AHEAD, Rule, first_match, occurrences, parse_rule
from activities.log.services.activities import save
from activities.log.services.effects import contact_dates_refresh
from activities.log.services.series import TICK, days_taken, make_more, read_rule
from activities.log.services.series_content import (
    SHARED,
    Content,
    begun,
    content_remember,
    contents_change,
    contents_fill,
    edited,
    given,
    given_start,
    length,
    newest,
    shifted,
)
from core import clock
from core.exceptions import BusinessRuleError, GoneError
from core.services import check_version, lock

#: Changes of a series: shared fields, ``at`` (time of day), ``days`` (later by), ``minutes`` (duration), people.
CHANGEABLE = frozenset({*SHARED, "at", "days", "minutes", "participants", "contacts"})


@dataclass(frozen=True)
class SeriesResult:
    """The numbers of occurrences that a change affected; ``kept`` have separate changes and were left as they are."""

    changed: int = 0
    made: int = 0
    removed: int = 0
    kept: int = 0


@dataclass(frozen=True)
class _Difference:
    """The ids of people after a change of an occurrence, and before it."""

    after: set[int]
    before: set[int]

    @property
    def added(self) -> set[int]:
        return self.after - self.before

    @property
    def gone(self) -> set[int]:
        return self.before - self.after


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

    A field changes in this occurrence and where it has the value that the series gave; occurrences that were changed
    separately keep theirs. People are added and removed by the difference from this occurrence. A new rule removes the
    untouched coming occurrences and makes others; edited ones stay as they are, but this one takes the rule's first
    day. Days that were left out or moved separately stay so where both rules give them.
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
    people = _write_people(selected, coming, changes)
    contents_change(series, coming, lambda content: _changed_content(content, changes, people))
    series.save(update_fields=["contents", "start"])
    _save_all(coming)
    result = SeriesResult(changed=len(coming) - kept, kept=kept)
    if str(parsed) != series.rule:
        result = _apply_rule(series, selected, coming, parsed)
    contact_dates_refresh({occurrence.customer_id for occurrence in coming})
    return result


@transaction.atomic
def series_end(*, activity: Activity, user: User) -> SeriesResult:
    """Make this occurrence the last; remove the untouched ones that follow.

    Raises :class:`BusinessRuleError`: ``series_none``.
    """
    series, selected = _lock_series(activity)
    following = [occurrence for occurrence in _coming_occurrences(series, selected) if occurrence.pk != selected.pk]
    removed = _remove_untouched(series, following)
    local = (selected.series_start or selected.start).astimezone(series.zone)
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
    removed = _remove_untouched(series, on_days)
    contact_dates_refresh({occurrence.customer_id for occurrence in on_days})
    return removed


def _leave_out_days(series: ActivitySeries, days: Collection[dt.date]) -> None:
    series.left_out = sorted({*series.left_out, *days})
    series.save(update_fields=["left_out"])


def _day_of(series: ActivitySeries, occurrence: Activity) -> dt.date | None:
    """Return the day on which the rule has placed the occurrence, in the series' zone."""
    start = occurrence.series_start
    return start.astimezone(series.zone).date() if start else None


def _lock_series(activity: Activity) -> tuple[ActivitySeries, Activity]:
    """Lock the series before its occurrence, so that parallel changes wait; return both."""
    series = ActivitySeries.objects.select_for_update(of=("self",)).filter(activities=activity.pk).first()
    if series is None:
        raise BusinessRuleError("series_none", _("This activity does not recur."))
    if not series.contents:
        contents_fill(series)
    try:
        return series, lock(activity)
    except GoneError as error:  # removed while waiting for the series
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
    """Set the plain fields and times; return how many occurrences kept separate values."""
    own: set[int] = set()
    for name in [name for name in SHARED if name in changes]:
        for occurrence in coming:
            origin = given(series, occurrence)
            if occurrence.pk == selected.pk or (origin and getattr(occurrence, name) == origin[name]):
                setattr(occurrence, name, changes[name])
            elif getattr(occurrence, name) != changes[name]:
                own.add(occurrence.pk)
    return len(own | _move_times(series, selected, coming, changes))


def _move_times(
    series: ActivitySeries, selected: Activity, coming: list[Activity], changes: Mapping[str, Any]
) -> set[int]:
    """Set the time of day and the duration; return the ids of separately moved occurrences, which stay."""
    own: set[int] = set()
    for occurrence in coming:
        origin, lasts = given(series, occurrence), _duration(occurrence)
        if "minutes" in changes and (occurrence.pk == selected.pk or (origin and lasts == length(origin))):
            lasts = _length_of(changes["minutes"])
        if changes.get("at"):
            if occurrence.start == given_start(series, occurrence) or occurrence.pk == selected.pk:
                occurrence.start = _at_time(occurrence.start, series.zone, changes["at"])
            elif _at_time(occurrence.start, series.zone, changes["at"]) != occurrence.start:
                own.add(occurrence.pk)
            occurrence.series_start = occurrence.series_start and _at_time(
                occurrence.series_start, series.zone, changes["at"]
            )
        if changes.get("days"):
            if occurrence.start == given_start(series, occurrence) or occurrence.pk == selected.pk:
                occurrence.start = shifted(occurrence.start, changes["days"], series.zone)
            else:
                own.add(occurrence.pk)
        occurrence.end = occurrence.start + lasts if lasts else None
    if changes.get("at"):
        series.start = _at_time(series.start, series.zone, changes["at"])
    return own


def _duration(activity: Activity) -> dt.timedelta | None:
    return activity.end - activity.start if activity.end else None


def _length_of(minutes: int | None) -> dt.timedelta | None:
    return dt.timedelta(minutes=minutes) if minutes else None


def _changed_content(content: Content, changes: Mapping[str, Any], people: Mapping[str, _Difference]) -> Content:
    """Return what the series gives after the changes instead of ``content``."""
    changed = {**content, **{name: changes[name] for name in SHARED if name in changes}}
    if "minutes" in changes:
        changed["seconds"] = changes["minutes"] * 60 if changes["minutes"] else None
    if "days" in changes:
        changed["days"] = content.get("days", 0) + changes["days"]
    for name, difference in people.items():
        changed[name] = sorted(({*content[name]} | difference.added) - difference.gone) or sorted(difference.after)
    return changed


def _at_time(time: dt.datetime, zone: dt.tzinfo, at: dt.time) -> dt.datetime:
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
    fields = [*SHARED, "start", "end", "series_start", "series_content", "version"]
    Activity.objects.bulk_update(coming[1:], fields, batch_size=200)
    _move_reminders(coming)


def _move_reminders(activities: list[Activity]) -> None:
    starts = {activity.pk: activity.start for activity in activities}
    reminders = list(Reminder.objects.filter(activity__in=starts, sent_at__isnull=True))
    for reminder in reminders:
        reminder.due_at = starts[reminder.activity_id] - dt.timedelta(minutes=reminder.minutes_before)
    Reminder.objects.bulk_update(reminders, ["due_at"], batch_size=500)


def _write_people(selected: Activity, coming: list[Activity], changes: Mapping[str, Any]) -> dict[str, _Difference]:
    """Add and remove the people by which ``changes`` differ from the selected occurrence; others stay."""
    people: dict[str, _Difference] = {}
    if "participants" in changes:
        users = {person.pk for person in changes["participants"]}
        if not users:
            raise BusinessRuleError(
                "participant_last", _("At least one participant is required."), field="participants"
            )
        old = set(selected.participations.values_list("user", flat=True))
        validators.check_participants(person for person in changes["participants"] if person.pk not in old)
        people["participants"] = _Difference(users, old)
        _sync_people(Participation, "user_id", coming, users - old, old - users)
        _add_missing_participants(coming, users)
    if "contacts" in changes:
        contacts = {contact.pk for contact in changes["contacts"]}
        old = set(selected.activity_contacts.values_list("contact", flat=True))
        people["contacts"] = _Difference(contacts, old)
        _sync_people(ActivityContact, "contact_id", coming, contacts - old, old - contacts)
    return people


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


def _apply_rule(series: ActivitySeries, selected: Activity, coming: list[Activity], rule: Rule) -> SeriesResult:
    """Move the first to the rule's first free day, remove the untouched others and make the rule's occurrences.

    Edited ones stay where they are, except the selected one. Those that stay keep the day on which a rule has placed
    them, so that none is made beside one that was moved.
    """
    first, others = coming[0], coming[1:]
    own = edited(series, coming)
    is_moving = first.pk == selected.pk or first.pk not in own
    gone = [row.pk for row in others if row.pk not in own]
    Activity.objects.filter(pk__in=gone).delete()
    begin, at = _first_days(series, first, rule, is_moving=is_moving)
    if is_moving:
        _place(series, first, at)
    content_remember(series, {**newest(series), "days": 0})
    series.rule, series.start, series.ended_at = str(rule), begin, None
    series.made_until = at + TICK if is_moving else begin
    made = make_more(series)
    return SeriesResult(changed=int(is_moving), made=made, removed=len(gone), kept=len(coming) - len(gone) - is_moving)


def _place(series: ActivitySeries, first: Activity, at: dt.datetime) -> None:
    """Give the occurrence the time of the rule; one that was moved separately stays where it is."""
    origin, start = given(series, first), given_start(series, first)
    if at == first.series_start == start:
        return
    if first.start == start or start is None:
        first.end = first.end and at + (first.end - first.start)
        first.start = at
    first.series_start = at
    if origin and origin.get("days"):
        first.series_content = content_remember(series, {**origin, "days": 0})
    first.save(update_fields=["start", "end", "series_start", "series_content", "updated_at"])
    _move_reminders([first])


def _first_days(
    series: ActivitySeries, first: Activity, rule: Rule, *, is_moving: bool
) -> tuple[dt.datetime, dt.datetime]:
    """Return the beginning of the rule and its first free time, for ``first`` where it moves there."""
    zone = series.zone
    begin = first_match(rule, first.series_start or first.start, zone)
    taken = days_taken(series) - ({_day_of(series, first)} if is_moving else set())
    times = occurrences(rule, begin, zone, after=begin, before=begin + 2 * AHEAD) if begin else iter(())
    at = next((time for time in times if time.astimezone(zone).date() not in taken), None)
    if begin is None or at is None:
        raise BusinessRuleError(
            "rule_without_days", _("The recurrence rule gives no free day within two years."), field="repeat"
        )
    return begin, at


def _remove_untouched(series: ActivitySeries, following: list[Activity]) -> int:
    """Delete the occurrences that are as the series made them and have no work recorded; return how many."""
    own = edited(series, following)
    untouched = [occurrence.pk for occurrence in following if occurrence.pk not in own]
    Activity.objects.filter(pk__in=untouched).delete()
    return len(untouched)
