"""The fields that conditions ask, as the apps register them.

An app declares tuples in its ``registrations``: ``CONDITION_FIELDS``, ``CONDITION_RELATIONS`` (a group of conditions
that hold for the same related row) and ``CONDITION_PRESETS`` (filled-in conditions). Nothing else is edited
for a new field: the builder, the SQL, the words and the API read these declarations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import OuterRef, Q, QuerySet

from core import registry
from core.conditions.operands import Names, Operand
from core.permissions import allowed


@dataclass(frozen=True)
class Asked:
    """What the SQL of a condition is made of: its values, the user, and where its columns are (``prefix``)."""

    values: Mapping[str, Any]
    user: Any
    prefix: str = ""
    within: frozenset[Any] = frozenset()  # what is being compiled around it, against conditions that name themselves

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def path(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def q(self, **conditions: Any) -> Q:
        """Return conditions on the subject's own columns."""
        return Q(**{self.path(name): value for name, value in conditions.items()})

    @property
    def outer(self) -> OuterRef:
        """The subject's key, for a query inside the condition."""
        return OuterRef(self.path("pk"))


@dataclass(frozen=True)
class Said:
    """What the words of a condition are made of: its values, as they are and in words."""

    label: str
    values: Mapping[str, Any]
    texts: Mapping[str, str]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


@dataclass(frozen=True, kw_only=True)
class ConditionField:
    """A condition that people choose. ``subject`` is what it is about: *customer*, *contact*, *person* (at a customer).

    ``condition`` returns its SQL as a ``Q`` on the subject, ``words`` what it says after the label. It is offered to
    users who pass the rule ``permission``, and does not hold for anything when others run it.
    """

    subject: str
    name: str
    label: Any
    section: Any
    operands: tuple[Operand, ...]
    condition: Callable[[Asked], Q]
    words: Callable[[Said], str]
    prefix: str = ""
    permission: str = ""
    order: int = 100

    @property
    def key(self) -> str:
        return f"{self.subject}.{self.name}"

    def operand(self, name: str) -> Operand | None:
        return next((operand for operand in self.operands if operand.name == name), None)

    def asked(self, values: Mapping[str, Any]) -> list[Operand]:
        """Return the operands that the values ask for."""
        return [operand for operand in self.operands if operand.is_asked(values)]

    def needs(self, operand: Operand, values: Mapping[str, Any]) -> bool:
        """Return whether the values must have this one: they ask for it, and for nothing in its place."""
        other = self.operand(operand.instead) if operand.instead else None
        has_other = other is not None and other.is_asked(values) and values.get(other.name) not in (None, "")
        return operand.is_needed and operand.is_asked(values) and not has_other

    def allowed(self, user: Any) -> bool:
        return not self.permission or allowed(user, self.permission)


@dataclass(frozen=True, kw_only=True)
class Relation:
    """Related rows of a subject: the conditions of its group hold for the same row. ``rows`` has an ``OuterRef``."""

    subject: str
    name: str
    target: str
    label: Any  # in the list of conditions
    heading: Any  # before the group's join: "a contact person"
    rows: Callable[[Asked], QuerySet[Any]]
    section: Any
    order: int = 100

    @property
    def key(self) -> str:
        return f"{self.subject}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A condition that is added filled in. ``tree`` returns JSON as ``tree.read`` takes it; None offers it not now."""

    subject: str
    name: str
    label: Any
    tree: Callable[[], dict[str, Any] | None]
    order: int = 100

    @property
    def key(self) -> str:
        return f"{self.subject}.{self.name}"


@dataclass(frozen=True)
class Section:
    """A heading of the list of conditions, with its fields and relations."""

    label: str
    entries: list[ConditionField | Relation] = field(default_factory=list)


@cache
def fields() -> dict[str, ConditionField]:
    return {item.key: item for item in registry.declared("CONDITION_FIELDS")}


@cache
def relations() -> dict[str, Relation]:
    return {item.key: item for item in registry.declared("CONDITION_RELATIONS")}


@cache
def presets() -> dict[str, Preset]:
    return {item.key: item for item in registry.declared("CONDITION_PRESETS")}


def sections(subject: str, user: Any) -> list[Section]:
    """Return what the user may add to a group about ``subject``, by heading."""
    entries: list[ConditionField | Relation] = [
        *(item for item in fields().values() if item.subject == subject and item.allowed(user)),
        *(item for item in relations().values() if item.subject == subject),
    ]
    found: dict[str, Section] = {}
    for entry in sorted(entries, key=lambda entry: entry.order):
        label = str(entry.section)
        found.setdefault(label, Section(label)).entries.append(entry)
    return list(found.values())


def names_for(values: Mapping[str, Any], operands: tuple[Operand, ...], names: Names) -> dict[str, str]:
    """Return the values of a condition in words, by operand."""
    return {
        operand.name: operand.text(values[operand.name], names)
        for operand in operands
        if values.get(operand.name) not in (None, "", [])
    }
