"""Who was served when, by the apps below: activities, offers, orders, the NPS question; and the events they know."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from django.db.models import Case, Min, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from activities.feedback.models import NpsQuestion
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityContact
from careplans.adherence.days import at_end_of_day, changes_of
from careplans.caremodels.enums import FulfilKind
from careplans.caremodels.models import ActionFields
from careplans.caremodels.plugs import Happened, Served
from customers.enums import BranchPurpose
from customers.models import ClassificationNode, ContactClassification, Position
from offers.offers.models import OfferVersion
from offers.orders.enums import OrderStatus
from offers.orders.models import Delivery, Order
from segmentation.membership.models import Membership

DECISION_MAKER = "decision_maker"
DAY = dt.timedelta(days=1)


def fits(action: ActionFields, served: Served, kind: str, types: Collection[int]) -> bool:
    """Return whether what was done completes the action by its filter; ``types`` are the ids of its types."""
    if kind not in action.completed_by:
        return False
    if kind != FulfilKind.ACTIVITY:
        return True
    return (
        (served.type in types if types else served.is_contact)
        and served.minutes >= action.minimum_minutes
        and action.direction in ("", served.direction)
        and (action.contact_role_id is None or action.contact_role_id in served.contact_roles)
        and (served.with_decision_maker or not action.decision_maker_only)
    )


def _window(since: dt.date, until: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the first moment of the days and the first one after them, in the organisation's time zone."""
    zone = timezone.get_default_timezone()
    midnight = dt.time()
    return dt.datetime.combine(since, midnight, zone), dt.datetime.combine(until + DAY, midnight, zone)


def _day(field: str) -> TruncDate:
    """Return the organisation's day of a time."""
    return TruncDate(field, tzinfo=timezone.get_default_timezone())


def _end() -> Case:
    """Return when an activity ended; one of whole days has no length."""
    return Case(When(is_all_day=False, then="end"))


