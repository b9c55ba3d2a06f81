"""Keeping a tree: its structure as JSON, the rows that it names as references; what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import registry
from core.conditions import tree as trees
from core.conditions.fields import fields
from core.conditions.operands import Names, Rows, name_of
from core.conditions.tree import Group, Rule
from core.conditions.words import names_in
from customers.models import ClassificationNode
from customers.selections.models import ClassReference, Reference, Selection


@dataclass(frozen=True)
class Fault:
    """Something of a selection that has gone, in words; ``rule`` is the id of the condition that names it."""

    rule: int
    text: str


@dataclass(frozen=True)
class Stored:
    """A selection's condition with the names of what it names and its faults."""

    tree: Group
    names: Names
    faults: tuple[Fault, ...] = ()


@cache
def reference_models() -> dict[type[Model], Any]:
    """Return the models of references by the model of what they point at."""
    found: dict[type[Model], Any] = {}
    for model in registry.declared("CONDITION_REFERENCES"):
        found[model._meta.get_field("target").related_model] = model
    return found


def _operands(tree: Group) -> Iterator[tuple[Rule, Rows]]:
    for rule in trees.rules_of(tree):
        field = fields().get(rule.field)
        for operand in field.operands if field else ():
            if isinstance(operand, Rows):
                yield rule, operand


def read(selection: Selection) -> Stored:
    """Return the condition of a selection, in one query for each kind of row that it names."""
    bare = trees.read(selection.condition or {"id": 1, "join": "all", "parts": []})
    values: dict[tuple[int, str], list[int]] = defaultdict(list)
    names: dict[tuple[type[Model], Any], str] = {}
    faults: list[Fault] = list(_unknown(bare))
    for model in {operand.model for _rule, operand in _operands(bare)}:
        for row in reference_models()[model]._base_manager.filter(selection=selection).select_related("target"):
            left = values[row.rule, row.operand]  # empty where all have gone, which lets nothing through
            if row.target is None:
                faults.append(gone(model, row))
            else:
                left.append(row.target.pk)
                names[model, row.target.pk] = name_of(row.target)
                faults += retired(model, row)
    for rule, operand in _operands(bare):
        if rule.values.get(operand.name) == []:
            faults.append(Fault(rule.id, _("What the condition named was deleted.")))
    return Stored(_with_values(bare, values), names, tuple(faults))


def _with_values(group: Group, values: dict[tuple[int, str], list[int]]) -> Group:
    parts: list[Any] = []
    for part in group.parts:
        if isinstance(part, Group):
            parts.append(_with_values(part, values))
        else:
            own = {operand: sorted(ids) for (rule, operand), ids in values.items() if rule == part.id}
            parts.append(replace(part, values={**part.values, **own}))
    return replace(group, parts=tuple(parts))


def _unknown(tree: Group) -> Iterator[Fault]:
    for rule in trees.rules_of(tree):
        if rule.field not in fields():
            yield Fault(rule.id, _("The condition “%(name)s” is not known any more.") % {"name": rule.field})


def gone(model: type[Model], row: Reference) -> Fault:
    """Return the fault that a row which a condition names was deleted."""
    words = {"kind": capfirst(str(model._meta.verbose_name)), "name": row.names[0]}
    return Fault(row.rule, _("%(kind)s “%(name)s” was deleted.") % words + _merged(row))


def retired(model: type[Model], row: Reference) -> Iterator[Fault]:
    """Yield the fault that a row which a condition names is not in use any more."""
    words = {"kind": capfirst(str(model._meta.verbose_name)), "name": name_of(row.target)}
    if getattr(row.target, "is_deleted", False):
        yield Fault(row.rule, _("%(kind)s “%(name)s” was deleted.") % words)
    elif getattr(row.target, "is_retired", False):
        yield Fault(row.rule, _("%(kind)s “%(name)s” was retired.") % words + _merged(row))
    elif not getattr(row.target, "is_active", True) or getattr(row.target, "is_passive", False):
        yield Fault(row.rule, _("%(kind)s “%(name)s” is not active any more.") % words)


def _merged(row: Reference) -> str:
    """Return a sentence about what the condition named at first, if that was merged into what it names now."""
    former = row.names[1]
    return " " + _("“%(name)s” had been merged into it.") % {"name": former} if former else ""


def write(selection: Selection, tree: Group) -> None:
    """Keep a tree: set ``selection.condition`` (not saved here) and replace the references of a saved selection."""
    named = {
        (rule.id, operand.name): (operand.model, rule.values[operand.name])
        for rule, operand in _operands(tree)
        if rule.values.get(operand.name)  # a list of rows that have all gone stays: it never means any
    }
    selection.condition = trees.write(_without(tree, set(named)))
    names = names_in(tree)
    for model, reference in reference_models().items():
        reference._base_manager.filter(selection=selection).delete()
        reference._base_manager.bulk_create(
            reference(
                selection=selection, rule=rule, operand=operand, target_id=pk,
                label=names.get((model, pk), "")[:250],
            )
            for (rule, operand), (of_model, ids) in named.items()
            if of_model is model
            for pk in ids
        )  # fmt: skip


def _without(group: Group, named: set[tuple[int, str]]) -> Group:
    """Return the tree without the values that are kept as references."""
    parts: list[Any] = []
    for part in group.parts:
        if isinstance(part, Group):
            parts.append(_without(part, named))
        else:
            kept = {name: value for name, value in part.values.items() if (part.id, name) not in named}
            parts.append(replace(part, values=kept))
    return replace(group, parts=tuple(parts))


def selections_naming(node: ClassificationNode) -> int:
    """Return how many selections have a condition that names the class or one below it."""
    named = ClassReference.objects.filter(target__path__startswith=node.path, selection__isnull=False)
    return named.filter(selection__deleted_at__isnull=True).values("selection").distinct().count()
