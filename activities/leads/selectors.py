"""Reads of leads."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from core import clock
from core.paging import count_up_to
from customers.querysets import of_active

CONTACTS_OFFERED = 20
COUNTED = 99


def leads_for(user: Any) -> QuerySet[Activity]:
    """Return the leads that the user sees, with what lists show."""
    names = (
        "customer",
        "created_by",
        *(f"lead__{name}" for name in ("source", "taken_by", "offered_to", "close_reason")),
    )
    return Activity.objects.visible_to(user).filter(lead__isnull=False).select_related(*names)


#: The tabs of the list, by name. Work of passive customers rests: nobody can take it up.
LEAD_TABS: dict[str, Callable[[Any], Q]] = {
    "untaken": lambda user: Q(lead__state=LeadState.UNTAKEN) & of_active(),
    "mine": lambda user: (
        Q(lead__state=LeadState.TAKEN, lead__taken_by=user)
        | (Q(lead__state=LeadState.UNTAKEN, lead__offered_to=user) & of_active())
    ),
    "taken": lambda user: Q(lead__state=LeadState.TAKEN),
    "all": lambda user: Q(),
}


def untaken_count(user: Any) -> tuple[int, bool]:
    """Return how many leads wait for a taker, up to 99, and whether there are more."""
    waiting = Lead.objects.filter(state=LeadState.UNTAKEN).filter(of_active("activity__customer"))
    return count_up_to(waiting, COUNTED)


def leads_sum(leads: QuerySet[Activity]) -> tuple[int, Decimal]:
    """Return how many of ``leads`` have a value and what they are worth together, in one query."""
    found = leads.order_by().aggregate(count=Count("lead__value"), total=Sum("lead__value"))
    return found["count"], found["total"] or Decimal(0)


def mutual_contacts(user: Any, lead: Activity) -> QuerySet[Activity]:
    """Return the contacts with the lead's customer that have taken place: the first mutual one is among them."""
    of_customer = Activity.objects.visible_to(user).filter(customer=lead.customer_id, customer__isnull=False)
    done = of_customer.filter(status=ActivityStatus.DONE, type__is_contact=True, start__lte=clock.now())
    return done.exclude(pk=lead.pk)
