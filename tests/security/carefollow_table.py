"""Who may open what following has: its part of the tables of pages and endpoints."""

from __future__ import annotations

from typing import Any

from careplans.plans.evaluations import care_refresh
from customers.tests.factories import CustomerFactory
from segmentation.schemes.models import Segment
from tests.security.cast import ADMIN, NONE, READ

PAGES: dict[str, tuple[str, str]] = {
    "care/adherence/": (READ, NONE),
    "care/adherence/customers/": (READ, NONE),
    "care/occurrences/": (READ, NONE),
    "care/capacity/": (READ, NONE),
    "care/customers/": (READ, NONE),
    "care/key-accounts/": (ADMIN, NONE),
    "care/key-accounts/<int:pk>/pdf/": (ADMIN, NONE),
    "customers/<int:pk>/care-plan/cadence/": (READ, NONE),
    "care/alerts/": (READ, NONE),
    "start/care-alerts/": (READ, NONE),
    "start/care-overdue/": (READ, NONE),
    "start/care-week/": (READ, NONE),
}
API: dict[str, dict[str, str]] = {"^adherence/$": {"get": READ}, "^care-capacity/$": {"get": READ}}
KINDS = {"care/key-accounts/": "key_account"}


def carefollow_rows(customer: Any) -> dict[str, Any]:
    """Occurrences of the customer, and a customer in a segment that needs approval."""
    key = CustomerFactory(segment=Segment.objects.primary().filter(needs_approval=True).first())
    care_refresh([customer.pk, key.pk])
    return {"key_account": key}
