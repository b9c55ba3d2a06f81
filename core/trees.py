"""Trees that people keep (treebeard): nodes are added, moved, merged, retired and deleted; nothing in use is lost.

An app subclasses :class:`TreeService` once for each tree, with its error texts; ``core.tree_views`` and
``core.api.trees`` have the pages and endpoints. treebeard's moves rewrite
paths, so each change locks the whole tree first: two users take turns, and nothing is put on a node while its
path is being rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.text import slugify
from django.utils.translation import gettext as _
from pghistory.models import Event

from core import clock
from core.exceptions import BusinessRuleError
from core.history import Change, HistoryEntry, history_of
from core.timeouts import unlimited

N = TypeVar("N", bound=Any)

#: The columns that treebeard keeps the tree in.
TREE_COLUMNS = frozenset({"path", "depth", "numchild"})
#: So many rows that keep a node are named where it cannot be deleted.
MOST_NAMED = 5


class TreeService(Generic[N]):
    """What is done to the nodes of one tree. Each public method is atomic and holds the tree."""

    model: ClassVar[Any]
    #: The columns that people may change.
    fields: ClassVar[frozenset[str]] = frozenset({"name_fi", "name_en"})
    max_depth: ClassVar[int]
    #: The code when the name has no letters to make one of, and whether codes that differ in case only are the same.
    code_if_nameless: ClassVar[str]
    ignores_case: ClassVar[bool] = False
    # The texts of refusals, by their codes; ``name_taken`` has a place for the name.
    below_itself: ClassVar[Any]
    parent_retired: ClassVar[Any]
    name_taken: ClassVar[Any]
    code_taken: ClassVar[Any]
    same_node: ClassVar[Any] = ""
    merge_below_itself: ClassVar[Any] = ""
    retired: ClassVar[Any] = ""

    # Hooks

    def hold(self) -> None:
        """Hold the whole tree until the transaction ends."""
        list(self.model.objects.select_for_update().order_by("pk").values_list("pk"))

    def part(self, node: N) -> Any:
        """Return all nodes of the part of the tree that ``node`` is in."""
        return self.model.objects.all()

    def check_part(self, node: N, other: N, *, field: str) -> None:
        """Raise if the tree has parts and ``node`` may not be put under or into ``other``, which is in another one."""

    def check_fields(self, node: N, parent: N | None) -> None:
        """Raise if what is written of ``node``, which is or will be below ``parent``, cannot be."""
        self.check_name(node, parent, node.name_fi)

    def check_unused(self, node: N) -> None:
        """Raise if ``node`` or a node below it is in use."""
        raise NotImplementedError

    # Reads

    def current(self, node: N) -> N:
        """Return the node as it is now that the tree is held."""
        return self.model.objects.get(pk=node.pk)

    def parent_of(self, node: N) -> N | None:
        parent: N | None = self.model.objects.get_parent(node)
        return parent

    def beside(self, node: N, parent: N | None) -> Any:
        """Return the nodes below ``parent``, or at the top of the part of the tree that ``node`` is in."""
        return self.model.objects.get_children(parent) if parent else self.part(node).filter(depth=1)

    def targets(self, node: N) -> Any:
        """Return the nodes that ``node`` can be put under or merged into."""
        others = self.part(node).exclude(path__startswith=node.path)
        return others if node.is_retired else others.in_use()

    # Changes

    @transaction.atomic
    def add(self, *, parent: N | None = None, code: str = "", **fields: Any) -> N:
        """Add a node as the last one below ``parent`` or at the top; an empty code is made of the English name.

        Raises :class:`BusinessRuleError`: ``parent_retired``, ``too_deep``, ``name_taken``, ``code_taken``, and as
        :meth:`check_part` and :meth:`check_fields`.
        """
        self.hold()
        parent = self.current(parent) if parent else None
        new = self.model(**fields)
        self.check_place(new, parent, height=1, is_retired=False)
        self.check_fields(new, parent)
        fields["code"] = self.free_code(self.part(new).values_list("code", flat=True), code, new.name_en)
        tree = self.model.objects
        node: N = tree.add_child(parent, fields) if parent else tree.add_root(fields)
        return node

    @transaction.atomic
    def change(self, node: N, **fields: Any) -> N:
        """Change what people write of a node. What has it keeps it.

        Raises :class:`BusinessRuleError` ``name_taken``, and as :meth:`check_fields`.
        """
        self.hold()
        node = self.current(node)
        for name in self.fields & fields.keys():
            setattr(node, name, fields[name])
        self.check_fields(node, self.parent_of(node))
        node.save()
        return node

    @transaction.atomic
    def move(self, node: N, parent: N | None, *, field: str = "parent") -> N:
        """Move a node with all below it under another one, or to the top. What has the nodes keeps them.

        Raises :class:`BusinessRuleError` at ``field``: ``below_itself``, ``parent_retired``, ``too_deep``,
        ``name_taken``, and as :meth:`check_part`.
        """
        self.hold()
        node, parent = self.current(node), self.current(parent) if parent else None
        if parent and (parent == node or parent.is_descendant_of(node)):
            raise BusinessRuleError("below_itself", self.below_itself, field=field)
        height = 1 + max(self.model.objects.in_subtree(node).values_list("depth", flat=True)) - node.depth
        self.check_place(node, parent, height=height, is_retired=node.is_retired, field=field)
        if parent == self.parent_of(node):
            return node
        self.check_name(node, parent, node.name_fi, field=field)
        if parent:
            self.model.objects.move(node, parent, "last-child")
        else:
            self.model.objects.move(node, self.model.objects.get_last_root_node(), "last-sibling")
        return self.current(node)

    @transaction.atomic
    def shift(self, node: N, *, up: bool) -> None:
        """Move a node one place up or down among its siblings; at the end of them nothing happens."""
        self.hold()
        node = self.current(node)
        siblings = list(self.beside(node, self.parent_of(node)))
        at = siblings.index(node)
        to = at - 1 if up else at + 1
        if 0 <= to < len(siblings):
            self.model.objects.move(node, siblings[to], "left" if up else "right")

    @transaction.atomic
    def retire(self, node: N) -> N:
        """Retire a node and all below it: they stay where they are used and are not given any more."""
        self.hold()
        self.model.objects.in_subtree(self.current(node)).in_use().update(retired_at=clock.now())
        return self.current(node)

    @transaction.atomic
    def restore(self, node: N) -> N:
        """Take a retired node back into use, with what was retired together with it.

        Raises :class:`BusinessRuleError` ``parent_retired`` when a node above is retired.
        """
        self.hold()
        node = self.current(node)
        if self.model.objects.get_ancestors(node).filter(retired_at__isnull=False).exists():
            raise BusinessRuleError("parent_retired", self.parent_retired)
        self.model.objects.in_subtree(node).filter(retired_at=node.retired_at).update(retired_at=None)
        return self.current(node)

    @unlimited()
    def merge(self, node: N, into: N) -> N:
        """Merge a node into another: all that refers to it and the nodes below move there, and it is deleted.

        What had both has the other once. Raises :class:`BusinessRuleError` at ``into``: ``same_node``,
        ``below_itself``, ``retired``, ``name_taken``, ``too_deep``, and as :meth:`check_part`.
        """
        self.hold()
        node, into = self.current(node), self.current(into)
        if node == into:
            raise BusinessRuleError("same_node", self.same_node, field="into")
        self.check_part(node, into, field="into")
        if into.is_descendant_of(node):
            raise BusinessRuleError("below_itself", self.merge_below_itself, field="into")
        if into.is_retired and not node.is_retired:
            raise BusinessRuleError("retired", self.retired, field="into")
        references_rename(node, str(into), is_merged=True)
        references_move(node, into)
        for child in list(self.model.objects.get_children(node)):
            self.move(child, into, field="into")
        self.current(node).delete()
        return self.current(into)

    @transaction.atomic
    def delete(self, node: N) -> None:
        """Delete a node and all below it. Raises :class:`BusinessRuleError` as :meth:`check_unused`."""
        self.hold()
        node = self.current(node)
        self.check_unused(node)
        references_rename(node, str(node))
        try:
            node.delete()
        except models.ProtectedError as error:
            names = sorted({str(row) for row in error.protected_objects})
            more = " …" if len(names) > MOST_NAMED else ""
            message = _("It is in use and cannot be deleted: %s.") % (", ".join(names[:MOST_NAMED]) + more)
            raise BusinessRuleError("in_use", message) from error

    # Checks

    def check_place(self, node: N, parent: N | None, *, height: int, is_retired: bool, field: str = "parent") -> None:
        """Raise if a subtree of this ``height`` cannot be below ``parent``."""
        if parent is None:
            return
        self.check_part(node, parent, field=field)
        if parent.is_retired and not is_retired:
            raise BusinessRuleError("parent_retired", self.parent_retired, field=field)
        if parent.depth + height > self.max_depth:
            message = _("The tree may have at most %d levels.") % self.max_depth
            raise BusinessRuleError("too_deep", message, field=field)

    def check_name(self, node: N, parent: N | None, name: str, *, field: str = "name_fi") -> None:
        """Raise if another node beside has this name."""
        if self.beside(node, parent).filter(name_fi__iexact=name).exclude(pk=node.pk).exists():
            raise BusinessRuleError("name_taken", self.name_taken % {"name": name}, field=field)

    def free_code(self, taken: Iterable[str], code: str, name: str) -> str:
        """Return ``code``, or one made of ``name`` that is not ``taken``. Raise ``code_taken`` if ``code`` is."""
        fold = str.lower if self.ignores_case else str
        known = {fold(one) for one in taken}
        if code and fold(code) in known:
            raise BusinessRuleError("code_taken", self.code_taken, field="code")
        base = code or code_of(name, self.code_if_nameless)
        return next(c for c in (base, *(f"{base}_{n}" for n in range(2, len(known) + 3))) if fold(c) not in known)


def code_of(name: str, nameless: str) -> str:
    """Return a code made of a name."""
    return slugify(name).replace("-", "_")[:50] or nameless


def references_move(old: models.Model, new: models.Model) -> None:
    """Let all that refers to ``old`` refer to ``new``, whichever app it belongs to, many-to-many links included.

    Where a row may have ``new`` only once and has it already, its row for ``old`` is deleted, unless its model's
    ``target_merged(rows, new)`` has made room for it. Histories keep ``old``, and so does what ``old`` refers to
    itself.
    """
    for model, column in _references(type(old)):
        rows = model._base_manager.filter(**{column: old})
        make_room: Any = getattr(model, "target_merged", None)
        if make_room is not None:
            make_room(rows, new)
        for names, condition in _uniques(model, column):
            others = model._base_manager.filter(condition, **{column: new}, **{name: OuterRef(name) for name in names})
            rows.filter(condition).filter(Exists(others)).delete()
        rows.update(**{column: new})


def references_rename(row: models.Model, name: str, *, is_merged: bool = False) -> None:
    """Hand on a new name to those that keep the name of what they refer to (``target_renamed``)."""
    for model, column in _references(type(row)):
        renamed: Any = getattr(model, "target_renamed", None)
        if renamed is not None:
            renamed(model._base_manager.filter(**{column: row}), name, is_merged=is_merged)


def _references(target: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Yield model and column of every foreign key to a model, hidden ones and those of many-to-many links included."""
    own_links = {field.remote_field.through for field in target._meta.local_many_to_many}
    for relation in target._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        model: Any = relation.related_model
        if model not in own_links and not issubclass(model, Event):
            yield model, relation.field.name


