"""Services that import .ics files: a plan for each event, and its import as an activity, once and separately."""

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
from activities.log.recurrence.rules import AHEAD, occurrences, parse_rule
from activities.log.services.activities import activity_change, activity_log, is_own_uid, participant_add
from activities.log.services.series import series_make
from activities.log.services.series_changes import days_leave_out, series_change
from activities.mail.selectors import PUBLIC_DOMAINS, contacts_of, customers_of_domains
from activities.mail.senders import own_users
from core import clock
from core.exceptions import BusinessRuleError
from core.permissions import allowed
from core.richtext import from_text
from customers.models import Contact, Customer, Position

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"


@dataclass
class Plan:
    """The planned result of an event. ``result`` is new, changed, same or refused, ``reason`` says why."""

    event: ReadEvent
    result: str = NEW
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
    """Return the plan of each event of an .ics file, in order of time; costs a constant number of queries.

    Raises :class:`activities.calendar.ical.read.CalendarError`.
    """
    events = read_calendar(text, ZoneInfo(user.time_zone))
    people, present = _People(user, events), _PresentActivities(user, events)
    plans = [_plan(event, user, types, people, present) for event in events]
    _refuse_duplicates(plans)
    return sorted(plans, key=lambda plan: (plan.event.start is None, plan.event.start or clock.now()))


