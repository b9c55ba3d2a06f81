"""Forms of conditions: one for each, made of its operands; and a tree that is checked by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.conditions.fields import ConditionField, fields, relations
from core.conditions.operands import Operand
from core.conditions.tree import Group, Node, Rule, TreeError

#: The code of the error of a value that is asked for and not there.
MISSING = "missing"


class RuleForm(forms.Form):
    """The operands of one condition. Those that the others do not ask for are not needed and not kept."""

    def __init__(self, field: ConditionField, rule: Rule, data: Any = None, *, user: Any = None) -> None:
        super().__init__(data, prefix=f"r{rule.id}", initial=_initial(field, rule) if data is None else None)
        self.condition, self.rule = field, rule
        for operand in field.operands:
            self.fields[operand.name] = operand.form_field(user)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = self.cleaned_data
        for operand in self.condition.operands:
            if not operand.is_asked(values):
                self.errors.pop(operand.name, None)
            elif self._lacks(operand, values):
                self.add_error(operand.name, forms.ValidationError(_("Fill this in."), code=MISSING))
        return values

    def _lacks(self, operand: Operand, values: Mapping[str, Any]) -> bool:
        is_missing = operand.name not in self.errors and _is_missing(values.get(operand.name))
        return is_missing and self.condition.needs(operand, values)

    @property
    def is_unreadable(self) -> bool:
        """Return whether something is filled in that cannot be read; what is only missing is not."""
        return any(error.code != MISSING for errors in self.errors.values() for error in errors.as_data())

    @property
    def values(self) -> dict[str, Any]:
        """Return what JSON keeps of what was read: everything that is asked for and can be read."""
        read = {
            operand.name: operand.stored(self.cleaned_data[operand.name])
            for operand in self.condition.operands
            if operand.name in getattr(self, "cleaned_data", {})
        }
        asked = {operand.name for operand in self.condition.asked(read)}
        return {name: value for name, value in read.items() if name in asked and not _is_missing(value)}


def _initial(field: ConditionField, rule: Rule) -> dict[str, Any]:
    known = {operand.name: operand for operand in field.operands}
    return {
        name: known[name].loaded(value) for name, value in rule.values.items() if name in known and value is not None
    }


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (hasattr(value, "__len__") and not len(value))


def new_rule(number: int, field: ConditionField, values: Mapping[str, Any] | None = None) -> Rule:
    """Return a condition with the defaults of its operands."""
    defaults = {operand.name: operand.default for operand in field.operands if operand.default is not None}
    return Rule(number, field.key, {**defaults, **(values or {})})


def checked(tree: Group, subject: str, user: Any) -> Group:
    """Return a tree that came as JSON as it is kept. Raise :class:`TreeError` for what cannot be read or is missing."""
    found = _checked(tree, subject, user)
    assert isinstance(found, Group)  # noqa: S101 - as the tree was
    return found


def _checked(node: Node, subject: str, user: Any) -> Node:
    if isinstance(node, Group):
        target = subject
        if node.relation:
            relation = relations().get(f"{subject}.{node.relation}")
            if relation is None:
                raise TreeError(_("There is no relation “%(name)s” here.") % {"name": node.relation[:60]})
            target = relation.target
        if not node.parts:
            raise TreeError(_("A group has at least one condition."))
        return replace(node, parts=tuple(_checked(part, target, user) for part in node.parts))
    return _checked_rule(node, subject, user)


def _checked_rule(rule: Rule, subject: str, user: Any) -> Rule:
    field = fields().get(rule.field)
    if field is None or field.subject != subject or not field.allowed(user):
        raise TreeError(_("There is no condition “%(name)s” here.") % {"name": rule.field[:60]})
    unknown = sorted(set(rule.values) - {operand.name for operand in field.operands})
    if unknown:
        raise TreeError(_("%(field)s has no value “%(name)s”.") % {"field": rule.field, "name": str(unknown[0])[:60]})
    empty = next((name for name, value in rule.values.items() if value == []), None)
    if empty is not None:  # a list of nothing would be read as no condition at all
        raise TreeError(
            _("%(field)s.%(name)s: choose at least one, or leave it out.") % {"field": rule.field, "name": empty}
        )
    form = RuleForm(field, rule, posted(rule), user=user)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise TreeError(f"{rule.field}.{name}: {' '.join(map(str, errors))}")
    return replace(rule, values=form.values)


def posted(rule: Rule) -> QueryDict:
    """Return the values of a rule as its form sends them."""
    data = QueryDict(mutable=True)
    for name, value in rule.values.items():
        data.setlist(f"r{rule.id}-{name}", [str(item) for item in (value if isinstance(value, list) else [value])])
    return data
