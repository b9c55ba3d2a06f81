"""Rules of an activity that pages, API and import share. Each raises ``BusinessRuleError`` with the field in error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.log.enums import ActivityStatus
from core import clock
from core.exceptions import BusinessRuleError
from core.richtext import to_text
from core.status import check_reason
from customers.validators import check_customer_active

if TYPE_CHECKING:
    from accounts.models import User
    from activities.log.models import Activity, ActivityType, Keyword
    from customers.models import Contact, Customer

FIRST_YEAR, LAST_YEAR = 1900, 2200
HOURS_A_DAY = 24
CUSTOMER_INACTIVE = gettext_lazy("The customer is inactive: no activities can be logged for it.")


def default_status(
    type: ActivityType, start: dt.datetime, *, keeps_open: bool = False, settlement: str = "", memo: str = ""
) -> ActivityStatus:
    """Return the status that follows from type and time (rules 12 and 13).

    A coming activity is open and a past one is done, unless its type has other statuses, as leads have. Negative
    feedback is open until it is resolved, a visit until it has its report.
    """
    if keeps_open and not settlement.strip():
        return ActivityStatus.OPEN
    is_coming = start > clock.now()
    status = ActivityStatus(type.status_if_future if is_coming else type.status_if_past)
    lacks_report = status == ActivityStatus.DONE and needs_report(type, memo)
    return ActivityStatus.OPEN if lacks_report else status


def needs_report(type: ActivityType, memo: str) -> bool:
    """Return whether ``memo``, of a type with a goal, says nothing yet besides the headings of the type's template."""
    if not type.needs_goal:
        return False
    return to_text(memo) in map(to_text, ("", type.memo_template_fi, type.memo_template_en))


def check_may_be_done(activity: Activity) -> None:
    """Refuse a done activity that has not begun, and a done visit without a report (rule 13)."""
    if activity.status != ActivityStatus.DONE or activity.type.own_details.has_own_status:
        return
    if activity.start > clock.now():
        start = date_format(timezone.localtime(activity.start), "SHORT_DATETIME_FORMAT")
        message = _("It begins on %(start)s. If it has taken place already, change its time first.")
        raise BusinessRuleError("not_begun", message % {"start": start}, field="status")
    if needs_report(activity.type, activity.memo):
        raise BusinessRuleError("report_required", _("Write the report of the visit before it is done."), field="memo")


def check_type(type: ActivityType) -> None:
    if type.is_retired:
        raise BusinessRuleError("type_retired", _("This type has been retired. Choose another one."), field="type")


def check_customer(type: ActivityType, customer: Customer | None) -> None:
    """Refuse an inactive customer (rule 2), and no customer where the type needs one."""
    if customer is None and type.needs_customer:
        raise BusinessRuleError("customer_required", _("Choose the customer."), field="customer")
    check_customer_active(customer, CUSTOMER_INACTIVE, field="customer")


def check_content(activity: Activity) -> None:
    """Check the goal of a visit (rule 13), the years of the times and their order, and the hours."""
    for field, time in (("start", activity.start), ("end", activity.end)):
        if time and not FIRST_YEAR <= time.year <= LAST_YEAR:
            message = _("The year must be between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
            raise BusinessRuleError("year_out_of_reach", message, field=field)
    if activity.type.needs_goal and not activity.goal.strip():
        raise BusinessRuleError("goal_required", _("Enter the goal of the visit."), field="goal")
    if activity.end and activity.end < activity.start:
        raise BusinessRuleError("end_before_start", _("The end is before the start."), field="end")
    check_hours(activity)


def check_hours(activity: Activity) -> None:
    """Refuse more hours than the days of the activity have."""
    first, last = (timezone.localtime(time).date() for time in (activity.start, activity.end or activity.start))
    most = HOURS_A_DAY * ((last - first).days + 1)
    if activity.hours is not None and activity.hours > most:
        message = _("At most %(hours)d hours: 24 for each day of the activity.") % {"hours": most}
        raise BusinessRuleError("too_many_hours", message, field="hours")


def check_keywords(type: ActivityType, keywords: Iterable[Keyword]) -> None:
    allowed = set(type.keywords.values_list("pk", flat=True))
    foreign = [str(keyword) for keyword in keywords if keyword.pk not in allowed]
    if foreign:
        message = _("These keywords do not belong to this type: %s.") % ", ".join(foreign)
        raise BusinessRuleError("keyword_not_of_type", message, field="keywords")


def check_participants(users: Iterable[User]) -> None:
    inactive = [str(user) for user in users if not user.is_active]
    if inactive:
        message = _("These people no longer work here: %s.") % ", ".join(inactive)
        raise BusinessRuleError("participant_inactive", message, field="participants")


def check_contacts_given(type: ActivityType, contacts: Collection[Contact]) -> None:
    if type.needs_contact and not contacts:
        raise BusinessRuleError("contact_required", _("Choose the contact."), field="contacts")


def goes_back(old: str, new: str) -> bool:
    """Return whether the change of status is a step back, which needs a reason: reopening, or cancelling a start."""
    order = list(ActivityStatus)
    return order.index(ActivityStatus(new)) < order.index(ActivityStatus(old))


def check_going_back(activity: Activity, status: str, reason: str) -> None:
    if goes_back(activity.status, status):
        check_reason(reason)


def check_own_status(activity: Activity) -> None:
    """Raise if the details of the activity's type do not allow its status."""
    if check := activity.type.own_details.check:
        check(activity)


def check_resolved(activity: Activity, keywords: Iterable[Keyword]) -> None:
    """Refuse to close negative feedback without a resolution (rule 12)."""
    done = activity.status == ActivityStatus.DONE
    if done and not activity.settlement.strip() and any(keyword.keeps_open for keyword in keywords):
        raise BusinessRuleError(
            "settlement_required", _("It stays open until you write how it was resolved."), field="settlement"
        )