def import_run(
    *,
    user: User,
    text: str,
    types: Types,
    chosen: Collection[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Counter[str]:
    """Import the chosen events (by key; None: all), each in a separate transaction; return the count of each result.

    Events are matched with the activities made of them, so a second run changes nothing.
    """
    plans = [
        plan for plan in import_plan(user=user, text=text, types=types) if chosen is None or key_of(plan) in chosen
    ]
    plans.sort(key=lambda plan: plan.event.recurrence is not None)  # series before their exceptions
    results: Counter[str] = Counter()
    for number, plan in enumerate(plans, 1):
        results[_import(plan, user)] += 1
        progress(number, len(plans))
    return results


def key_of(plan: Plan) -> str:
    """Return the key of an event in its file: its UID and, for one occurrence, its original time."""
    return f"{plan.event.uid}|{plan.event.recurrence.isoformat() if plan.event.recurrence else ''}"


def _import(plan: Plan, user: User) -> str:
    if plan.result in (REFUSED, SAME):
        return plan.result
    try:
        with transaction.atomic():
            _create(plan, user) if plan.activity is None else _update(plan, plan.activity, user)
    except BusinessRuleError:
        return REFUSED
    return plan.result


class _People:
    """The owners of the e-mail addresses of a file: contacts with their customers, colleagues, customers by domain."""

    def __init__(self, user: User, events: Iterable[ReadEvent]) -> None:
        addresses = {email for event in events for email in event.emails}
        by_email = contacts_of(addresses)
        ids = {contact.pk for contacts in by_email.values() for contact in contacts}
        visible = Contact.objects.visible_to(user).in_bulk(ids)
        self.contacts = {
            email: [contact for contact in contacts if contact.pk in visible] for email, contacts in by_email.items()
        }
        self.users = own_users(addresses)
        domains = {email.rpartition("@")[2] for email in addresses - self.users.keys()} - {*PUBLIC_DOMAINS}
        domains -= {own.rpartition("@")[2] for own in self.users}
        by_domain = customers_of_domains(sorted(domains))
        positions = Position.objects.current().filter(contact__in=visible).values_list("contact", "customer")
        self.employers: dict[int, list[int]] = {}
        for contact, customer in positions:
            self.employers.setdefault(contact, []).append(customer)
        customer_ids = {pk for ids in (*by_domain.values(), *self.employers.values()) for pk in ids}
        self.customers = Customer.objects.visible_to(user).active().in_bulk(customer_ids)
        self.by_domain = by_domain

    def fill(self, plan: Plan) -> None:
        """Fill in the people, and the customer: the employer of most contacts, else by the domain of the addresses."""
        emails = plan.event.emails
        contacts = [contact for email in emails for contact in self.contacts.get(email, ())]
        employers = Counter(
            pk for contact in contacts for pk in self.employers.get(contact.pk, ()) if pk in self.customers
        )
        domains = [pk for email in emails for pk in self.by_domain.get(email.rpartition("@")[2], ())]
        guesses = [pk for pk, _n in employers.most_common()] + [pk for pk in domains if pk in self.customers]
        customer = plan.customer = self.customers[guesses[0]] if guesses else None
        plan.contacts = [
            contact for contact in contacts if customer and customer.pk in self.employers.get(contact.pk, ())
        ]
        plan.users = [self.users[email] for email in emails if email in self.users]


class _PresentActivities:
    """The activities that were made of the file's events before."""

    def __init__(self, user: User, events: Iterable[ReadEvent]) -> None:
        uids = {event.uid for event in events if event.uid}
        present = Activity.objects.filter(ical_uid__in=uids).select_related("type", "customer", "series")
        activities = present.prefetch_related("participations").order_by("start", "pk")
        self.by_key: dict[tuple[str, Any], Activity] = {}
        for activity in sorted(activities, key=lambda row: row.start != (row.series_start or row.start)):  # moved last
            self.by_key.setdefault((activity.ical_uid, None), activity)
            self.by_key.setdefault((activity.ical_uid, activity.series_start), activity)
        self.visible = set(Activity.objects.visible_to(user).filter(ical_uid__in=uids).values_list("pk", flat=True))

    def of(self, event: ReadEvent) -> Activity | None:
        return self.by_key.get((event.uid, event.recurrence))


def _plan(event: ReadEvent, user: User, types: Types, people: _People, present: _PresentActivities) -> Plan:
    plan = Plan(event)
    if event.problem or event.start is None:
        return _refuse(plan, event.problem)
    if is_own_uid(event.uid):
        plan.result, plan.reason = SAME, _("comes from Portaali")
        return plan
    people.fill(plan)
    plan.type = types.with_customer if plan.customer else types.without
    plan.activity = present.of(event)
    if plan.activity is None:
        is_over = event.rule and _next_time(event, ZoneInfo(user.time_zone)) is None
        return _refuse(plan, _("The recurrence has ended.")) if is_over else plan
    if plan.activity.pk not in present.visible:
        return _refuse(plan, _("It already exists, but you may not see it."))
    plan.customer, plan.type = plan.activity.customer, plan.activity.type
    plan.result = CHANGED if _differs(plan, plan.activity, user) else SAME
    return plan


def _refuse(plan: Plan, reason: str) -> Plan:
    plan.result, plan.reason = REFUSED, reason
    return plan


def _refuse_duplicates(plans: list[Plan]) -> None:
    """Refuse the later of two events with the same key; make an exception without its series a single event."""
    masters = {plan.event.uid for plan in plans if plan.result != REFUSED and plan.event.rule}
    seen: set[str] = set()
    for plan in [plan for plan in plans if plan.result != REFUSED]:
        if key_of(plan) in seen:
            _refuse(plan, _("The same event is in the file twice."))
        elif plan.event.recurrence and plan.activity is None and plan.event.uid not in masters:
            plan.event.recurrence = None  # its series is not in the file
        seen.add(key_of(plan))


def _next_time(event: ReadEvent, zone: ZoneInfo) -> Any:
    """Return the next time of a recurring event; None if it has ended."""
    if event.start is None:
        return None
    now, left_out = clock.now(), {*event.without}
    times = occurrences(parse_rule(event.rule), event.start, zone, after=max(now, event.start), before=now + 2 * AHEAD)
    return next((time for time in times if time.astimezone(zone).date() not in left_out), None)


def _create(plan: Plan, user: User) -> None:
    event, zone = plan.event, ZoneInfo(user.time_zone)
    if event.recurrence:
        _update_occurrence(plan, user)
        return
    start = _next_time(event, zone) if event.rule else event.start
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
    if event.rule:
        series_make(activity=activity, user=user, rule=event.rule, start=event.start, without=event.without)


def _update_occurrence(plan: Plan, user: User) -> None:
    """Change the occurrence that its series has just created; a past one was not created."""
    activity = Activity.objects.filter(ical_uid=plan.event.uid, series_start=plan.event.recurrence).first()
    if activity is None:
        plan.result = SAME
        return
    activity_change(activity=activity, user=user, changes=_changes(plan.event))


def _changes(event: ReadEvent) -> dict[str, Any]:
    return {"title": event.title, "place": event.place, "start": event.start, "end": event.end}


def _differs(plan: Plan, activity: Activity, user: User) -> bool:
    event = plan.event
    if not any(participation.user_id == user.pk for participation in activity.participations.all()):
        return True
    if not allowed(user, "activities.edit_activity", activity):
        return False
    if event.rule and activity.series:
        return (
            bool(_series_changes(event, activity))
            or event.rule != activity.series.rule
            or bool(_newly_left_out(event, activity))
        )
    return any(getattr(activity, name) != value for name, value in _changes(event).items())


def _series_changes(event: ReadEvent, activity: Activity) -> dict[str, Any]:
    """Return the changes of a series: common fields of its occurrences, time of day, length."""
    series: Any = activity.series
    zone = ZoneInfo(series.time_zone)
    start: Any = event.start
    at, minutes = start.astimezone(zone).time(), _minutes(start, event.end)
    present = _minutes(activity.start, activity.end)
    shared: dict[str, Any] = {"title": event.title, "place": event.place}
    changes = {name: value for name, value in shared.items() if value != getattr(activity, name)}
    changes |= {"at": at} if at != series.start.astimezone(zone).time() else {}
    return changes | ({"minutes": minutes} if minutes != present else {})


def _newly_left_out(event: ReadEvent, activity: Activity) -> set[dt.date]:
    """Return the days that the file leaves out in addition to those left out here."""
    series: Any = activity.series
    return {*event.without} - {*series.left_out}


def _minutes(start: dt.datetime, end: dt.datetime | None) -> int | None:
    return (end - start) // dt.timedelta(minutes=1) if end else None


def _update(plan: Plan, activity: Activity, user: User) -> None:
    """Add the user as a participant, and make the changes if the user may edit the activity."""
    if not activity.participations.filter(user=user).exists():
        participant_add(activity=activity, user=user)
    if not allowed(user, "activities.edit_activity", activity):
        return
    if plan.event.rule and activity.series:
        _update_series(plan.event, activity, activity.series, user)
    else:
        activity_change(activity=activity, user=user, changes=_changes(plan.event))


def _update_series(event: ReadEvent, activity: Activity, series: ActivitySeries, user: User) -> None:
    changes, rule = _series_changes(event, activity), event.rule if event.rule != series.rule else ""
    left_out = _newly_left_out(event, activity)
    if changes or rule:
        series_change(activity=activity, user=user, changes=changes, rule=rule, whole=True)
    if left_out:
        days_leave_out(activity=activity, user=user, days=left_out)
