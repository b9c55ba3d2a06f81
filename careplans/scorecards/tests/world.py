"""Scorecards through the real services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from careplans.scorecards.models import Perspective, Scorecard, ScoreLine
from careplans.scorecards.services.cards import card_add, card_approve, card_send, line_save
from core import clock
from customers.models import Customer, CustomerSummary
from customers.tests.factories import CustomerFactory


def key_customer(segment: Any, owner: Any, **about: Any) -> Customer:
    """Return a customer with an owner in a segment that needs approval."""
    customer: Customer = CustomerFactory(owner=owner, **about)
    CustomerSummary.objects.filter(customer=customer).update(segment=segment)
    return Customer.objects.select_related("summary").get(pk=customer.pk)


def card_of(customer: Customer, user: Any, year: int | None = None, **about: Any) -> Scorecard:
    return card_add(kind="customer", customer=customer, year=year or clock.today().year, user=user, **about)


def line_of(card: Scorecard, user: Any, perspective: str = "customers", **about: Any) -> ScoreLine:
    """Add a goal that is entered by hand, unless a metric is given."""
    values: dict[str, Any] = {"goal": "Be the first choice", "target": Decimal(10), **about}
    if not values.get("metric"):
        values.setdefault("name", "Share of spending")
    row = ScoreLine(card=card, perspective=Perspective.objects.get(code=perspective), **values)
    return line_save(line=row, user=user)


def approved(card: Scorecard, sender: Any, approver: Any) -> Scorecard:
    """Send a card and approve it."""
    return card_approve(card=card_send(card=card, user=sender), user=approver)
