"""Queries of leads: the lists, their counts, and the contacts of conversion."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet

from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from core import clock
from customers.querysets import of_active

CONTACTS_OFFERED = 20


def leads_for(user: Any) -> QuerySet[Activity]:
    """Return the leads that the user may see, with the related rows that lists show."""
    names = (
        "customer",
        "created_by",
        *(f"lead__{name}" for name in ("source", "taken_by", "offered_to", "close_reason")),
    )
    return Activity.objects.visible_to(user).filter(lead__isnull=False).select_related(*names)


#: The tabs of the list, by name. Leads of inactive customers cannot be claimed.
LEAD_TABS: dict[str, Callable[[Any], Q]] = {
    "untaken": lambda user: Q(lead__state=LeadState.UNASSIGNED) & of_active(),
    "mine": lambda user: (
        Q(lead__state=LeadState.CLAIMED, lead__taken_by=user)
        | (Q(lead__state=LeadState.UNASSIGNED, lead__offered_to=user) & of_active())
    ),
    "offered": lambda user: Q(lead__state=LeadState.UNASSIGNED, lead__offered_to=user) & of_active(),
    "taken": lambda user: Q(lead__state=LeadState.CLAIMED),
    "all": lambda user: Q(),
}


def unassigned(user: Any) -> QuerySet[Lead]:
    """Return the unassigned leads."""
    return Lead.objects.filter(state=LeadState.UNASSIGNED).filter(of_active("activity__customer"))


def offered_to(user: Any) -> QuerySet[Lead]:
    """Return the unassigned leads that are offered to the user."""
    return unassigned(user).filter(offered_to=user)


def mutual_contacts(user: Any, lead: Activity) -> QuerySet[Activity]:
    """Return the completed contacts with the lead's customer, which include the first mutual one."""
    of_customer = Activity.objects.visible_to(user).filter(customer=lead.customer_id, customer__isnull=False)
    done = of_customer.filter(status=ActivityStatus.DONE, type__is_contact=True, start__lte=clock.now())
    return done.exclude(pk=lead.pk)