def activities_served(customers: Collection[int], since: dt.date, until: dt.date) -> Iterator[Served]:
    """Yield the done activities of customers with what filters ask of them."""
    first, end = _window(since, until)
    rows = Activity.objects.filter(
        customer__any_of=list(customers), status=ActivityStatus.DONE, start__gte=first, start__lt=end
    )
    found: list[Any] = list(
        rows.values_list(
            "pk", "customer", "type", "type__is_contact", "start", _end(), "hours", "email__direction", _day("start")
        )
    )
    roles, makers = _roles_of({pk: (customer, day) for pk, customer, *_about, day in found})
    for pk, customer, kind, is_contact, start, end_at, hours, direction, day in found:
        minutes = int((end_at - start).total_seconds() // 60) if end_at else int((hours or 0) * 60)
        yield Served(
            customer, day, pk, kind, is_contact, minutes, direction or "",
            frozenset(roles[pk]), with_decision_maker=bool(roles[pk] & makers),
        )  # fmt: skip


def _roles_of(activities: Mapping[int, tuple[int, dt.date]]) -> tuple[dict[int, set[int]], set[int]]:
    """Return the roles of the contacts of activities, ancestors included, and those that are decision makers.

    A contact has the role of its position at the activity's customer on the activity's day, and those of its classes.
    """
    links = ActivityContact.objects.filter(activity__any_of=list(activities)).values_list("activity", "contact")
    of_contacts: dict[int, list[int]] = defaultdict(list)
    for activity, contact in links:
        of_contacts[contact].append(activity)
    found: dict[int, set[int]] = defaultdict(set)
    if not of_contacts:
        return found, set()
    nodes = list(ClassificationNode.objects.filter(branch__purpose=BranchPurpose.CONTACT_ROLE))
    above = {node.pk: {one.pk for one in nodes if node.path.startswith(one.path)} for node in nodes}
    makers = {node.pk for node in nodes if node.code == DECISION_MAKER}
    positions = Position.objects.filter(contact__any_of=list(of_contacts), role__in=list(above))
    for contact, customer, role, start, end in positions.values_list("contact", "customer", "role", "start", "end"):
        for activity in of_contacts[contact]:
            at, day = activities[activity]
            if at == customer and (start or day) <= day <= (end or day):
                found[activity] |= above[role]
    classes = ContactClassification.objects.filter(contact__any_of=list(of_contacts), node__in=list(above))
    for contact, node in classes.values_list("contact", "node"):
        for activity in of_contacts[contact]:
            found[activity] |= above[node]
    return found, makers


def _plain(rows: Iterable[tuple[int, Any, int]]) -> Iterator[Served]:
    return (Served(customer, day, pk) for customer, day, pk in rows)


def offers_served(customers: Collection[int], since: dt.date, until: dt.date) -> Iterator[Served]:
    """Yield the offers that were sent to customers, on the day of their first version."""
    first, end = _window(since, until)
    sent = (
        OfferVersion.objects.filter(offer__customer__any_of=list(customers), sent_at__isnull=False)
        .values("offer", "offer__customer")
        .annotate(at=Min("sent_at"))
        .filter(at__gte=first, at__lt=end)
    )
    return _plain(sent.values_list("offer__customer", _day("at"), "offer"))


def orders_served(customers: Collection[int], since: dt.date, until: dt.date) -> Iterator[Served]:
    """Yield the orders of customers on their days."""
    rows = Order.objects.filter(customer__any_of=list(customers), date__range=(since, until))
    rows = rows.exclude(status=OrderStatus.CANCELLED)
    return _plain(rows.values_list("customer", "date", "pk"))


def surveys_served(customers: Collection[int], since: dt.date, until: dt.date) -> Iterator[Served]:
    """Yield the NPS questions that were sent about customers."""
    first, end = _window(since, until)
    rows = NpsQuestion.objects.filter(customer__any_of=list(customers), sent_at__gte=first, sent_at__lt=end)
    return _plain(rows.values_list("customer", _day("sent_at"), "pk"))


# Events


def deliveries_of(customers: Collection[int], since: dt.date, until: dt.date, about: str = "") -> Iterable[Happened]:
    """Return the days on which something of an order was delivered to customers."""
    rows = Delivery.objects.filter(line__order__customer__any_of=list(customers), day__range=(since, until))
    return rows.values_list("line__order__customer", "day").distinct()


def negative_feedback_of(
    customers: Collection[int], since: dt.date, until: dt.date, about: str = ""
) -> Iterable[Happened]:
    """Return the days on which customers gave negative feedback."""
    first, end = _window(since, until)
    rows = Activity.objects.filter(
        feedback__isnull=False, customer__any_of=list(customers), keywords__code="negative",
        start__gte=first, start__lt=end,
    )  # fmt: skip
    return rows.values_list("customer", _day("start")).distinct()


def quiet_since(customers: Collection[int], since: dt.date, until: dt.date, about: str) -> Iterator[Happened]:
    """Yield the days on which customers had been without contact for ``about`` days since their last one."""
    days = int(about)
    first, end = _window(since - DAY * days, until)
    rows = Activity.objects.filter(
        customer__any_of=list(customers), status=ActivityStatus.DONE, type__is_contact=True,
        start__gte=first, start__lt=end,
    )  # fmt: skip
    contacts: dict[int, list[dt.date]] = defaultdict(list)
    for customer, day in rows.values_list("customer", _day("start")).distinct():
        contacts[customer].append(day)
    for customer, found in contacts.items():
        found.sort()
        for day, following in zip_longest(found, found[1:]):
            quiet = day + DAY * days
            if since <= quiet <= until and (following is None or following > quiet):
                yield customer, quiet


def segment_changes_of(
    customers: Collection[int], since: dt.date, until: dt.date, about: str = ""
) -> Iterator[Happened]:
    """Yield the days on which customers moved from one segment to another, by the segments at the ends of days."""
    rows = Membership.objects.filter(customer__any_of=list(customers), scheme__feeds_care_models=True)
    moves: dict[tuple[int, int], list[tuple[dt.datetime, int]]] = defaultdict(list)
    for scheme, customer, segment, period in rows.values_list("scheme", "customer", "segment", "period"):
        moves[scheme, customer].append((period.lower, segment))
    for (_scheme, customer), found in moves.items():
        steps = at_end_of_day(found, timezone.get_default_timezone())
        for day, before, _after in changes_of(steps):
            if before is not None and since <= day <= until:
                yield customer, day
