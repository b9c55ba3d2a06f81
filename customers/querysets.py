from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.lookups import Exact
from treebeard.mp_tree import MP_NodeManager, MP_NodeQuerySet

from core import clock
from core.paging import keyset_page
from customers import contact_search, search

if TYPE_CHECKING:
    from customers.models import Contact, Customer, Position, Responsibility  # noqa: F401


def of_active(customer: str = "customer") -> models.Q:
    """Return the condition that ``customer`` is active or not set: work of passive customers is paused (rule 2)."""
    return models.Q(**{f"{customer}__isnull": True}) | models.Q(**{f"{customer}__state": "active"})


def active_for_each() -> models.Q:
    """Return the condition that the ``customer`` of a row is active, looked at row by row.

    As a join, PostgreSQL may read all customers to find the few rows of a page. It takes an equation for rare and a
    negation for frequent, as active customers are.
    """
    from customers.models import Customer

    states = Customer.objects.filter(pk=models.OuterRef("customer")).values("state")[:1]
    return ~models.Q(Exact(models.Subquery(states), models.Value("passive")))


class CustomerQuerySet(models.QuerySet["Customer"]):
    #: What is true of its rows that have a value of a sort path: ``OR … IS NULL`` hides it from the planner.
    bounds: dict[str, models.Q] = {}

    def _clone(self) -> CustomerQuerySet:
        clone = super()._clone()  # type: ignore[misc]
        clone.bounds = self.bounds
        return clone  # type: ignore[no-any-return]

    def not_contacted_since(self, time: dt.datetime) -> CustomerQuerySet:
        """Return the customers without a contact since ``time``."""
        before = models.Q(summary__last_contact_at__lt=time)
        customers = self.filter(before | models.Q(summary__last_contact_at__isnull=True))
        customers.bounds = {**self.bounds, "summary__last_contact_at": before}
        return customers

    def waiting_for_contact(self, user: Any) -> CustomerQuerySet:
        """Return the user's own active customers without a contact in their segment's time, and with none planned.

        The time is ``Segment.contact_days``; customers of a segment without one never wait. The query set
        costs one query when it is made.
        """
        summary: Any = self.model._meta.get_field("summary").related_model
        segments: Any = summary._meta.get_field("segment").related_model
        late, now = models.Q(pk__in=[]), clock.now()
        for segment, days in segments.objects.filter(contact_days__isnull=False).values_list("pk", "contact_days"):
            before = models.Q(summary__last_contact_at__lt=now - dt.timedelta(days=days))
            late |= models.Q(summary__segment=segment) & (before | models.Q(summary__last_contact_at__isnull=True))
        return self.active().filter(late, summary__owner=user, summary__next_contact_at__isnull=True)

    def active(self) -> CustomerQuerySet:
        return self.filter(state="active")

    def passive(self) -> CustomerQuerySet:
        return self.filter(state="passive")

    def visible_to(self, user: Any) -> CustomerQuerySet:
        """Return all active customers (rule 20), and passive ones for users who manage them (rule 2)."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("customers.manage_passive") else self.active()

    def owned_by(self, user: Any) -> CustomerQuerySet:
        return self.filter(summary__owner=user)

    def editable_by(self, user: Any) -> CustomerQuerySet:
        """Return the customers for which the user passes the rule ``customers.edit_customer``."""
        customers = self.visible_to(user).active()
        if user.has_perm("customers.change_any_customer"):
            return customers
        if not user.has_perm("customers.change_own_customer"):
            return self.none()
        return customers.filter(responsibilities__in=self._responsibilities().current().filter(user=user)).distinct()

    def _responsibilities(self) -> ResponsibilityQuerySet:
        related: Any = self.model._meta.get_field("responsibilities").related_model
        responsibilities: ResponsibilityQuerySet = related.objects.all()
        return responsibilities

    def with_summary(self) -> CustomerQuerySet:
        """Join the related rows shown in lists and page heads: owner, classes, municipality."""
        summary = (f"summary__{name}" for name in ("owner", "group", "segment", "industry", "size"))
        return self.select_related("municipality", *summary)

    def search(self, text: str) -> CustomerQuerySet:
        """Return the customers that match ``text`` (see :mod:`customers.search`). Queries the database."""
        return search.find(self, text)

    def best_for(self, text: str, limit: int) -> CustomerQuerySet:
        """Return at most ``limit`` customers that match ``text``, the best first."""
        return search.best(self, text, limit)


class ResponsibilityQuerySet(models.QuerySet["Responsibility"]):
    def current(self, day: dt.date | None = None) -> ResponsibilityQuerySet:
        """Return the responsibilities in force on ``day`` (default: today)."""
        day = day or clock.today()
        return self.filter(models.Q(end__isnull=True) | models.Q(end__gte=day), start__lte=day)


class PositionQuerySet(models.QuerySet["Position"]):
    def current(self) -> PositionQuerySet:
        return self.filter(models.Q(end__isnull=True) | models.Q(end__gte=clock.today()))

    def visible_to(self, user: Any) -> PositionQuerySet:
        """Return the positions at customers that the user can see."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("customers.manage_passive") else self.filter(customer__state="active")


