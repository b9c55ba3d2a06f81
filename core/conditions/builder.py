"""The builder of a condition: every add and remove is a submit button of its form, so that it needs no script.

Nothing is stored before the whole is saved: the form carries the structure of the tree (a hidden field), and each
condition its own fields.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.http import QueryDict

from core.conditions import tree as trees
from core.conditions.fields import Preset, Section, fields, presets, relations, sections
from core.conditions.forms import RuleForm, new_rule
from core.conditions.tree import Group, Join, Node, Rule


@dataclass
class RulePart:
    """A condition as the builder draws it."""

    id: int
    label: str
    form: RuleForm

    def _asked(self, *, is_extra: bool) -> list[tuple[Any, str]]:
        """Return the fields, each with the values of another one with which it is asked for (for the script)."""
        found = []
        for operand in self.form.condition.operands:
            rule = f"{operand.shown_if[0]}={'|'.join(operand.shown_if[1])}" if operand.shown_if else ""
            if operand.is_extra == is_extra:
                found.append((self.form[operand.name], rule))
        return found

    @property
    def asked(self) -> list[tuple[Any, str]]:
        return self._asked(is_extra=False)

    @property
    def extra(self) -> list[tuple[Any, str]]:
        """The fields that are folded away."""
        return self._asked(is_extra=True)

    @property
    def is_unfolded(self) -> bool:
        return any(field.errors or self.form.rule.values.get(field.name) for field, _rule in self.extra)


@dataclass
class GroupPart:
    id: int
    join: str
    relation: str
    heading: str
    is_root: bool
    parts: list[RulePart | GroupPart | UnknownPart] = field(default_factory=list)
    joins: tuple[tuple[str, Any], ...] = tuple(Join.choices)


@dataclass
class UnknownPart:
    """A condition that no app knows any more, or that is not for this user."""

    id: int
    key: str


class Builder:
    """A tree being built. ``data`` is what the form sent; without it the tree is as given."""

    def __init__(self, subject: str, user: Any, tree: Group | None = None, data: QueryDict | None = None) -> None:
        self.subject, self.user, self.data = subject, user, data
        self.tree = tree or Group(1)
        self.new: int | None = None  # the part that was just added: it gets the focus
        self.shows_errors = False
        self.refusal = ""  # why a part was not added
        self.unreadable: set[int] = set()  # conditions whose fields keep what was typed, with its errors
        if data is not None:
            self.tree = self._filled(self._structure(data), subject)
            self.act(data)

    # Reading what the form sent

    def _structure(self, data: QueryDict) -> Group:
        try:
            return trees.read(json.loads(data.get("tree", "") or "{}"))
        except (ValueError, RecursionError):  # a TreeError is one
            return Group(1)

    def _filled(self, group: Group, subject: str) -> Group:
        """Return the tree with what the form says of each group and each condition."""
        join = self.data.get(f"g{group.id}-join", group.join) if self.data else group.join
        inside = self._target(group, subject)
        parts = [
            self._filled(part, inside) if isinstance(part, Group) else self._filled_rule(part) for part in group.parts
        ]
        return replace(group, join=Join(join) if join in Join.values else group.join, parts=tuple(parts))

    def _filled_rule(self, rule: Rule) -> Rule:
        known = fields().get(rule.field)
        if known is None:
            return rule
        form = RuleForm(known, rule, self.data, user=self.user)
        if not form.is_valid() and form.is_unreadable:
            self.unreadable.add(rule.id)
        return replace(rule, values=form.values)

    def _target(self, group: Group, subject: str) -> str:
        relation = relations().get(f"{subject}.{group.relation}") if group.relation else None
        return relation.target if relation else subject

    # Buttons

    def act(self, data: Any) -> None:
        """Do what the pressed button says."""
        if "drop" in data:
            self.tree = trees.removed(self.tree, _number(data["drop"]))
        elif "preset" in data:
            self.add_preset(data["preset"], _number(data.get("into")))
        elif "add" in data:
            self.add(data["add"], _number(data.get("into")))
        elif "group" in data:
            self.add_group(data["group"], _number(data.get("into")))

    def add(self, key: str, into: int) -> None:
        """Add a condition, or a group about related rows, to a group; one that is not for it is added to the root."""
        number, subject = trees.next_id(self.tree), self.subject_of(into)
        entry: Any = fields().get(key) or relations().get(key)
        if entry is None or (key in fields() and not entry.allowed(self.user)):
            return
        if entry.subject != subject:
            if entry.subject != self.subject:
                return
            into = self.tree.id
        part: Node = new_rule(number, entry) if key in fields() else Group(number, relation=entry.name)
        self._put(part, into)

    def add_group(self, join: str, into: int) -> None:
        if join in Join.values:
            self._put(Group(trees.next_id(self.tree), Join(join)), into)

    def add_preset(self, key: str, into: int) -> None:
        preset = presets().get(key)
        ready = preset.tree() if preset and preset.subject == self.subject else None
        if ready is not None:
            first = trees.read({"join": "all", "parts": [ready]}).parts[0]
            part = _shifted(first, trees.next_id(self.tree) - first.id)
            self._put(part, into if self.subject_of(into) == self.subject else self.tree.id)

    def _put(self, part: Node, into: int) -> None:
        if sum(1 for _node in trees.walk(self.tree)) < trees.MOST_NODES and self._depth(into) < trees.DEEPEST - 1:
            self.tree, self.new = trees.added(self.tree, into, part), part.id
        else:
            self.refusal = trees.too_large_text()

    def _depth(self, into: int) -> int:
        def depth(group: Group, level: int) -> int:
            if group.id == into:
                return level
            return max((depth(part, level + 1) for part in group.parts if isinstance(part, Group)), default=0)

        return depth(self.tree, 1)

    def subject_of(self, group_id: int) -> str:
        """Return what the conditions of a group are about."""

        def find(group: Group, subject: str) -> str:
            inside = self._target(group, subject)
            if group.id == group_id:
                return inside
            found = (find(part, inside) for part in group.parts if isinstance(part, Group))
            return next((one for one in found if one), "")

        return find(self.tree, self.subject) or self.subject

    # Drawing

    @property
    def structure(self) -> str:
        """The hidden field: the tree as JSON."""
        return json.dumps(trees.write(self.tree))

    @cached_property
    def forms(self) -> dict[int, RuleForm]:
        """The forms of the conditions by their ids, bound when their errors are shown."""
        found = {}
        for rule in trees.rules_of(self.tree):
            known = fields().get(rule.field)
            if known is not None:
                is_bound = self.shows_errors or rule.id in self.unreadable
                found[rule.id] = RuleForm(known, rule, self.data if is_bound else None, user=self.user)
        return found

    def is_complete(self) -> bool:
        """Return whether every condition is filled in; from now on errors are shown."""
        self.shows_errors = True
        self.__dict__.pop("forms", None)
        rules = trees.rules_of(self.tree)
        return (
            bool(rules)
            and len(self.forms) == len(rules)
            and False not in [form.is_valid() for form in self.forms.values()]
        )

    @property
    def parts(self) -> GroupPart:
        return self._group(self.tree, self.subject, is_root=True)

    def _group(self, group: Group, subject: str, *, is_root: bool = False) -> GroupPart:
        relation = relations().get(f"{subject}.{group.relation}") if group.relation else None
        heading = str(relation.heading) if relation else ""
        drawn = GroupPart(group.id, group.join.value, group.relation, heading, is_root)
        inside = self._target(group, subject)
        for part in group.parts:
            if isinstance(part, Group):
                drawn.parts.append(self._group(part, inside))
            elif part.id in self.forms:
                form = self.forms[part.id]
                drawn.parts.append(RulePart(part.id, str(form.condition.label), form))
            else:
                drawn.parts.append(UnknownPart(part.id, part.field))
        return drawn

    @property
    def into(self) -> int:
        """The group that new conditions go to: the one chosen, or a group about related rows that was just added."""
        groups = {node.id: node for node in trees.walk(self.tree) if isinstance(node, Group)}
        if self.new is not None and self.new in groups and not groups[self.new].parts:
            return self.new
        chosen = _number(self.data.get("into")) if self.data else 0
        return chosen if chosen in groups else self.tree.id

    @property
    def sections(self) -> list[Section]:
        """What can be added to the chosen group."""
        return sections(self.subject_of(self.into), self.user)

    @property
    def presets(self) -> list[Preset]:
        ready = sorted(presets().values(), key=lambda preset: preset.order)
        return [preset for preset in ready if preset.subject == self.subject and preset.tree() is not None]


def _shifted(node: Node, by: int) -> Node:
    """Return the node with all ids raised ``by`` a number."""
    moved = replace(node, id=node.id + by)
    return (
        replace(moved, parts=tuple(_shifted(part, by) for part in moved.parts)) if isinstance(moved, Group) else moved
    )


def _number(text: Any) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 6 else 0
