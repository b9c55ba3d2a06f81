"""The classification tree as the administrator keeps it: nodes are added, moved, merged, retired; nothing in use goes.

All branches share one path space (treebeard moves rewrite paths), so each change locks all branches first: two
administrators at work take turns, and an assignment never points at a path that is being rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from crm.exceptions import BusinessRuleError
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

MAX_DEPTH = 6
NODE_FIELDS = frozenset({"name_fi", "name_en", "description", "lower", "upper"})
BRANCH_FIELDS = frozenset({"name_fi", "name_en", "target", "is_multiple", "is_required", "order"})


def tree_lock() -> None:
    """Hold the whole tree until the transaction ends."""
    list(ClassificationBranch.objects.select_for_update().order_by("pk").values_list("pk"))


def _current(node: ClassificationNode) -> ClassificationNode:
    """Return the node as it stands now that the tree is held."""
    return ClassificationNode.objects.select_related("branch").get(pk=node.pk)


@transaction.atomic
def node_add(
    *,
    branch: ClassificationBranch,
    parent: ClassificationNode | None = None,
    code: str = "",
    assigners: Iterable[Group] = (),
    **fields: Any,
) -> ClassificationNode:
    """Add a node as the last one at the top of ``branch`` or below ``parent``; the code is made of the name if empty.

    Raises :class:`BusinessRuleError`: ``other_branch``, ``parent_retired``, ``too_deep``, ``name_taken``,
    ``code_taken``, ``range``.
    """
    tree_lock()
    parent = _current(parent) if parent else None
    _check_place(branch, parent, height=1, is_retired=False)
    _check_fields(branch, parent, fields)
    values = {**fields, "branch": branch, "code": _free_code(branch, code, fields["name_en"])}
    tree = ClassificationNode.objects
    node: ClassificationNode = tree.add_child(parent, values) if parent else tree.add_root(values)
    node.assigners.set(assigners)
    return node


@transaction.atomic
def node_change(
    *, node: ClassificationNode, assigners: Iterable[Group] | None = None, **fields: Any
) -> ClassificationNode:
    """Rename or describe a node, or change its range or assigners. Assignments stay.

    Raises :class:`BusinessRuleError`: ``name_taken``, ``range``.
    """
    tree_lock()
    node = _current(node)
    current = {name: getattr(node, name) for name in NODE_FIELDS}
    _check_fields(node.branch, _parent(node), {**current, **fields}, but=node)
    for name in NODE_FIELDS & fields.keys():
        setattr(node, name, fields[name])
    node.save()
    if assigners is not None:
        node.assigners.set(assigners)
    return node


@transaction.atomic
def node_move(*, node: ClassificationNode, parent: ClassificationNode | None) -> ClassificationNode:
    """Move a node with all below it under another node of its branch, or to the branch's top. Assignments stay.

    Raises :class:`BusinessRuleError` at ``parent``: ``other_branch``, ``below_itself``, ``parent_retired``,
    ``too_deep``, ``name_taken``.
    """
    tree_lock()
    node, parent = _current(node), _current(parent) if parent else None
    if parent and (parent == node or parent.is_descendant_of(node)):
        raise BusinessRuleError("below_itself", _("A class cannot be moved below itself."), field="parent")
    height = 1 + max(ClassificationNode.objects.in_subtree(node).values_list("depth", flat=True)) - node.depth
    _check_place(node.branch, parent, height=height, is_retired=node.is_retired)
    if parent == _parent(node):
        return node
    _check_name(node.branch, parent, node.name_fi, but=node)
    if parent:
        ClassificationNode.objects.move(node, parent, "last-child")
    else:
        ClassificationNode.objects.move(node, ClassificationNode.objects.get_last_root_node(), "last-sibling")
    return _current(node)


@transaction.atomic
def node_shift(*, node: ClassificationNode, up: bool) -> None:
    """Move a node one place up or down among its siblings; at the end of them nothing happens."""
    tree_lock()
    node = _current(node)
    siblings = list(_siblings(node.branch, _parent(node)))
    at = siblings.index(node)
    to = at - 1 if up else at + 1
    if 0 <= to < len(siblings):
        ClassificationNode.objects.move(node, siblings[to], "left" if up else "right")


@transaction.atomic
def node_retire(*, node: ClassificationNode) -> None:
    """Retire a node and all below it: they stay where they are assigned and are not given any more."""
    tree_lock()
    below = ClassificationNode.objects.in_subtree(_current(node))
    below.in_use().update(retired_at=timezone.now())


@transaction.atomic
def node_restore(*, node: ClassificationNode) -> None:
    """Take a retired node back into use, with what was retired together with it.

    Raises :class:`BusinessRuleError` ``parent_retired`` when a node above is retired.
    """
    tree_lock()
    node = _current(node)
    if ClassificationNode.objects.get_ancestors(node).filter(retired_at__isnull=False).exists():
        raise BusinessRuleError("parent_retired", _("The class above is retired. Restore it first."))
    ClassificationNode.objects.in_subtree(node).filter(retired_at=node.retired_at).update(retired_at=None)


@transaction.atomic
def node_merge(*, node: ClassificationNode, into: ClassificationNode) -> ClassificationNode:
    """Merge a node into another of its branch: assignments and the nodes below move there, the merged node goes.

    What had both has the other once. Raises :class:`BusinessRuleError` at ``into``: ``other_branch``, ``same_node``,
    ``below_itself``, ``retired``, ``name_taken``, ``too_deep``.
    """
    tree_lock()
    node, into = _current(node), _current(into)
    _check_merge(node, into)
    customers = _reassign(CustomerClassification, "customer_id", node, into)
    _reassign(ContactClassification, "contact_id", node, into)
    Position.objects.filter(role=node).update(role=into)
    for child in list(ClassificationNode.objects.get_children(node)):
        node_move(node=child, parent=into)
    summaries_refresh(customers)
    _current(node).delete()
    return _current(into)


def _check_merge(node: ClassificationNode, into: ClassificationNode) -> None:
    if node == into:
        raise BusinessRuleError("same_node", _("Choose another class to merge into."), field="into")
    if node.branch_id != into.branch_id:
        raise BusinessRuleError("other_branch", _("The class is in another branch."), field="into")
    if into.is_descendant_of(node):
        raise BusinessRuleError("below_itself", _("A class cannot be merged into one below it."), field="into")
    if into.is_retired and not node.is_retired:
        raise BusinessRuleError("retired", _("The class is retired. Restore it first."), field="into")


def _reassign(model: Any, owner: str, node: ClassificationNode, into: ClassificationNode) -> list[int]:
    """Give ``into`` to all that have ``node``; return whom it concerned."""
    rows = model.objects.filter(node=node)
    concerned = list(rows.values_list(owner, flat=True))
    rows.filter(Exists(model.objects.filter(node=into, **{owner: OuterRef(owner)}))).delete()
    rows.update(node=into)
    return concerned


@transaction.atomic
def node_delete(*, node: ClassificationNode) -> None:
    """Delete a node and all below it when none of them is in use.

    Raises :class:`BusinessRuleError` ``in_use`` with the numbers of customers, contacts and positions.
    """
    tree_lock()
    node = _current(node)
    uses = subtree_uses(node)
    if uses.total:
        message = _(
            "This class is in use and cannot be deleted: customers %(customers)d, contacts %(contacts)d, positions "
            "%(positions)d. Retire it, or merge it into another class."
        )
        raise BusinessRuleError("in_use", message % vars(uses))
    node.delete()


@transaction.atomic
def branch_add(*, code: str = "", assigners: Iterable[Group] = (), **fields: Any) -> ClassificationBranch:
    """Add a branch. Raises :class:`BusinessRuleError` ``code_taken`` at ``code``."""
    tree_lock()
    code = code or _slug(fields["name_en"])
    if ClassificationBranch.objects.filter(code=code).exists():
        raise BusinessRuleError("code_taken", _("Another branch has this code."), field="code")
    branch = ClassificationBranch.objects.create(code=code, **fields)
    branch.assigners.set(assigners)
    return branch


@transaction.atomic
def branch_change(
    *, branch: ClassificationBranch, assigners: Iterable[Group] | None = None, **fields: Any
) -> ClassificationBranch:
    """Change a branch's names and rules; what is already assigned must fit the new rules.

    Raises :class:`BusinessRuleError`: ``purpose_fixed`` or ``in_use`` at ``target``, ``many_held`` at ``is_multiple``.
    """
    tree_lock()
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
    tree_lock()
    if branch.purpose:
        raise BusinessRuleError("purpose_fixed", _("The program itself needs this branch: it cannot be deleted."))
    if branch.nodes.exists():
        raise BusinessRuleError("in_use", _("The branch has classes: delete or merge them first."))
    branch.delete()


def _check_target(branch: ClassificationBranch, target: str) -> None:
    """Rule 11 from the branch's side: its classes are never left on what it is not for."""
    if target == branch.target:
        return
    if branch.purpose:
        message = _("The program itself needs this branch: whom it is for cannot be changed.")
        raise BusinessRuleError("purpose_fixed", message, field="target")
    in_branch = Q(node__branch=branch)
    customers = target == BranchTarget.CONTACTS and CustomerClassification.objects.filter(in_branch).exists()
    contacts = target == BranchTarget.CUSTOMERS and ContactClassification.objects.filter(in_branch).exists()
    if customers or contacts:
        held = _("customers") if customers else _("contacts")
        message = _("Classes of this branch are assigned to %(held)s. Take them away first.") % {"held": held}
        raise BusinessRuleError("in_use", message, field="target")


