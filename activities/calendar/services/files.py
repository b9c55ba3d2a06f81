"""Importing .ics files: what each event would become, and making it so, each by itself and once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.calendar.ical.read import ReadEvent, read_calendar
from activities.log.models import Activity, ActivitySeries, ActivityType
from activities.log.recurrence.expansion import AHEAD, occurrences
from activities.log.recurrence.rules import parse_rule
from activities.log.services.activities import activity_change, activity_log, is_own_uid, participant_add
from activities.log.services.series import series_make
from activities.log.services.series_changes import days_leave_out, series_change
from activities.mail.rules import own_users
from activities.mail.selectors.filing import contacts_of
from activities.mail.selectors.inbox import PUBLIC, customers_of_domains
from core import clock
from core.exceptions import BusinessRuleError
from core.permissions import allowed
from core.richtext import from_text
from customers.models import Contact, Customer, Position

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclass
class Plan:
    """What an event would become. ``fate`` is new, changed, same or refused, ``reason`` says why."""

    event: ReadEvent
    fate: str = NEW
    reason: str = ""
    activity: Activity | None = None
    type: ActivityType | None = None
    customer: Customer | None = None
    contacts: list[Contact] = field(default_factory=list)
    users: list[User] = field(default_factory=list)


@dataclass(frozen=True)
class Types:
    """The types for events with a customer and without one."""

    with_customer: ActivityType
    without: ActivityType


def import_plan(*, user: User, text: str, types: Types) -> list[Plan]:
    """Return what would become of each event of an .ics file, in order of time; a constant number of queries.

    Raises :class:`activities.calendar.ical.read.CalendarError`.
    """
    events = read_calendar(text, ZoneInfo(user.time_zone))
    people, known = _People(user, events), _Known(user, events)
    plans = [_plan(event, user, types, people, known) for event in events]
    _refuse_twice(plans)
    return sorted(plans, key=lambda plan: (plan.event.start is None, plan.event.start or clock.now()))


def import_run(
    *,
    user: User,
    text: str,
    types: Types,
    chosen: Collection[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Counter[str]:
    """Import the chosen events (by key; None: all), each in a transaction of its own; return how many of each fate.

    Rules and their exceptions are met by the activity, so a second run changes nothing.
    """
    plans = [
        plan for plan in import_plan(user=user, text=text, types=types) if chosen is None or key_of(plan) in chosen
    ]
    plans.sort(key=lambda plan: plan.event.recurrence is not None)  # series before what differs in them
    fates: Counter[str] = Counter()
    for number, plan in enumerate(plans, 1):
        fates[_import(plan, user)] += 1
        progress(number, len(plans))
    return fates


def key_of(plan: Plan) -> str:
    """Return what names an event of a file: its UID and, of one occurrence, when the rule put it."""
    return f"{plan.event.uid}|{plan.event.recurrence.isoformat() if plan.event.recurrence else ''}"


def _import(plan: Plan, user: User) -> str:
    if plan.fate in (REFUSED, SAME):
        return plan.fate
    try:
        with transaction.atomic():
            _make(plan, user) if plan.activity is None else _update(plan, plan.activity, user)
    except BusinessRuleError:
        return REFUSED
    return plan.fate


class _People:
    """Who the addresses of a file are: contacts with their customers, colleagues, domains of customers."""

    def __init__(self, user: User, events: Iterable[ReadEvent]) -> None:
        addresses = {email for event in events for email in event.emails}
        found = contacts_of(addresses)
        seen = Contact.objects.visible_to(user).in_bulk({one.pk for row in found.values() for one in row})
        self.contacts = {email: [one for one in row if one.pk in seen] for email, row in found.items()}
        self.users = own_users(addresses)
        domains = {email.rpartition("@")[2] for email in addresses - self.users.keys()} - {*PUBLIC}
        domains -= {own.rpartition("@")[2] for own in self.users}
        by_domain = customers_of_domains(sorted(domains))
        positions = Position.objects.current().filter(contact__in=seen).values_list("contact", "customer")
        self.employers: dict[int, list[int]] = {}
        for contact, customer in positions:
            self.employers.setdefault(contact, []).append(customer)
        wanted = {pk for ids in (*by_domain.values(), *self.employers.values()) for pk in ids}
        self.customers = Customer.objects.visible_to(user).active().in_bulk(wanted)
        self.by_domain = by_domain

    def fill(self, plan: Plan) -> None:
        """The customer for whom most of the contacts work, else the one whose domain the addresses have."""
        emails = plan.event.emails
        people = [one for email in emails for one in self.contacts.get(email, ())]
        employers = Counter(pk for one in people for pk in self.employers.get(one.pk, ()) if pk in self.customers)
        domains = [pk for email in emails for pk in self.by_domain.get(email.rpartition("@")[2], ())]
        guesses = [pk for pk, _n in employers.most_common()] + [pk for pk in domains if pk in self.customers]
        plan.customer = self.customers[guesses[0]] if guesses else None
        plan.contacts = [one for one in people if plan.customer and plan.customer.pk in self.employers.get(one.pk, ())]
        plan.users = [self.users[email] for email in emails if email in self.users]


class _Known:
    """The activities that a file's events are already."""

    def __init__(self, user: User, events: Iterable[ReadEvent]) -> None:
        uids = {event.uid for event in events if event.uid}
        rows = Activity.objects.filter(ical_uid__in=uids).select_related("type", "customer", "series")
        self.by_key: dict[tuple[str, Any], Activity] = {}
        found = rows.prefetch_related("participations").order_by("start", "pk")
        for row in sorted(found, key=lambda row: row.start != (row.series_start or row.start)):  # the moved ones last
            self.by_key.setdefault((row.ical_uid, None), row)
            self.by_key.setdefault((row.ical_uid, row.series_start), row)
        self.visible = set(Activity.objects.visible_to(user).filter(ical_uid__in=uids).values_list("pk", flat=True))

    def of(self, event: ReadEvent) -> Activity | None:
        return self.by_key.get((event.uid, event.recurrence))


