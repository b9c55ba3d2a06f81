"""Exceptions of care plans in the demo: what owners ask for, and one that is in force."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from careplans.adherence.actions import Scope
from careplans.plans.enums import ExceptionKind
from careplans.plans.models import PlanException
from careplans.plans.plan import plan_of
from careplans.plans.services.exceptions import exception_approve, exception_request
from core import clock
from customers.models import Customer
from demo.loading.plancontent import content_customers

#: Every so many of the customers with content has one, for so many days.
STEP, DAYS = 9, 180
LATER = {"kind": ExceptionKind.FREQUENCY, "frequency": "months", "count": 6}
WISHES = (
    (LATER, "Asiakas toivoo yhteydenottoa puolivuosittain."),
    ({"kind": ExceptionKind.LEFT_OUT}, "Yhteyshenkilö on vapaalla kevääseen asti."),
)


def exceptions_load() -> None:
    """Let the owners of some demo customers ask for exceptions, once the plans are there; the last one is in force."""
    if PlanException.objects.filter(customer__is_demo=True).exists():  # the first night has run before
        return
    asked = [one for number, customer in enumerate(content_customers()[::STEP]) if (one := _asked(customer, number))]
    approver = User.objects.filter(is_demo=True, groups__name="management").order_by("pk").first()
    waiting = [one for one in asked if one.is_requested]
    if waiting and approver is not None:
        exception_approve(exception=waiting[-1], user=approver)


def _asked(customer: Customer, number: int) -> PlanException | None:
    """Return the exception that the owner asks for; None: there is no owner or contact in the plan."""
    today, owner = clock.today(), customer.summary.owner
    line = next((line for line in plan_of(customer, today).of(Scope.CUSTOMER) if line.action.is_contact), None)
    if owner is None or line is None:
        return None
    what, reason = WISHES[number % len(WISHES)]
    exception = PlanException(
        customer=customer, code=line.code, first=today, last=today + dt.timedelta(days=DAYS), reason=reason, **what
    )
    return exception_request(exception=exception, user=owner)
