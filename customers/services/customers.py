"""Services that add and change customers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.services import versioned_save
from customers.enums import ResponsibilityRole
from customers.models import ClassificationBranch, ClassificationNode, Customer, Responsibility
from customers.services.assignments import classifications_set
from customers.services.responsibilities import check_person
from customers.services.summaries import summaries_refresh
from customers.validators import check_customer_active

#: Changes of parents take turns: two at once could form a loop that neither detects.
_PARENT_LOCK = 0x706F7274


@transaction.atomic
def customer_create(
    *, customer: Customer, user: Any, owner: Any = None, nodes: Iterable[ClassificationNode] = ()
) -> Customer:
    """Save a new customer with its owner from today and its classes; required branches must be among ``nodes``.

    ``user`` None means the program itself (an import), which may assign every class and omit required ones.
    Raises ``ValidationError`` for the fields and :class:`BusinessRuleError`: ``parent_passive``, ``user_inactive``,
    those of :func:`classifications_set`.
    """
    _check_parent(customer)
    if owner is not None:
        check_person(owner, field="owner")
    customer.full_clean()
    customer.save()
    if owner is not None:
        Responsibility.objects.create(customer=customer, user=owner, role=ResponsibilityRole.OWNER, start=clock.today())
    _classify(customer, list(nodes), user)
    summaries_refresh([customer.pk])
    return customer


@transaction.atomic
def customer_change(*, customer: Customer) -> Customer:
    """Save a changed customer with the next version and refresh its summary.

    The caller has locked the row and compared the versions. Raises ``ValidationError`` for the fields and
    :class:`BusinessRuleError`: ``customer_passive``; at ``parent``: ``parent_loop``, ``parent_passive``.
    """
    check_customer_active(customer)
    before = Customer.objects.values_list("parent", flat=True).get(pk=customer.pk)
    if customer.parent_id != before:
        _check_parent(customer)
    customer.full_clean()
    versioned_save(customer)
    summaries_refresh([customer.pk])
    return customer


def _classify(customer: Customer, nodes: list[ClassificationNode], user: Any) -> None:
    branches = {node.branch for node in nodes}
    if user is not None:
        branches |= set(ClassificationBranch.objects.filter(is_required=True).exclude(target="contacts"))
    for branch in sorted(branches, key=lambda branch: branch.order):
        chosen = [node for node in nodes if node.branch_id == branch.pk]
        classifications_set(target=customer, branch=branch, nodes=chosen, user=user)


def _check_parent(customer: Customer) -> None:
    if customer.parent is None:
        return
    if customer.parent.is_passive:
        raise BusinessRuleError("parent_passive", _("The parent organisation is inactive."), field="parent")
    if customer.pk and _is_above(customer.pk, customer.parent.pk):
        message = _("%(parent)s already belongs to %(customer)s: a group of companies cannot form a loop.")
        names = {"parent": customer.parent, "customer": customer}
        raise BusinessRuleError("parent_loop", message % names, field="parent")


def _is_above(customer_id: int, other_id: int) -> bool:
    """Return whether the customer is ``other`` itself or one of its ancestors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PARENT_LOCK])
        cursor.execute(
            "WITH RECURSIVE above(id, parent_id) AS ("
            " SELECT id, parent_id FROM customers_customer WHERE id = %s"
            " UNION SELECT c.id, c.parent_id FROM customers_customer c JOIN above a ON c.id = a.parent_id"
            ") SELECT EXISTS (SELECT 1 FROM above WHERE id = %s)",
            [other_id, customer_id],
        )
        [is_above] = cursor.fetchone()
    return bool(is_above)
