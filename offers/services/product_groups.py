"""The tree of product groups as its keepers change it: groups are added, renamed, moved, retired; none in use goes.

treebeard's moves rewrite paths, so each change locks the whole tree first: two people at work take turns.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy, ngettext

from crm.exceptions import BusinessRuleError
from crm.trees import TreeService
from offers.models import Product, ProductGroup

FIELDS = frozenset({"name_fi", "name_en"})


class ProductGroupTree(TreeService[ProductGroup]):
    """The tree of product groups. Holding it waits for products that are being put into a group."""

    model = ProductGroup
    max_depth = 5
    code_if_nameless = "group"
    ignores_case = True
    below_itself = gettext_lazy("A group cannot be moved below itself.")
    parent_retired = gettext_lazy("The group above is retired. Restore it first.")
    name_taken = gettext_lazy("There is already a group “%(name)s” here.")
    code_taken = gettext_lazy("Another product group has this code.")


GROUPS = ProductGroupTree()


@transaction.atomic
def group_add(*, parent: ProductGroup | None = None, code: str = "", **fields: Any) -> ProductGroup:
    """Add a group as the last one at the top or below ``parent``; the code is made of the English name if empty.

    Raises :class:`BusinessRuleError`: ``parent_retired``, ``too_deep``, ``name_taken``, ``code_taken``.
    """
    GROUPS.hold()
    parent = GROUPS.current(parent) if parent else None
    GROUPS.check_place(ProductGroup(), parent, height=1, is_retired=False)
    GROUPS.check_name(ProductGroup(), parent, fields["name_fi"])
    code = GROUPS.free_code(ProductGroup.objects.values_list("code", flat=True), code, fields["name_en"])
    values = {name: fields[name] for name in FIELDS} | {"code": code}
    tree = ProductGroup.objects
    group: ProductGroup = tree.add_child(parent, values) if parent else tree.add_root(values)
    return group


@transaction.atomic
def group_change(*, group: ProductGroup, **fields: Any) -> ProductGroup:
    """Rename a group. Raises :class:`BusinessRuleError` ``name_taken``."""
    GROUPS.hold()
    group = GROUPS.current(group)
    for name in FIELDS & fields.keys():
        setattr(group, name, fields[name])
    GROUPS.check_name(group, GROUPS.parent_of(group), group.name_fi)
    group.save()
    return group


def group_move(*, group: ProductGroup, parent: ProductGroup | None) -> ProductGroup:
    """Move a group with all below it under another one, or to the top. Products stay in their groups.

    Raises :class:`BusinessRuleError` at ``parent``: ``below_itself``, ``parent_retired``, ``too_deep``, ``name_taken``.
    """
    return GROUPS.move(group, parent)


def group_retire(*, group: ProductGroup) -> ProductGroup:
    """Retire a group and all below it: products keep them, and they are not given any more."""
    return GROUPS.retire(group)


def group_restore(*, group: ProductGroup) -> ProductGroup:
    """Take a retired group back into use, with what was retired together with it.

    Raises :class:`BusinessRuleError` ``parent_retired`` when a group above is retired.
    """
    return GROUPS.restore(group)


@transaction.atomic
def group_delete(*, group: ProductGroup) -> None:
    """Delete a group and all below it when none of them has products.

    Raises :class:`BusinessRuleError` ``in_use`` with the number of products.
    """
    GROUPS.hold()
    group = GROUPS.current(group)
    count = Product.objects.filter(group__path__startswith=group.path).count()
    if count:
        message = ngettext(
            "This group has %(count)d product and cannot be deleted. Move it to another group, or retire the group.",
            "This group has %(count)d products and cannot be deleted. Move them to another group, or retire the group.",
            count,
        )
        raise BusinessRuleError("in_use", message % {"count": count})
    group.delete()