def _uniques(model: type[models.Model], column: str) -> Iterator[tuple[Sequence[str], Q]]:
    """Yield the other columns (and the condition) of each rule that allows a row of a model only once."""
    meta = model._meta
    if meta.get_field(column).unique:  # type: ignore[union-attr]
        yield (), Q()
    groups: list[tuple[Sequence[str], Q]] = [(names, Q()) for names in meta.unique_together]
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            expressions: Iterable[Any] = constraint.expressions
            plain = [name.name for name in expressions if isinstance(name, F)]  # type: ignore[attr-defined]
            groups.append((constraint.fields or plain, constraint.condition or Q()))
    for names, condition in groups:
        if column in names:
            yield [name for name in names if name != column], condition


def paths_as_text(nodes: Iterable[Any]) -> dict[int, str]:
    """Return the names of each node from the top (*Business › Leadership*), in one query for the nodes above."""
    nodes = list(nodes)
    ends = {node.pk: range(node.steplen, len(node.path), node.steplen) for node in nodes}
    wanted = {node.path[:end] for node in nodes for end in ends[node.pk]}
    above = {row.path: row.name for row in type(nodes[0]).objects.filter(path__in=wanted)} if wanted else {}
    return {node.pk: " › ".join([*(above[node.path[:end]] for end in ends[node.pk]), node.name]) for node in nodes}