def _check_single(branch: ClassificationBranch) -> None:
    for model, owner in ((CustomerClassification, "customer"), (ContactClassification, "contact")):
        rows = model.objects.filter(node__branch=branch)
        other = rows.filter(**{owner: OuterRef(owner)}).exclude(pk=OuterRef("pk"))
        if rows.filter(Exists(other)).exists():
            message = _("Some have many classes of this branch. Leave one for each first.")
            raise BusinessRuleError("many_held", message, field="is_multiple")


def _check_place(
    branch: ClassificationBranch, parent: ClassificationNode | None, *, height: int, is_retired: bool
) -> None:
    if parent is None:
        return
    if parent.branch_id != branch.pk:
        raise BusinessRuleError("other_branch", _("The class is in another branch."), field="parent")
    if parent.is_retired and not is_retired:
        raise BusinessRuleError("parent_retired", _("The class above is retired. Restore it first."), field="parent")
    if parent.depth + height > MAX_DEPTH:
        message = _("The tree may have at most %d levels.") % MAX_DEPTH
        raise BusinessRuleError("too_deep", message, field="parent")


def _parent(node: ClassificationNode) -> ClassificationNode | None:
    parent: ClassificationNode | None = ClassificationNode.objects.get_parent(node)
    return parent


def _siblings(branch: ClassificationBranch, parent: ClassificationNode | None) -> Any:
    if parent:
        return ClassificationNode.objects.get_children(parent)
    return ClassificationNode.objects.filter(branch=branch, depth=1)