def _plan(event: ReadEvent, user: User, types: Types, people: _People, known: _Known) -> Plan:
    plan = Plan(event)
    if event.problem or event.start is None:
        return _refused(plan, event.problem)
    if is_own_uid(event.uid):
        plan.fate, plan.reason = SAME, _("comes from Portaali")
        return plan
    people.fill(plan)
    plan.type = types.with_customer if plan.customer else types.without
    plan.activity = known.of(event)
    if plan.activity is None:
        return _new(plan, ZoneInfo(user.time_zone))
    if plan.activity.pk not in known.visible:
        return _refused(plan, _("It already exists, but you may not see it."))
    plan.customer, plan.type = plan.activity.customer, plan.activity.type
    plan.fate = CHANGED if _differs(plan, plan.activity, user) else SAME
    return plan


def _refused(plan: Plan, reason: str) -> Plan:
    plan.fate, plan.reason = REFUSED, reason
    return plan


def _new(plan: Plan, zone: ZoneInfo) -> Plan:
    if plan.event.rule and _first(plan.event, zone) is None:
        return _refused(plan, _("The recurrence has ended."))
    return plan


def _refuse_twice(plans: list[Plan]) -> None:
    """Of two events with the same name in one file the first counts; one of a rule needs its rule."""
    masters = {plan.event.uid for plan in plans if plan.fate != REFUSED and plan.event.rule}
    seen: set[str] = set()
    for plan in [one for one in plans if one.fate != REFUSED]:
        if key_of(plan) in seen:
            _refused(plan, _("The same event is in the file twice."))
        elif plan.event.recurrence and plan.activity is None and plan.event.uid not in masters:
            plan.event.recurrence = None  # its rule is elsewhere: an event of its own
        seen.add(key_of(plan))


