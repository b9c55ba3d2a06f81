"""Services of the classification tree and its branches.

A node in use is never deleted. All branches share one path space (treebeard moves rewrite paths), so each change locks
all branches first: two administrators take turns, and an assignment never points at a path that is being rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.exceptions import BusinessRuleError
from core.metrics import customers_touched
from core.trees import TreeService, code_of
from customers.enums import BranchTarget
from customers.models import (
    ClassificationBranch,
    ClassificationNode,
    ContactClassification,
    CustomerClassification,
    Position,
)
from customers.selectors.classification import subtree_uses
from customers.services.summaries import summaries_refresh

BRANCH_FIELDS = frozenset({"name_fi", "name_en", "target", "is_multiple", "is_required", "order"})


class ClassTree(TreeService[ClassificationNode]):
    """The tree of classes. Its parts are the branches, which share one path space, so ``hold`` locks all of them."""

    model = ClassificationNode
    fields = frozenset("name_fi name_en short_fi short_en description lower upper".split())  # noqa: SIM905
    max_depth = 6
    code_if_nameless = "class"
    below_itself = gettext_lazy("A class cannot be moved below itself.")
    parent_retired = gettext_lazy("The class above is retired. Restore it first.")
    name_taken = gettext_lazy("There is already a class “%(name)s” here.")
    code_taken = gettext_lazy("Another class of this branch has this code.")
    same_node = gettext_lazy("Choose another class to merge into.")
    merge_below_itself = gettext_lazy("A class cannot be merged into one below it.")
    retired = gettext_lazy("The class is retired. Restore it first.")

    def hold(self) -> None:
        list(ClassificationBranch.objects.select_for_update().order_by("pk").values_list("pk"))

    def current(self, node: ClassificationNode) -> ClassificationNode:
        return ClassificationNode.objects.select_related("branch").get(pk=node.pk)

    def part(self, node: ClassificationNode) -> Any:
        return ClassificationNode.objects.filter(branch=node.branch_id)

    def check_part(self, node: ClassificationNode, other: ClassificationNode, *, field: str) -> None:
        if node.branch_id != other.branch_id:
            raise BusinessRuleError("other_branch", _("The class is in another branch."), field=field)

    def check_fields(self, node: ClassificationNode, parent: ClassificationNode | None) -> None:
        super().check_fields(node, parent)
        if node.lower is not None and node.upper is not None and node.upper < node.lower:
            raise BusinessRuleError("range", _("The upper limit is below the lower limit."), field="upper")

    def check_unused(self, node: ClassificationNode) -> None:
        """Raise ``in_use`` with the counts of customers, contacts and positions."""
        uses = subtree_uses(node)
        if uses.total:
            message = _(
                "This class is in use and cannot be deleted: customers %(customers)d, inactive customers %(inactive)d, "
                "contacts %(contacts)d, positions %(positions)d. Retire it, or merge it into another class."
            )
            raise BusinessRuleError("in_use", message % vars(uses))

    @transaction.atomic
    def add(self, *, assigners: Iterable[Group] = (), **fields: Any) -> ClassificationNode:
        node = super().add(**fields)
        node.assigners.set(assigners)
        return node

    @transaction.atomic
    def change(
        self, node: ClassificationNode, *, assigners: Iterable[Group] | None = None, **fields: Any
    ) -> ClassificationNode:
        node = super().change(node, **fields)
        if assigners is not None:
            node.assigners.set(assigners)
        return node

    @transaction.atomic
    def merge(self, node: ClassificationNode, into: ClassificationNode) -> ClassificationNode:
        """Merge a class into another one and refresh the customers that had it."""
        self.hold()
        customers = list(CustomerClassification.objects.filter(node=node).values_list("customer_id", flat=True))
        _contacts_touched(node)
        into = super().merge(node, into)
        summaries_refresh(customers)
        return into

    @transaction.atomic
    def move(
        self, node: ClassificationNode, parent: ClassificationNode | None, *, field: str = "parent"
    ) -> ClassificationNode:
        """Move a class; what is asked of contacts with a class above it is asked of other ones now."""
        moved = super().move(node, parent, field=field)
        _contacts_touched(moved)
        return moved


def _contacts_touched(node: ClassificationNode) -> None:
    """Note the customers of the contacts that have a class or one below it: their plans may ask for its role."""
    nodes = ClassificationNode.objects.in_subtree(node)
    positions = Position.objects.filter(contact__classifications__node__in=nodes)
    customers_touched(positions.order_by().values_list("customer", flat=True).distinct())


CLASSES = ClassTree()


@transaction.atomic
def branch_add(*, code: str = "", assigners: Iterable[Group] = (), **fields: Any) -> ClassificationBranch:
    """Add a branch. Raises :class:`BusinessRuleError` ``code_taken`` at ``code``."""
    CLASSES.hold()
    code = code or code_of(fields["name_en"], CLASSES.code_if_nameless)
    if ClassificationBranch.objects.filter(code=code).exists():
        raise BusinessRuleError("code_taken", _("Another branch has this code."), field="code")
    branch = ClassificationBranch.objects.create(code=code, **fields)
    branch.assigners.set(assigners)
    return branch


@transaction.atomic
def branch_change(
    *, branch: ClassificationBranch, assigners: Iterable[Group] | None = None, **fields: Any
) -> ClassificationBranch:
    """Change a branch's names and rules; existing assignments must fit the new rules.

    Raises :class:`BusinessRuleError`: ``purpose_fixed`` or ``in_use`` at ``target``, ``many_held`` at ``is_multiple``.
    """
    CLASSES.hold()
    branch.refresh_from_db()
    _check_target(branch, fields.get("target", branch.target))
    if branch.is_multiple and not fields.get("is_multiple", True):
        _check_single(branch)
    for name in BRANCH_FIELDS & fields.keys():
        setattr(branch, name, fields[name])
    branch.save()
    if assigners is not None:
        branch.assigners.set(assigners)
    return branch


@transaction.atomic
def branch_delete(*, branch: ClassificationBranch) -> None:
    """Delete an empty branch. Raises :class:`BusinessRuleError`: ``purpose_fixed``, ``in_use``."""
    CLASSES.hold()
    if branch.purpose:
        raise BusinessRuleError("purpose_fixed", _("The system needs this branch, so it cannot be deleted."))
    if branch.nodes.exists():
        raise BusinessRuleError("in_use", _("The branch has classes: delete or merge them first."))
    branch.delete()


def _check_target(branch: ClassificationBranch, target: str) -> None:
    """Raise an error if a new target does not fit the assigned classes (rule 11)."""
    if target == branch.target:
        return
    if branch.purpose:
        message = _("The system needs this branch, so what it applies to cannot be changed.")
        raise BusinessRuleError("purpose_fixed", message, field="target")
    in_branch = Q(node__branch=branch)
    customers = target == BranchTarget.CONTACTS and CustomerClassification.objects.filter(in_branch).exists()
    contacts = target == BranchTarget.CUSTOMERS and ContactClassification.objects.filter(in_branch).exists()
    if customers or contacts:
        held = _("customers") if customers else _("contacts")
        message = _("Classes of this branch are assigned to %(held)s. Remove them first.") % {"held": held}
        raise BusinessRuleError("in_use", message, field="target")


def _check_single(branch: ClassificationBranch) -> None:
    for model, owner in ((CustomerClassification, "customer"), (ContactClassification, "contact")):
        assignments = model.objects.filter(node__branch=branch)
        other = assignments.filter(**{owner: OuterRef(owner)}).exclude(pk=OuterRef("pk"))
        if assignments.filter(Exists(other)).exists():
            message = _(
                "Some customers or contacts have several classes of this branch. Leave only one for each first."
            )
            raise BusinessRuleError("many_held", message, field="is_multiple")
