"""Conditions of selections about care plans."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from careplans.following.models import CareStatus
from careplans.plans.selectors import cared_for
from core.conditions.fields import Asked
from core.conditions.kinds import yes_field
from customers.plugs import CustomerFilter

ABOUT: dict[str, Any] = {"subject": "customer", "section": _("Contact with the customer"), "order": 31}


def _overdue(asked: Asked) -> Q:
    return asked.q(pk__in=CareStatus.objects.overdue().values("customer"))


CUSTOMER_LIST_FILTERS = (
    CustomerFilter(
        "contact_overdue",
        _("Contact overdue by the care plan"),
        lambda customers: cared_for(customers, CareStatus.objects.overdue()),
    ),
)
CONDITION_FIELDS = (
    yes_field(name="contact_overdue", label=_("Contact overdue by the care plan"), yes=_overdue, **ABOUT),
)
