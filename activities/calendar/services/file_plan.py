"""What becomes of each event of a calendar file: new, changed, already here, cancelled or refused, and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from accounts.models import User
from activities.calendar.ical.read import Budget, ReadEvent, read_calendar
from activities.calendar.services.file_people import People
from activities.calendar.services.file_present import Present, is_older
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries, ActivityType
from activities.log.recurrence.rules import AHEAD, Rule, occurrences, parse_rule
from activities.log.services.activities import is_own_uid
from activities.log.services.series import repeats
from activities.log.services.series_content import edited, newest, traced
from core import clock
from core.permissions import allowed
from customers.models import Contact, Customer

NEW, CHANGED, SAME, CANCELLED, REFUSED = "new", "changed", "same", "cancelled", "refused"
#: What an import writes.
WRITTEN = (NEW, CHANGED, CANCELLED)


@dataclass
class Plan:
    """The planned result of an event. ``result`` is new, changed, same, cancelled or refused, ``reason`` says why."""

    event: ReadEvent
    result: str = NEW
    reason: str = ""
    activity: Activity | None = None
    type: ActivityType | None = None
    customer: Customer | None = None
    contacts: list[Contact] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    is_unknown: bool = False  # cancelled, and not here

    @property
    def told(self) -> str:
        """The reason and the deviations, for people."""
        return "; ".join(text for text in (self.reason, *self.event.notes) if text)


@dataclass(frozen=True)
class Types:
    """The types for events with a customer and without one."""

    with_customer: ActivityType
    without: ActivityType


def import_plan(*, user: User, text: str, types: Types, budget: Budget | None = None) -> list[Plan]:
    """Return the plan of each event of an .ics file, in order of time; costs a constant number of queries.

    Raises :class:`activities.calendar.ical.text.CalendarError`, also when the file takes longer than ``budget``.
    """
    budget = budget or Budget()
    events = read_calendar(text, ZoneInfo(user.time_zone), budget)
    planner = _Planner(user, types, events, budget)
    plans = [planner.plan(event) for event in events]
    _refuse_older(plans)
    _join_series(plans, planner.present)
    return sorted(plans, key=lambda plan: (plan.event.start is None, plan.event.start or clock.now()))


def key_of(plan: Plan) -> str:
    """Return the key of an event in its file: its UID and, for one occurrence, its original time."""
    return f"{plan.event.uid}|{plan.event.recurrence.isoformat() if plan.event.recurrence else ''}"


def size_of(plan: Plan) -> int:
    """Return how many activities the import of the event writes at most."""
    event = plan.event
    if not event.rule or event.start is None or plan.result not in WRITTEN:
        return 1
    now = clock.now()
    times = occurrences(
        parse_rule(event.rule), event.start, event.zone, after=max(now, event.start), before=now + AHEAD
    )
    return max(1, sum(1 for _time in times))


class _Planner:
    """Plans the events of one file."""

    def __init__(self, user: User, types: Types, events: list[ReadEvent], budget: Budget) -> None:
        self.user, self.types, self.budget = user, types, budget
        self.people, self.present = People(user, events), Present(user, events)

    def plan(self, event: ReadEvent) -> Plan:
        self.budget.check()
        plan = Plan(event)
        if event.problem or (event.start is None and not event.is_cancelled):
            return _refuse(plan, event.problem or _("The event has no readable time."))
        if is_own_uid(event.uid):
            plan.result, plan.reason = SAME, _("comes from Portaali")
            return plan
        plan.activity = self.present.of(event)
        version = self.present.version(event)
        if version and is_older(event, version):
            plan.result, plan.reason = SAME, _("a newer version of this event has been imported")
            return plan
        if event.is_cancelled:
            return self._cancelled(plan)
        if version and version.is_cancelled and (event.sequence, event.stamp) == (version.sequence, version.stamp):
            return _refuse(plan, _("The event has been cancelled."))
        plan.customer, plan.contacts, plan.users = self.people.of(event.emails)
        plan.type = self.types.with_customer if plan.customer else self.types.without
        return self._known(plan, plan.activity) if plan.activity else self._new(plan)

    def _new(self, plan: Plan) -> Plan:
        event, series = plan.event, self.present.series(plan.event.uid)
        if event.rule and next_time(event) is None:
            return _refuse(plan, _("The recurrence has ended."))
        if event.is_beside_rule and event.start and event.start <= clock.now():
            plan.result, plan.reason = SAME, _("a past occurrence of a series is not added")
        elif event.recurrence and not event.is_extra and series and event.original_day(series.zone) in series.left_out:
            plan.result, plan.reason = SAME, _("this day has been left out of the series")
        return plan

    def _known(self, plan: Plan, activity: Activity) -> Plan:
        if activity.pk not in self.present.visible:
            return _refuse(plan, _("It already exists, but you may not see it."))
        plan.customer, plan.type = activity.customer, activity.type
        plan.result = CHANGED if differs(plan.event, activity, self.user) else SAME
        if plan.result == CHANGED and _would_be_done_before_it_begins(plan.event, activity):
            return _refuse(plan, _("It is done: it cannot move to a time to come. Reopen it first."))
        return plan

    def _cancelled(self, plan: Plan) -> Plan:
        """Plan a cancellation; what is here and untouched is removed, the rest stays and the plan says so."""
        event, activity = plan.event, plan.activity
        series = self.present.series(event.uid)
        if activity is None and (series is None or event.recurrence is None or event.is_extra):
            plan.is_unknown = True
            return _refuse(plan, _("The event has been cancelled."))
        known = activity or self.present.master(event.uid)
        if known is None or known.pk not in self.present.visible:
            return _refuse(plan, _("It already exists, but you may not see it."))
        if not allowed(self.user, "activities.edit_activity", known):
            return _refuse(plan, _("It has been cancelled, but you may not change it."))
        day = event.original_day(series.zone) if series else None
        if activity is None and series and day in series.left_out:
            plan.result, plan.reason = SAME, _("this day has been left out of the series")
            return plan
        plan.customer, plan.type, plan.result = known.customer, known.type, CANCELLED
        version = self.present.version(event)
        is_one = activity is not None and (event.recurrence is not None or series is None) and not event.is_following
        if is_one and activity and not is_untouched(activity, version.version if version else None):
            return _refuse(plan, _("It has been cancelled, but something has been changed or written here: it stays."))
        plan.reason = _("It has been cancelled: untouched activities are removed.")
        return plan


def _would_be_done_before_it_begins(event: ReadEvent, activity: Activity) -> bool:
    """Return whether the event moves an activity that is done to a time to come."""
    is_done = activity.status == ActivityStatus.DONE and not activity.type.own_details.has_own_status
    return is_done and not event.rule and event.start is not None and event.start > clock.now()


def is_untouched(activity: Activity, version: int | None) -> bool:
    """Return whether an imported activity is as a file, or its series, made it."""
    if is_as_imported(activity, version):
        return True
    return activity.series is not None and activity.pk not in edited(activity.series, [activity])


def is_as_imported(activity: Activity, version: int | None) -> bool:
    """Return whether nothing has been written or added here since a file was written into the activity."""
    written = version if activity.series else version or 1
    is_open = activity.status == ActivityStatus.OPEN and activity.hours is None
    return activity.version == written and is_open and not traced([activity])


def _refuse(plan: Plan, reason: str) -> Plan:
    plan.result, plan.reason = REFUSED, reason
    return plan


def _refuse_older(plans: list[Plan]) -> None:
    """Refuse all but the newest of the versions of an event that are in the file."""
    best: dict[str, Plan] = {}
    for plan in [plan for plan in plans if plan.result != REFUSED or plan.event.is_cancelled]:
        if not plan.event.uid or plan.event.problem:
            continue
        other = best.get(key_of(plan))
        if other is None:
            best[key_of(plan)] = plan
            continue
        older, newer = (plan, other) if plan.event.version <= other.event.version else (other, plan)
        is_same = older.event.version == newer.event.version
        reason = _("The same event is in the file twice.") if is_same else _("A newer version is in the file.")
        _refuse(older, reason).is_unknown = False
        best[key_of(plan)] = newer


def _join_series(plans: list[Plan], present: Present) -> None:
    """Take into the series of the file what is beside them: days that were cancelled, from one day on or alone."""
    masters = {plan.event.uid: plan for plan in plans if plan.result != REFUSED and plan.event.rule}
    for plan in plans:
        event, master = plan.event, masters.get(plan.event.uid)
        if event.recurrence is None or master is None or event.problem:
            continue
        day = event.original_day(master.event.zone)
        is_refused = (
            plan.result == REFUSED and plan.activity is None and plan.reason == _("The event has been cancelled.")
        )
        if not event.is_cancelled or not day or not (is_refused or plan.result == CANCELLED):
            continue
        if master.result == NEW or (master.activity and master.activity.series is None):
            plan.result, plan.reason = CANCELLED, _("It has been cancelled: the series is made without it.")
            plan.activity = None
            if event.is_following:
                master.event.rule = str(cut_rule(master.event, event.recurrence))
            else:
                master.event.without.append(day)
    for uid, master in masters.items():
        if master.result == NEW:
            master.event.without += [time.astimezone(master.event.zone).date() for time in present.apart(uid)]
            if next_time(master.event) is None:
                _refuse(master, _("The recurrence has ended."))


def cut_rule(event: ReadEvent, since: dt.datetime) -> Rule:
    """Return the rule of the event as it is before ``since``; unchanged where it ends before that."""
    rule = parse_rule(event.rule)
    if event.start is None or not any(
        occurrences(rule, event.start, event.zone, after=since, before=since + 4 * AHEAD)
    ):
        return rule
    return rule.ending((since.astimezone(event.zone) - dt.timedelta(days=1)).date())


def next_time(event: ReadEvent) -> dt.datetime | None:
    """Return the next time of a recurring event; None if it has ended."""
    if event.start is None:
        return None
    now, left_out = clock.now(), {*event.without}
    rule, since = parse_rule(event.rule), max(clock.now(), event.start)
    times = occurrences(rule, event.start, event.zone, after=since, before=now + 2 * AHEAD)
    return next((time for time in times if time.astimezone(event.zone).date() not in left_out), None)


def recurs(event: ReadEvent) -> bool:
    """Return whether the event's rule gives more than its start."""
    return bool(event.rule and event.start and repeats(parse_rule(event.rule), event.start, event.zone))


