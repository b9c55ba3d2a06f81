"""Rules of an activity that pages, API and import share. Each raises ``BusinessRuleError`` at the field to blame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from activities.log.enums import ActivityStatus
from core import clock
from core.exceptions import BusinessRuleError
from core.status import check_reason
from customers.validators import check_customer_active

if TYPE_CHECKING:
    from accounts.models import User
    from activities.log.models import Activity, ActivityType, Keyword
    from customers.models import Contact, Customer

FIRST_YEAR, LAST_YEAR = 1900, 2200


def default_status(
    type: ActivityType, start: dt.datetime, *, keeps_open: bool = False, settlement: str = ""
) -> ActivityStatus:
    """Return the status that type and time give (rules 12 and 13).

    What is still to come is open and what has happened is done, unless its type says otherwise, as a lead's does;
    negative feedback is open until it is settled.
    """
    if keeps_open and not settlement.strip():
        return ActivityStatus.OPEN
    return ActivityStatus(type.status_if_future if start > clock.now() else type.status_if_past)


def check_type(type: ActivityType) -> None:
    if type.is_retired:
        raise BusinessRuleError("type_retired", _("This type is not used any more. Choose another one."), field="type")


def check_customer(type: ActivityType, customer: Customer | None) -> None:
    """No new work for a passive customer (rule 2); some types need a customer."""
    if customer is None and type.needs_customer:
        raise BusinessRuleError("customer_required", _("Choose the customer."), field="customer")
    message = _("The customer is passive: no activity can be targeted at it.")
    check_customer_active(customer, message, field="customer")


def check_content(activity: Activity) -> None:
    """Goal of a visit (rule 13), times that a calendar knows and their order."""
    for field, time in (("start", activity.start), ("end", activity.end)):
        if time and not FIRST_YEAR <= time.year <= LAST_YEAR:
            message = _("The year must be between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise BusinessRuleError("year_out_of_reach", message, field=field)
    if activity.type.needs_goal and not activity.goal.strip():
        raise BusinessRuleError("goal_required", _("Write the goal of the visit."), field="goal")
    if activity.end and activity.end < activity.start:
        raise BusinessRuleError("end_before_start", _("The end is before the start."), field="end")


def check_keywords(type: ActivityType, keywords: Iterable[Keyword]) -> None:
    allowed = set(type.keywords.values_list("pk", flat=True))
    strange = [str(keyword) for keyword in keywords if keyword.pk not in allowed]
    if strange:
        message = _("These keywords do not belong to this type: %s.") % ", ".join(strange)
        raise BusinessRuleError("keyword_not_of_type", message, field="keywords")


def check_participants(users: Iterable[User]) -> None:
    gone = [str(user) for user in users if not user.is_active]
    if gone:
        message = _("These people do not work here any more: %s.") % ", ".join(gone)
        raise BusinessRuleError("participant_inactive", message, field="participants")


def check_contacts_given(type: ActivityType, contacts: Collection[Contact]) -> None:
    if type.needs_contact and not contacts:
        raise BusinessRuleError("contact_required", _("Choose whom it concerned."), field="contacts")


def goes_back(old: str, new: str) -> bool:
    """Reopening what is done and taking back what was begun tell why."""
    order = list(ActivityStatus)
    return order.index(ActivityStatus(new)) < order.index(ActivityStatus(old))


def check_going_back(activity: Activity, status: str, reason: str) -> None:
    if goes_back(activity.status, status):
        check_reason(reason)


def check_own_status(activity: Activity) -> None:
    """Raise where the details of the activity's type do not allow its status."""
    if check := activity.type.own_details.check:
        check(activity)


def check_settled(activity: Activity, keywords: Iterable[Keyword]) -> None:
    """Negative feedback stays open until it says how it was settled (rule 12)."""
    done = activity.status == ActivityStatus.DONE
    if done and not activity.settlement.strip() and any(keyword.keeps_open for keyword in keywords):
        raise BusinessRuleError(
            "settlement_required", _("It stays open until you write how it was resolved."), field="settlement"
        )
