"""Commands of the palette that log an activity: of the customer or contact of the open page, or of a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext_lazy

from activities.log.selectors import may_log
from core.registry import SearchHit
from customers.models import Contact, Customer
from customers.page_commands import subject_of

#: The types that are logged most, with the words and the icon of their commands.
TYPES = {"call": (gettext_lazy("Log a call: %s"), "phone"), "visit": (gettext_lazy("Log a visit: %s"), "door-enter")}


def _log_hit(code: str, subject: Customer | Contact, detail: str = "") -> SearchHit:
    label, icon = TYPES[code]
    about = "customer" if isinstance(subject, Customer) else "contact"
    url = reverse("activities:create", query={"type": code, about: subject.pk})
    return SearchHit(str(label) % subject, detail, url, icon, dialog=True)


def page_commands(user: Any, match: ResolverMatch) -> list[SearchHit]:
    """Return the commands that log something of the customer or contact of the open page."""
    subject = subject_of(user, match)
    is_ended = subject is None or (isinstance(subject, Customer) and subject.is_passive)
    return [] if subject is None or is_ended or not may_log(user) else [_log_hit(code, subject) for code in TYPES]


def log_named(code: str) -> Callable[[Any, str, int], list[SearchHit]]:
    """Return the function that offers to log an activity of the type with the customers that a text names."""

    def find(user: Any, text: str, limit: int) -> list[SearchHit]:
        customers = Customer.objects.visible_to(user).active().select_related("municipality").best_for(text, limit)
        return [_log_hit(code, customer, str(customer.municipality or "")) for customer in customers]

    return find
