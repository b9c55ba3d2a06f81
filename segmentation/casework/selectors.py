"""Reads of segmentation work: which customers wait for a decision, of what kind, and what is shown of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from core import clock
from core.paging import COUNT_LIMIT
from customers.contact_search import exists_for_each
from customers.models import Customer, CustomerSummary
from customers.search import pick
from segmentation.casework.enums import WorkTab
from segmentation.casework.models import InquiryLine, Override
from segmentation.criteria.models import Evaluation
from segmentation.criteria.selectors import open_suggestions
from segmentation.criteria.tables import prepared
from segmentation.membership.models import Membership, Proposal
from segmentation.schemes.models import Scheme


def primary_scheme() -> Scheme | None:
    return Scheme.objects.primary().first()


def open_suggestions_of(scheme: Scheme) -> QuerySet[Evaluation]:
    """Return the suggestions of a scheme that nobody has followed, proposed or decided against."""
    rows: QuerySet[Evaluation] = open_suggestions(Evaluation.objects.filter(scheme=scheme))
    return rows


def heard_answers(scheme: Scheme) -> QuerySet[InquiryLine]:
    """Return the answers of former owners that name another segment than the customer's and wait for a decision."""
    held = Membership.objects.present().filter(customer=OuterRef("customer"), segment=OuterRef("segment"))
    return InquiryLine.objects.suggestions().filter(inquiry__scheme=scheme).exclude(exists_for_each(held))


def _one(rows: QuerySet[Any]) -> Q:
    return Q(Exists(rows.filter(customer=OuterRef("pk"))))


def _without(scheme: Scheme) -> QuerySet[CustomerSummary]:
    active = CustomerSummary.objects.filter(customer__state="active")
    if scheme.is_primary:
        return active.filter(segment__isnull=True)
    held = Membership.objects.present().filter(scheme=scheme, customer=OuterRef("customer"))
    return active.exclude(Exists(held))


def _long(scheme: Scheme) -> QuerySet[Membership]:
    return Membership.objects.filter(scheme=scheme).too_long(clock.now())


#: The rows that make their ``customer`` work of a kind.
WORK: dict[str, Callable[[Scheme], QuerySet[Any]]] = {
    WorkTab.DIFFERS: open_suggestions_of,
    WorkTab.WITHOUT: _without,
    WorkTab.LONG: _long,
    WorkTab.PROPOSED: lambda scheme: Proposal.objects.open().filter(scheme=scheme),
    WorkTab.HEARD: heard_answers,
    WorkTab.MISSING: lambda scheme: Evaluation.objects.filter(scheme=scheme).too_little(),
}


def work_of(customers: Any, tab: str, scheme: Scheme | None) -> Any:
    """Return those of the customers that are work of this kind."""
    return customers.filter(_one(WORK[tab](scheme))) if scheme else customers.none()


def listed_work(customers: Any, tab: str, scheme: Scheme | None) -> Any:
    """Return the same for a list: up to as many as it counts begin with their ids, of more each customer is asked."""
    if scheme is None:
        return customers.none()
    rows = WORK[tab](scheme).order_by()
    picked = pick(customers, rows.values("customer"), COUNT_LIMIT)[1]
    return customers.filter(exists_for_each(rows.filter(customer=OuterRef("pk")))) if picked is None else picked


def own_work(user: Any, tab: str) -> Any:
    """Return the user's own customers that are work of this kind in the primary scheme."""
    return work_of(Customer.objects.visible_to(user).active().owned_by(user), tab, primary_scheme())


def own_suggestions(user: Any) -> Any:
    """Return the user's own customers with an open suggestion in the primary scheme; making it costs no query."""
    primary = Scheme.objects.primary().values("pk")[:1]
    rows = open_suggestions(Evaluation.objects.filter(scheme_id=Subquery(primary)))
    return Customer.objects.visible_to(user).active().owned_by(user).filter(_one(rows))


def with_work(customers: Sequence[Any], scheme: Scheme | None) -> list[Any]:
    """Give the customers of a page what the list shows of them, in a constant number of queries."""
    ids = [customer.pk for customer in customers]
    about = {"scheme": scheme, "customer__in": ids}
    members = {row.customer_id: row for row in _members(about)}
    given = {row.customer_id: row for row in prepared(list(_evaluations(about)))}
    refused = dict(Override.objects.in_force().filter(**about).values_list("customer", "suggested"))
    proposals = Proposal.objects.open().filter(**about).select_related("segment", "proposed_by")
    proposed = {row.customer_id: row for row in proposals}
    heard = {row.customer_id: row for row in _heard(scheme, ids)}
    for customer in customers:
        pk = customer.pk
        customer.work_member = members.get(pk)
        customer.work_given = _shown(given.get(pk), refused.get(pk))
        customer.work_proposal, customer.work_heard = proposed.get(pk), heard.get(pk)
    return list(customers)


def _members(about: Any) -> Any:
    return Membership.objects.present().filter(**about).select_related("segment")


def _evaluations(about: Any) -> Any:
    return Evaluation.objects.filter(**about).select_related("segment", "criteria")


def _heard(scheme: Scheme | None, ids: list[int]) -> Any:
    if scheme is None:
        return []
    return heard_answers(scheme).filter(customer__in=ids).select_related("segment", "inquiry__asked").order_by("pk")


def _shown(given: Any, refused: Any) -> Any:
    """Return a suggestion as the list shows it; ``is_refused``: somebody has decided against it."""
    if given is not None:
        given.is_refused = refused is not None and given.segment_id == refused
    return given


def with_members(lines: Any, scheme: Scheme) -> list[Any]:
    """Give lines about customers the segment that each customer is in now, in one query."""
    rows = list(lines)
    held = _members({"scheme": scheme, "customer__in": [row.customer_id for row in rows]})
    members = {row.customer_id: row.segment for row in held}
    for row in rows:
        row.member = members.get(row.customer_id)
    return rows
