"""Queries of contacts: possible duplicates, consents, positions, a customer's decision structure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q, QuerySet, Value
from django.utils.translation import gettext as _

from core.fields import Fold
from customers.enums import CONSENT_CHANNELS, Channel, ContactPointKind
from customers.models import ClassificationNode, Consent, Contact, ContactPoint, Customer, Position
from customers.querysets import PositionQuerySet

LIKENESS = 0.55
MATCHES = 6


@dataclass(frozen=True)
class Match:
    """A contact that is probably the person about to be added, and the reason."""

    contact: Any
    reason: str

    @property
    def employers(self) -> list[int]:
        """The ids of the contact's current customers."""
        return [position.customer_id for position in self.contact.current_positions]


def possible_duplicates(
    user: Any, *, name: str = "", points: Iterable[tuple[str, str]] = (), limit: int = MATCHES
) -> list[Match]:
    """Return visible contacts with one of the (kind, value) points, then with a similar name, in six queries."""
    contacts = Contact.objects.visible_to(user).with_current(user)
    any_point = Q(pk__in=[])
    for kind, value in points:
        any_point |= Q(kind=kind, value=value)
    same = dict(ContactPoint.objects.filter(any_point).values_list("contact", "kind"))
    reasons = {ContactPointKind.EMAIL: _("same e-mail"), ContactPointKind.PHONE: _("same phone")}
    matches = [
        Match(contact, reasons[ContactPointKind(same[contact.pk])]) for contact in contacts.filter(pk__in=same)[:limit]
    ]
    if len(name.strip()) > 2:
        like = _like_name(contacts.exclude(pk__in=same), name)[: limit - len(matches)]
        matches += [Match(contact, _("similar name")) for contact in like]
    return matches


def _like_name(contacts: QuerySet[Contact], name: str) -> QuerySet[Contact]:
    likeness = TrigramSimilarity("search_text", Fold(Value(name)))  # type: ignore[arg-type]
    near = contacts.filter(search_text__trigram_similar=Fold(Value(name))).annotate(likeness=likeness)
    return near.filter(likeness__gte=LIKENESS).order_by("-likeness", "pk")


def consents_in_force(contact: Contact) -> list[tuple[Channel, Consent | None]]:
    """Return each consent channel with its newest answer, in one query."""
    newest = contact.consents.order_by("channel", "-given_on", "-pk").distinct("channel")
    by_channel = {consent.channel: consent for consent in newest.select_related("recorded_by")}
    return [(channel, by_channel.get(channel)) for channel in CONSENT_CHANNELS]


def positions_of(contact: Contact, user: Any) -> PositionQuerySet:
    """Return the contact's positions that the user can see, current ones first, then the latest."""
    positions = contact.positions.visible_to(user).select_related("customer", "role__branch")
    return positions.order_by("-end", "-start", "-pk")


@dataclass(frozen=True)
class RoleGroup:
    """The positions with one role in a customer's decisions (None: unknown)."""

    role: ClassificationNode | None
    positions: list[Position]


def _by_role(position: Position) -> tuple[bool, str, str]:
    return position.role is None, position.role.path if position.role else "", position.contact.sort_key


def decision_structure(customer: Customer) -> list[RoleGroup]:
    """Return the customer's current positions by role in tree order; positions without a role come last."""
    positions = customer.positions.current().select_related("contact", "role").prefetch_related("contact__points")
    groups: dict[int | None, RoleGroup] = {}
    for position in sorted(positions, key=_by_role):
        groups.setdefault(position.role_id, RoleGroup(position.role, [])).positions.append(position)
    return list(groups.values())


def first_contact_id(user: Any, customer: Customer | None) -> int | None:
    """Return the visible contact who alone comes first in the customer's decision structure."""
    groups = decision_structure(customer) if customer else []
    first = groups[0].positions if groups else []
    visible = Contact.objects.visible_to(user).filter(pk__in=[position.contact_id for position in first])
    return visible.values_list("pk", flat=True).first() if len(first) == 1 else None


def contacts_offered(user: Any, customer_id: int | None) -> QuerySet[Contact]:
    """Return the customer's current contacts that the user can see."""
    if customer_id is None:
        return Contact.objects.none()
    at_work = Position.objects.current().filter(customer=customer_id).values("contact")
    return Contact.objects.visible_to(user).filter(pk__in=at_work).order_by("sort_key")