def changes_of(event: ReadEvent) -> dict[str, Any]:
    return {"title": event.title, "place": event.place, "start": event.start, "end": event.end}


def differs(event: ReadEvent, activity: Activity, user: User) -> bool:
    """Return whether the import would change the activity."""
    if not any(participation.user_id == user.pk for participation in activity.participations.all()):
        return True
    if not allowed(user, "activities.edit_activity", activity):
        return False
    if event.rule and activity.series:
        return bool(
            series_changes(event, activity, activity.series)
            or new_rule(event, activity.series)
            or newly_left_out(event, activity.series)
        )
    if event.rule and recurs(event):
        return next_time(event) is not None
    return any(getattr(activity, name) != value for name, value in changes_of(event).items())


def series_changes(event: ReadEvent, activity: Activity, series: ActivitySeries) -> dict[str, Any]:
    """Return the changes of a series: common fields of its occurrences, time of day, length."""
    start: Any = event.start
    at, minutes = start.astimezone(series.zone).time(), _minutes(start, event.end)
    shared: dict[str, Any] = {"title": event.title, "place": event.place}
    present = newest(series) if series.contents else {name: getattr(activity, name) for name in shared}
    length = present.get("seconds", _seconds(activity))
    changes = {name: value for name, value in shared.items() if value != present[name]}
    changes |= {"at": at} if at != series.start.astimezone(series.zone).time() else {}
    return changes | ({"minutes": minutes} if minutes != (None if length is None else length // 60) else {})


def _seconds(activity: Activity) -> int | None:
    return int((activity.end - activity.start).total_seconds()) if activity.end else None


def new_rule(event: ReadEvent, series: ActivitySeries) -> str:
    """Return the rule of the event where the series has another one, with the day that its start implies."""
    start: Any = event.start
    if (
        event.rule == series.rule
        and start.astimezone(series.zone).date() == series.start.astimezone(series.zone).date()
    ):
        return ""
    wanted = explicit(parse_rule(event.rule), start.astimezone(series.zone).date())
    present = explicit(parse_rule(series.rule), series.start.astimezone(series.zone).date())
    if wanted == present:
        return ""
    return event.rule if str(wanted.endless) == str(present.endless) else str(wanted)


def explicit(rule: Rule, start: dt.date) -> Rule:
    """Return the rule with the weekday, day of the month or month that it takes from its start."""
    if rule.byday or rule.bymonthday:
        return rule
    if rule.freq == "WEEKLY":
        return replace(rule, byday=((0, start.weekday()),))
    if rule.freq == "MONTHLY":
        return replace(rule, bymonthday=(start.day,))
    if rule.freq == "YEARLY":
        return replace(rule, bymonthday=(start.day,), bymonth=rule.bymonth or (start.month,))
    return rule


def newly_left_out(event: ReadEvent, series: ActivitySeries) -> set[dt.date]:
    """Return the days that the file leaves out in addition to those left out here."""
    return {*event.without} - {*series.left_out}


def _minutes(start: dt.datetime, end: dt.datetime | None) -> int | None:
    return (end - start) // dt.timedelta(minutes=1) if end else None