class ContactQuerySet(models.QuerySet["Contact"]):
    #: By sort path: conditions on the rows of consecutive ranges of its values (see :mod:`customers.contact_search`).
    segments: dict[str, list[models.Q]] = {}

    def _clone(self) -> ContactQuerySet:
        clone = super()._clone()  # type: ignore[misc]
        clone.segments = self.segments
        return clone  # type: ignore[no-any-return]

    def visible_to(self, user: Any) -> ContactQuerySet:
        """Return the contacts of active customers, and hidden ones for users who manage passive customers."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("customers.manage_passive") else self.filter(is_hidden=False)

    def search(self, text: str) -> ContactQuerySet:
        """Return the contacts that match ``text`` (see :mod:`customers.contact_search`). Queries the database."""
        return contact_search.find(self, text)

    def best_for(self, text: str, limit: int) -> list[Contact]:
        """Return at most ``limit`` contacts that match ``text``, those with it in the name first."""
        return contact_search.best(self, text, limit)

    def first_by_name(self, limit: int) -> list[Contact]:
        """Return the first contacts in the list by name; of a search, in its segments."""
        return keyset_page(self, "sort_key", size=limit).rows

    def with_current(self, user: Any, only: Sequence[str] = ()) -> ContactQuerySet:
        """Prefetch points and ``current_positions`` at customers that the user can see, in two queries.

        Where ``only`` is given, no other fields of the positions are read.
        """
        related: Any = self.model._meta.get_field("positions").related_model
        positions = related.objects.current().visible_to(user).select_related("customer", "role")
        positions = positions.order_by("customer__sort_key", "pk")
        positions = positions.only("contact", *only) if only else positions
        return self.prefetch_related("points", models.Prefetch("positions", positions, to_attr="current_positions"))


class ClassificationNodeQuerySet(MP_NodeQuerySet):
    def in_use(self) -> ClassificationNodeQuerySet:
        return self.filter(retired_at__isnull=True)  # type: ignore[no-any-return]

    def visible_to(self, user: Any) -> ClassificationNodeQuerySet:
        return self if user.is_authenticated and user.is_active else self.none()

    def in_subtree(self, node: Any) -> ClassificationNodeQuerySet:
        """Return the node and all nodes below it."""
        return self.filter(path__startswith=node.path)  # type: ignore[no-any-return]


class ClassificationNodeManager(MP_NodeManager.from_queryset(ClassificationNodeQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ClassificationNodeQuerySet:
        return ClassificationNodeQuerySet(self.model, using=self._db).order_by("path")  # type: ignore[no-any-return]