def parents_of(nodes: Sequence[Any], field: str = "pk") -> dict[int, Any]:
    """Return the ``field`` of the node above each one, None at the top, in one query."""
    above = {node.pk: node.path[: -node.steplen] for node in nodes if node.depth > 1}
    rows = type(nodes[0]).objects.filter(path__in=above.values()) if above else None
    values = dict(rows.values_list("path", field)) if rows is not None else {}
    return {node.pk: values.get(above.get(node.pk)) for node in nodes}


def tree_history_of(obj: models.Model, related: Iterable[type[models.Model]] = ()) -> list[HistoryEntry]:
    """Return the history of a node or of a part of a tree with moves in words: a new place above, not its columns."""
    return [entry for entry in map(_in_words, history_of(obj, related)) if entry]


def _in_words(entry: HistoryEntry) -> HistoryEntry | None:
    rest = [change for change in entry.changes if change.label not in TREE_COLUMNS]
    if len(rest) == len(entry.changes):
        return entry
    is_moved = any(c.label == "path" and c.old != "–" and c.old[:-4] != c.new[:-4] for c in entry.changes)
    rest += [Change(_("place in the tree"), "–", _("moved"))] if is_moved else []
    return HistoryEntry(entry.at, entry.who, entry.what, rest) if rest else None
