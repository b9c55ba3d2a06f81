"""The tree of product groups as its keepers change it: groups are added, renamed, moved, retired; none in use goes.

treebeard's moves rewrite paths, so each change locks the whole tree first: two people at work take turns.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.exceptions import BusinessRuleError
from offers.models import Product, ProductGroup

MAX_DEPTH = 5
FIELDS = frozenset({"name_fi", "name_en"})


def _tree_lock() -> None:
    """Hold the whole tree until the transaction ends; products that are being put into a group are waited for."""
    list(ProductGroup.objects.select_for_update().order_by("pk").values_list("pk"))


def _current(group: ProductGroup) -> ProductGroup:
    """Return the group as it stands now that the tree is held."""
    return ProductGroup.objects.get(pk=group.pk)


def _parent(group: ProductGroup) -> ProductGroup | None:
    parent: ProductGroup | None = ProductGroup.objects.get_parent(group)
    return parent


@transaction.atomic
def group_add(*, parent: ProductGroup | None = None, code: str = "", **fields: Any) -> ProductGroup:
    """Add a group as the last one at the top or below ``parent``; the code is made of the English name if empty.

    Raises :class:`BusinessRuleError`: ``parent_retired``, ``too_deep``, ``name_taken``, ``code_taken``.
    """
    _tree_lock()
    parent = _current(parent) if parent else None
    _check_place(parent, height=1, is_retired=False)
    _check_name(parent, fields["name_fi"])
    values = {name: fields[name] for name in FIELDS} | {"code": _free_code(code, fields["name_en"])}
    tree = ProductGroup.objects
    group: ProductGroup = tree.add_child(parent, values) if parent else tree.add_root(values)
    return group


@transaction.atomic
def group_change(*, group: ProductGroup, **fields: Any) -> ProductGroup:
    """Rename a group. Raises :class:`BusinessRuleError` ``name_taken``."""
    _tree_lock()
    group = _current(group)
    for name in FIELDS & fields.keys():
        setattr(group, name, fields[name])
    _check_name(_parent(group), group.name_fi, but=group)
    group.save()
    return group


@transaction.atomic
def group_move(*, group: ProductGroup, parent: ProductGroup | None) -> ProductGroup:
    """Move a group with all below it under another one, or to the top. Products stay in their groups.

    Raises :class:`BusinessRuleError` at ``parent``: ``below_itself``, ``parent_retired``, ``too_deep``, ``name_taken``.
    """
    _tree_lock()
    group, parent = _current(group), _current(parent) if parent else None
    if parent and (parent == group or parent.is_descendant_of(group)):
        raise BusinessRuleError("below_itself", _("A group cannot be moved below itself."), field="parent")
    height = 1 + max(ProductGroup.objects.in_subtree(group).values_list("depth", flat=True)) - group.depth
    _check_place(parent, height=height, is_retired=group.is_retired)
    if parent == _parent(group):
        return group
    _check_name(parent, group.name_fi, but=group, field="parent")
    if parent:
        ProductGroup.objects.move(group, parent, "last-child")
    else:
        ProductGroup.objects.move(group, ProductGroup.objects.get_last_root_node(), "last-sibling")
    return _current(group)


@transaction.atomic
def group_retire(*, group: ProductGroup) -> ProductGroup:
    """Retire a group and all below it: products keep them, and they are not given any more."""
    _tree_lock()
    ProductGroup.objects.in_subtree(_current(group)).in_use().update(retired_at=timezone.now())
    return _current(group)


@transaction.atomic
def group_restore(*, group: ProductGroup) -> ProductGroup:
    """Take a retired group back into use, with what was retired together with it.

    Raises :class:`BusinessRuleError` ``parent_retired`` when a group above is retired.
    """
    _tree_lock()
    group = _current(group)
    if ProductGroup.objects.get_ancestors(group).filter(retired_at__isnull=False).exists():
        raise BusinessRuleError("parent_retired", _("The group above is retired. Restore it first."))
    ProductGroup.objects.in_subtree(group).filter(retired_at=group.retired_at).update(retired_at=None)
    return _current(group)


@transaction.atomic
def group_delete(*, group: ProductGroup) -> None:
    """Delete a group and all below it when none of them has products.

    Raises :class:`BusinessRuleError` ``in_use`` with the number of products.
    """
    _tree_lock()
    group = _current(group)
    count = Product.objects.filter(group__path__startswith=group.path).count()
    if count:
        message = ngettext(
            "This group has %(count)d product and cannot be deleted. Move it to another group, or retire the group.",
            "This group has %(count)d products and cannot be deleted. Move them to another group, or retire the group.",
            count,
        )
        raise BusinessRuleError("in_use", message % {"count": count})
    group.delete()


def _check_place(parent: ProductGroup | None, *, height: int, is_retired: bool) -> None:
    if parent is None:
        return
    if parent.is_retired and not is_retired:
        raise BusinessRuleError("parent_retired", _("The group above is retired. Restore it first."), field="parent")
    if parent.depth + height > MAX_DEPTH:
        message = _("The tree may have at most %d levels.") % MAX_DEPTH
        raise BusinessRuleError("too_deep", message, field="parent")


def _check_name(
    parent: ProductGroup | None, name: str, *, but: ProductGroup | None = None, field: str = "name_fi"
) -> None:
    tree = ProductGroup.objects
    siblings = tree.get_children(parent) if parent else tree.filter(depth=1)
    if siblings.filter(name_fi__iexact=name).exclude(pk=but.pk if but else None).exists():
        message = _("There is already a group “%(name)s” here.") % {"name": name}
        raise BusinessRuleError("name_taken", message, field=field)


def _free_code(code: str, name: str) -> str:
    taken = {known.lower() for known in ProductGroup.objects.values_list("code", flat=True)}
    if code and code.lower() in taken:
        raise BusinessRuleError("code_taken", _("Another product group has this code."), field="code")
    base = code or slugify(name).replace("-", "_")[:50] or "group"
    return next(c for c in (base, *(f"{base}_{n}" for n in range(2, len(taken) + 3))) if c.lower() not in taken)
