"""Commands of the palette that log an activity, of the open page or of a name, and those about an activity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext, gettext_lazy

from activities.log.models import Activity
from activities.log.selectors import may_log
from core.palette import STRONG, fold, rank
from core.permissions import allowed
from core.registry import SearchHit
from customers.models import Contact, Customer
from customers.page_commands import subject_near, subject_of_row
from customers.selectors.contacts import contacts_offered

#: The types that are logged most, with the words and the icon of their commands.
TYPES = {"call": (gettext_lazy("Log a call: %s"), "phone"), "visit": (gettext_lazy("Log a visit: %s"), "door-enter")}

#: The route of the pages of an activity, and whom they are about.
ACTIVITY = "activities/<int:pk>/"
activity_subject = subject_of_row(ACTIVITY, Activity, "customer")
#: How many contacts of the named customer are offered.
OF_CUSTOMER = 3


def _log_hit(code: str, subject: Customer | Contact, detail: str = "") -> SearchHit:
    label, icon = TYPES[code]
    about = "customer" if isinstance(subject, Customer) else "contact"
    url = reverse("activities:create", query={"type": code, about: subject.pk})
    return SearchHit(str(label) % subject, detail, url, icon, dialog=True)


def page_commands(user: Any, match: ResolverMatch) -> list[SearchHit]:
    """Return the commands that log something of the customer or contact of the open page, and those of an activity."""
    subject = subject_near(user, match)
    is_ended = subject is None or (isinstance(subject, Customer) and subject.is_passive)
    may = subject is not None and not is_ended and may_log(user)
    return [*_activity_commands(user, match), *([_log_hit(code, subject) for code in TYPES] if may and subject else [])]


def _activity_commands(user: Any, match: ResolverMatch) -> list[SearchHit]:
    if not match.route.startswith(ACTIVITY):
        return []
    activity = Activity.objects.visible_to(user).filter(pk=match.kwargs["pk"]).first()
    if activity is None or not allowed(user, "activities.edit_activity", activity):
        return []
    url = reverse("activities:change", args=[activity.pk])
    label = gettext("Change owner or participants: %s") % activity
    people = SearchHit(label, "", f"{url}#id_participants", "user-check")
    return [people, SearchHit(gettext("Edit: %s") % activity, "", url, "pencil")]


def log_named(code: str) -> Callable[[Any, str, int], list[SearchHit]]:
    """Return the function that offers to log an activity of the type with the customers and contacts of a name."""

    def find(user: Any, text: str, limit: int) -> list[SearchHit]:
        customers = Customer.objects.visible_to(user).active().select_related("municipality").best_for(text, limit)
        people = Contact.objects.visible_to(user).with_current(user)
        contacts = [*_at_named(user, text, customers, people), *people.best_for(text, limit)]
        named = sorted([*customers, *contacts], key=lambda row: -rank(fold(text), str(row)))
        hits = [_log_hit(code, row, _detail(row)) for row in named]
        return list({hit.url: hit for hit in hits}.values())[:limit]

    return find


def _at_named(user: Any, text: str, customers: Iterable[Customer], people: Any) -> list[Contact]:
    """Return contacts of the customer that has a name beginning with the text: those one would call."""
    first = next(iter(customers), None)
    if first is None or rank(fold(text), str(first)) < STRONG:
        return []
    return list(people.filter(pk__in=contacts_offered(user, first.pk).values("pk")).order_by("sort_key")[:OF_CUSTOMER])


def _detail(subject: Customer | Contact) -> str:
    if isinstance(subject, Customer):
        return str(subject.municipality or "")
    return " · ".join(position.customer.name for position in subject.current_positions)  # type: ignore[attr-defined]
