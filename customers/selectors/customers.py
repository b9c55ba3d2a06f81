"""Queries of customers: the rows of lists, the responsible user, and possible duplicates (domain.md §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Value
from django.utils.translation import gettext as _

from accounts.models import User
from core.fields import NameKey
from core.phones import clean_phone
from customers.enums import ResponsibilityRole
from customers.models import ContactPoint, Customer, CustomerSearch, Position, Responsibility
from customers.validators import clean_business_id


def with_related(customers: Sequence[Customer], only: Sequence[str] = (), user: Any = None) -> list[Customer]:
    """Return the rows of a page in the same order with their related rows, in one query.

    Where ``only`` is given, no other fields and no tables beside theirs are read. ``is_own`` says whether ``user``, if
    given, is responsible for the customer today. The filtered and sorted query keeps
    few tables, because PostgreSQL optimises the order of at most eight joins.
    """
    rows = Customer.objects.with_summary()
    if only:
        tables = {path.rpartition("__")[0] for path in only if "__" in path}
        bare = rows.select_related(None).only(*only)
        rows = bare.select_related(*tables) if tables else bare
    if user is not None:
        own = Responsibility.objects.current().filter(user=user, customer=OuterRef("pk"))
        rows = rows.annotate(is_own=Exists(own))
    related = rows.in_bulk([customer.pk for customer in customers])
    return [related[customer.pk] for customer in customers if customer.pk in related]


def person_for(customer: Customer | None) -> User | None:
    """Return the active user responsible for the customer today: its owner, else a deputy."""
    responsibilities = (
        Responsibility.objects.current().filter(customer=customer, user__is_active=True).select_related("user")
    )
    by_role = {responsibility.role: responsibility.user for responsibility in responsibilities.order_by("-pk")}
    return by_role.get(ResponsibilityRole.OWNER) or by_role.get(ResponsibilityRole.DEPUTY)


#: Domains of public e-mail services do not identify an organisation.
PUBLIC_DOMAINS = frozenset(
    (
        *("gmail.com", "outlook.com", "hotmail.com", "hotmail.fi", "live.com", "live.fi", "yahoo.com", "icloud.com"),
        *("luukku.com", "suomi24.fi", "kolumbus.fi", "elisanet.fi", "pp.inet.fi", "saunalahti.fi", "me.com"),
    )
)
ALIKE = 0.6
LIMIT = 5


@dataclass(frozen=True)
class Candidate:
    """A possible duplicate with the reason; certain if it has the same business ID."""

    customer: Customer
    reason: str
    is_certain: bool = False


def candidates(
    user: Any, *, name: str = "", business_id: str = "", phone: str = "", email: str = ""
) -> list[Candidate]:
    """Return possible duplicates that ``user`` can see, the most certain first."""
    customers = Customer.objects.visible_to(user).select_related("municipality", "summary__owner")
    matches = [
        *_with_business_id(customers, business_id),
        *_with_name(customers, name),
        *_with_phone(customers, phone),
        *_with_email(customers, email),
    ]
    once: dict[int, Candidate] = {}
    for candidate in matches:
        once.setdefault(candidate.customer.pk, candidate)
    return list(once.values())


def _with_business_id(customers: Any, text: str) -> list[Candidate]:
    number = _complete(clean_business_id, text)
    found = customers.filter(business_id=number) if number else []
    return [Candidate(customer, _("the same business ID"), is_certain=True) for customer in found]


def _with_name(customers: Any, name: str) -> list[Candidate]:
    name = " ".join(name.replace("\x00", " ").split())[:200]
    if len(name) < 3:
        return []
    same = list(customers.filter(name_key=NameKey(Value(name))).order_by("pk")[:LIMIT])
    likeness = TrigramSimilarity("name_key", NameKey(Value(name)))  # type: ignore[arg-type]
    near = customers.filter(pk__in=[customer.pk for customer in customers.best_for(name, 20)])
    alike = near.annotate(alike=likeness).filter(alike__gte=ALIKE).order_by("-alike")[:LIMIT]
    return [
        *(Candidate(customer, _("the same name")) for customer in same),
        *(Candidate(customer, _("a similar name")) for customer in alike),
    ]


def _with_phone(customers: Any, text: str) -> list[Candidate]:
    number = _complete(clean_phone, text)
    if not number:
        return []
    found = customers.filter(phone=number)[:LIMIT]
    return [Candidate(customer, _("the same phone number")) for customer in [*found, *_of_contacts(customers, number)]]


def _with_email(customers: Any, text: str) -> list[Candidate]:
    text = text.replace("\x00", "").strip().lower()
    domain = text.rpartition("@")[2] if "@" in text else ""
    if "." not in domain:
        return []
    if domain in PUBLIC_DOMAINS:
        found = list(customers.filter(email__iexact=text)[:LIMIT])
        return [Candidate(customer, _("the same e-mail")) for customer in [*found, *_of_contacts(customers, text)]]
    ids = CustomerSearch.objects.filter(text__contains=f"@{domain}").values("customer")
    found = customers.filter(pk__in=ids[:50])[:LIMIT]
    return [Candidate(customer, _("e-mail of the same organisation")) for customer in found]


def _of_contacts(customers: Any, value: str) -> list[Customer]:
    points = ContactPoint.objects.filter(value=value).values("contact")
    employers = customers.filter(pk__in=Position.objects.current().filter(contact__in=points).values("customer"))
    return list(employers[:LIMIT])


def _complete(cleaner: Any, text: str) -> str:
    """Return the text in its stored form, or an empty string while it is incomplete."""
    try:
        return str(cleaner(text.replace("\x00", ""))) if text.strip() else ""
    except ValidationError:
        return ""
