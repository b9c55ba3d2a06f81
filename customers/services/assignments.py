"""Assignment of classes to customers and contacts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError
from core.metrics import customers_touched
from core.services import lock
from customers.enums import BranchTarget
from customers.models import (
    ClassificationBranch,
    ClassificationNode,
    Contact,
    ContactClassification,
    Customer,
    CustomerClassification,
)
from customers.services.summaries import summaries_refresh
from customers.validators import check_customer_active


@transaction.atomic
def classifications_set(
    *, target: Customer | Contact, branch: ClassificationBranch, nodes: Iterable[ClassificationNode], user: Any
) -> None:
    """Set the classes of ``target`` in ``branch`` to ``nodes`` and refresh a customer's summary.

    ``user`` None means the program itself, which may assign every class. Raises :class:`BusinessRuleError` at the
    branch's code: ``wrong_target`` (rule 11), ``customer_passive`` (rule 2), ``other_branch``, ``one_only``,
    ``required``, ``retired``, ``gone``, ``not_assigner``.
    """
    target, branch = lock(target), _lock_branch(branch)
    _check_target(target, branch)
    assignments = list(target.classifications.filter(node__branch=branch).select_related("node__branch"))
    wanted, existing = _reread_nodes(branch, nodes), {assignment.node_id: assignment.node for assignment in assignments}
    added = [node for pk, node in wanted.items() if pk not in existing]
    removed = [node for pk, node in existing.items() if pk not in wanted]
    if added or removed or branch.is_required:
        _check_choice(branch, wanted.values(), added)
    if not added and not removed:
        return
    _check_assigner(branch, added + removed, user)
    target.classifications.filter(node__in=removed).delete()
    _assign(target, added, user)
    if isinstance(target, Contact):  # what its customers' plans ask of the roles of contacts
        customers_touched(target.positions.order_by().values_list("customer", flat=True).distinct())
    elif branch.purpose:  # lists show no other class
        summaries_refresh([target.pk])


def _lock_branch(branch: ClassificationBranch) -> ClassificationBranch:
    """Lock the branch, so that none of its classes is merged or deleted meanwhile."""
    return ClassificationBranch.objects.select_for_update(no_key=True).get(pk=branch.pk)


def _reread_nodes(branch: ClassificationBranch, nodes: Iterable[ClassificationNode]) -> dict[int, ClassificationNode]:
    ids = {node.pk for node in nodes}
    reread = ClassificationNode.objects.select_related("branch").in_bulk(ids)
    if ids - reread.keys():
        message = _("A class that you chose has just been merged or deleted. Choose again.")
        raise BusinessRuleError("gone", message, field=branch.code)
    return reread


def _assign(target: Customer | Contact, nodes: list[ClassificationNode], user: Any) -> None:
    if isinstance(target, Customer):
        CustomerClassification.objects.bulk_create(
            CustomerClassification(customer=target, node=node, assigned_by=user) for node in nodes
        )
    else:
        ContactClassification.objects.bulk_create(
            ContactClassification(contact=target, node=node, assigned_by=user) for node in nodes
        )


def _check_target(target: Customer | Contact, branch: ClassificationBranch) -> None:
    is_customer = isinstance(target, Customer)
    if branch.target == (BranchTarget.CONTACTS if is_customer else BranchTarget.CUSTOMERS):
        text = _("“%(branch)s” is for contacts only.") if is_customer else _("“%(branch)s” is for customers only.")
        raise BusinessRuleError("wrong_target", text % {"branch": branch}, field=branch.code)
    if isinstance(target, Customer):
        check_customer_active(target, field=branch.code)


def _check_choice(
    branch: ClassificationBranch, wanted: Iterable[ClassificationNode], added: list[ClassificationNode]
) -> None:
    wanted = list(wanted)
    if any(node.branch_id != branch.pk for node in wanted):
        raise BusinessRuleError("other_branch", _("The class is in another branch."), field=branch.code)
    if len(wanted) > 1 and not branch.is_multiple:
        message = _("Only one class of “%(branch)s” can be chosen.") % {"branch": branch}
        raise BusinessRuleError("one_only", message, field=branch.code)
    if branch.is_required and not wanted:
        message = _("Choose at least one class of “%(branch)s”.") % {"branch": branch}
        raise BusinessRuleError("required", message, field=branch.code)
    for node in added:
        if node.is_retired:
            message = _("The class “%(node)s” is retired.") % {"node": node}
            raise BusinessRuleError("retired", message, field=branch.code)


def _check_assigner(branch: ClassificationBranch, nodes: list[ClassificationNode], user: Any) -> None:
    """Raise ``not_assigner`` if ``user`` may not assign one of the classes."""
    if user is None:
        return
    free = {node.pk for node in assignable(nodes, user)}
    for node in nodes:
        if node.pk not in free:
            message = _("Your group may not assign the class “%(node)s”.") % {"node": node}
            raise BusinessRuleError("not_assigner", message, field=branch.code)


def assignable(nodes: Iterable[ClassificationNode], user: Any) -> list[ClassificationNode]:
    """Return the ``nodes`` that the groups of ``user`` may assign: the node's assigners, else the branch's.

    Makes three queries for any number of nodes with their branch loaded.
    """
    nodes = list(nodes)
    if user.is_superuser:
        return nodes
    prefetch_related_objects(nodes, "assigners", "branch__assigners")
    own = set(user.groups.all())
    assigners = {node: set(node.assigners.all() or node.branch.assigners.all()) for node in nodes}
    return [node for node in nodes if not assigners[node] or assigners[node] & own]