def _check_fields(
    branch: ClassificationBranch,
    parent: ClassificationNode | None,
    fields: dict[str, Any],
    but: ClassificationNode | None = None,
) -> None:
    _check_name(branch, parent, fields["name_fi"], but=but)
    lower, upper = fields.get("lower"), fields.get("upper")
    if lower is not None and upper is not None and upper < lower:
        raise BusinessRuleError("range", _("The upper end is below the lower one."), field="upper")


def _check_name(
    branch: ClassificationBranch, parent: ClassificationNode | None, name: str, but: ClassificationNode | None = None
) -> None:
    same = _siblings(branch, parent).filter(name_fi__iexact=name)
    if same.exclude(pk=but.pk if but else None).exists():
        message = _("There is already a class “%(name)s” here.") % {"name": name}
        raise BusinessRuleError("name_taken", message, field="name_fi")


def _free_code(branch: ClassificationBranch, code: str, name: str) -> str:
    taken = set(branch.nodes.values_list("code", flat=True))
    if code and code in taken:
        raise BusinessRuleError("code_taken", _("Another class of this branch has this code."), field="code")
    base = code or _slug(name)
    return next(c for c in (base, *(f"{base}_{n}" for n in range(2, len(taken) + 3))) if c not in taken)


def _slug(name: str) -> str:
    return slugify(name).replace("-", "_")[:50] or "class"