def _first(event: ReadEvent, zone: ZoneInfo) -> Any:
    """Return the first time to come of a recurring event, or its start when that is to come."""
    if event.start is None:
        return None
    now, left_out = clock.now(), {*event.without}
    times = occurrences(parse_rule(event.rule), event.start, zone, after=max(now, event.start), before=now + 2 * AHEAD)
    return next((time for time in times if time.astimezone(zone).date() not in left_out), None)


def _make(plan: Plan, user: User) -> None:
    event, zone = plan.event, ZoneInfo(user.time_zone)
    if event.recurrence:
        _update_occurrence(plan, user)
        return
    start = _first(event, zone) if event.rule else event.start
    length = event.end - event.start if event.end and event.start else None
    row = activity_log(
        user=user,
        type=plan.type,  # type: ignore[arg-type]
        title=event.title,
        customer=plan.customer,
        start=start,
        end=start + length if length and start else None,
        memo=from_text(event.text),
        place=event.place,
        participants=list({one.pk: one for one in (user, *plan.users)}.values()),
        contacts=plan.contacts,
    )
    Activity.objects.filter(pk=row.pk).update(ical_uid=event.uid)
    if event.rule:
        series_make(activity=row, user=user, rule=event.rule, start=event.start, without=event.without)


def _update_occurrence(plan: Plan, user: User) -> None:
    """Change the occurrence that its rule has just made; one that is past was not made."""
    row = Activity.objects.filter(ical_uid=plan.event.uid, series_start=plan.event.recurrence).first()
    if row is None:
        plan.fate = SAME
        return
    activity_change(activity=row, user=user, changes=_changes(plan.event))


def _changes(event: ReadEvent) -> dict[str, Any]:
    return {"title": event.title, "place": event.place, "start": event.start, "end": event.end}


def _differs(plan: Plan, row: Activity, user: User) -> bool:
    event = plan.event
    if not any(one.user_id == user.pk for one in row.participations.all()):
        return True
    if not allowed(user, "activities.edit_activity", row):
        return False
    if event.rule and row.series:
        return bool(_series_changes(event, row)) or event.rule != row.series.rule or bool(_newly_left_out(event, row))
    return any(getattr(row, name) != value for name, value in _changes(event).items())


def _series_changes(event: ReadEvent, row: Activity) -> dict[str, Any]:
    """Return what differs in a series: what its occurrences share, the time of day, the length."""
    series: Any = row.series
    zone = ZoneInfo(series.time_zone)
    start: Any = event.start
    at, minutes = start.astimezone(zone).time(), _minutes(start, event.end)
    present = _minutes(row.start, row.end)
    found: dict[str, Any] = {"title": event.title, "place": event.place}
    found = {name: value for name, value in found.items() if value != getattr(row, name)}
    found |= {"at": at} if at != series.start.astimezone(zone).time() else {}
    return found | ({"minutes": minutes} if minutes != present else {})


def _newly_left_out(event: ReadEvent, row: Activity) -> set[dt.date]:
    """What has been left out here stays so, whatever the file says."""
    series: Any = row.series
    return {*event.without} - {*series.left_out}


def _minutes(start: dt.datetime, end: dt.datetime | None) -> int | None:
    return (end - start) // dt.timedelta(minutes=1) if end else None


def _update(plan: Plan, row: Activity, user: User) -> None:
    """Join it, and bring what has changed when the user may change it."""
    if not row.participations.filter(user=user).exists():
        participant_add(activity=row, user=user)
    if not allowed(user, "activities.edit_activity", row):
        return
    if plan.event.rule and row.series:
        _update_series(plan.event, row, row.series, user)
    else:
        activity_change(activity=row, user=user, changes=_changes(plan.event))


def _update_series(event: ReadEvent, row: Activity, series: ActivitySeries, user: User) -> None:
    changes, rule = _series_changes(event, row), event.rule if event.rule != series.rule else ""
    left_out = _newly_left_out(event, row)
    if changes or rule:
        series_change(activity=row, user=user, changes=changes, rule=rule, whole=True)
    if left_out:
        days_leave_out(activity=row, user=user, days=left_out)
