"""Deciding about an unprofitable customer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock
from customers.models import Customer
from segmentation.metrics.models import CustomerMetrics
from segmentation.metrics.value_mode import value_mode
from segmentation.portfolio.models import ProfitDecision
from segmentation.schemes.enums import ValueMode


@transaction.atomic
def decision_make(*, customer: Customer, user: Any, cause: str, action: str, review_on: dt.date) -> ProfitDecision:
    """Decide about a customer; the decision before is replaced and stays in the history.

    The figures of today are kept with it. Raise :class:`BusinessRuleError`: ``value_off``, ``customer_passive``; at
    ``review_on``: ``review_past``.
    """
    customer = lock(customer)
    if value_mode() == ValueMode.OFF:
        raise BusinessRuleError("value_off", _("The value of customers is not used."))
    if customer.is_passive:
        raise BusinessRuleError("customer_passive", _("The customer is inactive."))
    if review_on <= clock.today():
        raise BusinessRuleError("review_past", _("The review must be later than today."), field="review_on")
    kept = CustomerMetrics.objects.filter(pk=customer.pk).first()
    values = kept.values if kept else {}
    ProfitDecision.objects.current().filter(customer=customer).update(replaced_at=clock.now())
    decision = ProfitDecision(
        customer=customer, cause=cause, action=action.strip(), review_on=review_on, decided_by=user,
        profit_12=_number(values.get("profit_12")), profit_before=_number(values.get("profit_before_12")),
    )  # fmt: skip
    decision.full_clean(validate_constraints=False)
    decision.save()
    return decision


def _number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
