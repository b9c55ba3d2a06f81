"""The fields that columns can fill, by kind. Classes are fields too: one per branch of the tree, ``class:<code>``."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from customers.enums import BranchPurpose, BranchTarget
from customers.models import ClassificationBranch
from imports.enums import ImportKind
from imports.fields import contacts, customers, offers, products, users
from imports.fields.base import Field, plain
from imports.values import line

__all__ = ["CLASS", "Field", "fields_of", "known_headings", "label_of"]

CLASS = "class:"
BRANCHES_KEPT = 60  # seconds
FIXED: dict[str, list[Field]] = {
    ImportKind.CUSTOMERS: customers.FIELDS + customers.ADDRESS_FIELDS,
    ImportKind.CONTACTS: contacts.FIELDS,
    ImportKind.USERS: users.FIELDS,
    ImportKind.PRODUCTS: products.FIELDS,
    ImportKind.OFFERS: offers.FIELDS,
}
_PURPOSES: dict[str, str] = {
    BranchPurpose.INDUSTRY: "toimiala, ala, sector, industry",
    BranchPurpose.GROUP: "asiakasryhmä, customer group",
    BranchPurpose.SEGMENT: "segmentti, segment",
    BranchPurpose.SIZE: "kokoluokka, size class",
}


def fields_of(kind: str) -> dict[str, Field]:
    """Return the fields of a kind by name; customers have one per branch that is for them."""
    fields = {field.name: field for field in FIXED[kind]}
    if kind == ImportKind.CUSTOMERS:
        branches = ClassificationBranch.objects.filter(target__in=(BranchTarget.CUSTOMERS, BranchTarget.BOTH))
        fields |= {field.name: field for field in map(_class_field, branches)}
    return fields


def _class_field(branch: ClassificationBranch) -> Field:
    names = ", ".join((branch.name_fi, branch.name_en, _PURPOSES.get(branch.purpose, "")))
    return Field(CLASS + branch.code, branch.name, plain(line(1_000)), names, _("Classes"))


def known_headings(kind: str) -> frozenset[str]:
    """Return every folded heading by which a field of ``kind`` would be suggested."""
    return frozenset(name for field in fields_of(kind).values() for name in field.headings)


def label_of(name: str) -> Any:
    """Return what people call a field; a class's is the name of its branch."""
    if name.startswith(CLASS):
        code = name.removeprefix(CLASS)
        branch = _branches(int(time.monotonic() / BRANCHES_KEPT)).get(code)
        return branch.name if branch else code
    return _LABELS.get(name, name)


@lru_cache(maxsize=1)
def _branches(_moment: int) -> dict[str, ClassificationBranch]:
    """The branches by code; a page shows hundreds of rows that name them, so they are kept for a while."""
    return {branch.code: branch for branch in ClassificationBranch.objects.all()}


_LABELS: dict[str, Any] = {field.name: field.label for fields in reversed(FIXED.values()) for field in fields}
