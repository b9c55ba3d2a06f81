"""Values of own metrics: each new one replaces the last, which stays in the history."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.metrics import customers_touched
from customers.models import Customer
from segmentation.metrics.enums import HIGHEST, OwnKind
from segmentation.metrics.models import OwnMetric, OwnValue

LARGEST = Decimal("99999999999999.99")


def check_value(metric: OwnMetric, number: Decimal | None, day: dt.date | None) -> None:
    """Raise :class:`BusinessRuleError` unless the value is one of the metric's kind: ``value_not_allowed``."""
    if metric.kind == OwnKind.DAY:
        if day is None or number is not None:
            raise _refused(_("Enter a day."))
        return
    if day is not None or number is None or not number.is_finite() or abs(number) > LARGEST:
        raise _refused(_("Enter a number."))
    if metric.kind == OwnKind.SCALE and (number != number.to_integral_value() or not 0 <= number <= HIGHEST):
        raise _refused(_("Enter a whole number from 0 to 10."))
    if metric.kind == OwnKind.YES and number not in (0, 1):
        raise _refused(_("Enter 1 for yes or 0 for no."))
    if number != round(number, 2):
        raise _refused(_("Enter at most two decimals."))


def _refused(message: str) -> BusinessRuleError:
    return BusinessRuleError("value_not_allowed", message, field="value")


def expiry(metric: OwnMetric, given_on: dt.date) -> dt.date | None:
    """Return the last day on which a value given on a day is valid, by the metric's own time."""
    if metric.valid_months is None:
        return None
    return given_on + relativedelta(months=metric.valid_months) - dt.timedelta(days=1)


@transaction.atomic
def value_give(
    *,
    customer: Customer,
    metric: OwnMetric,
    number: Decimal | None = None,
    day: dt.date | None = None,
    user: User | None,
    reason: str = "",
    source: str = "",
    given_on: dt.date | None = None,
    expires_on: dt.date | None = None,
) -> OwnValue:
    """Give a customer a value of an own metric from a day on (today); return it, or the current one if it is the same.

    Without ``expires_on`` the metric's own time applies. Raises :class:`BusinessRuleError`: ``customer_passive``,
    ``metric_retired``, ``value_not_allowed``, ``day_not_allowed``.
    """
    given_on = given_on or clock.today()
    expires_on = expires_on or expiry(metric, given_on)
    locked = Customer.objects.select_for_update().get(pk=customer.pk)
    current = OwnValue.objects.current().filter(customer=locked, metric=metric).first()
    _check(locked, metric, number, day)
    _check_days(current, given_on, expires_on)
    if current and (current.number, current.day, current.expires_on) == (number, day, expires_on) and not reason:
        return current
    if current:
        current.replaced_on = given_on
        current.save(update_fields=["replaced_on"])
    value = OwnValue.objects.create(
        customer=locked, metric=metric, number=number, day=day, given_on=given_on, expires_on=expires_on,
        reason=reason, source=source, given_by=user,
    )  # fmt: skip
    customers_touched([locked.pk])
    return value


def _check(customer: Customer, metric: OwnMetric, number: Decimal | None, day: dt.date | None) -> None:
    if customer.is_passive:
        raise BusinessRuleError("customer_passive", _("The customer is inactive."))
    if metric.is_retired:
        raise BusinessRuleError("metric_retired", _("This metric is no longer in use."), field="metric")
    check_value(metric, number, day)


def _check_days(current: OwnValue | None, given_on: dt.date, expires_on: dt.date | None) -> None:
    if given_on > clock.today():
        raise BusinessRuleError("day_not_allowed", _("The day is in the future."), field="given_on")
    if current and given_on < current.given_on:
        message = _("There is a newer value already.")
        raise BusinessRuleError("day_not_allowed", message, field="given_on")
    if expires_on and expires_on < given_on:
        raise BusinessRuleError("day_not_allowed", _("The end is before the start."), field="expires_on")
