"""The records that a run wrote, read from the history: what it did to each, and whether that is still so."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import GeneratedField, Model

from core.undo.parts import Part, Undoing
from core.undo.reasons import CHANGED, NOT_RECORDED, REMOVED, Reason

#: Columns that say nothing about the content of a record.
SILENT = frozenset({"version", "updated_at"})
#: The label of an event that says what a record was, not that somebody changed it.
SNAPSHOT = "snapshot"
Content = dict[str, Any]


class Event(NamedTuple):
    """A change in the history: its label, when and in which context it happened, and the record after it."""

    id: int
    label: str
    at: dt.datetime
    context: UUID | None
    content: Content


@cache
def columns_of(model: type[Model]) -> tuple[str, ...]:
    """Return the columns that the history of a model keeps and that can be written."""
    generated = {field.column for field in model._meta.concrete_fields if isinstance(field, GeneratedField)}
    kept = model.pgh_event_model._meta.concrete_fields  # type: ignore[attr-defined]
    return tuple(f.column for f in kept if not f.column.startswith("pgh_") and f.column not in generated)


@dataclass
class Item:
    """One record that the run has written, with its history."""

    model: type[Model]
    pk: int
    target: int
    events: list[Event]
    contexts: frozenset[UUID]
    live: Content | None = field(default=None, repr=False)
    by_column: bool = False  # compare and restore only what the run has changed

    @property
    def _own(self) -> list[int]:
        return [n for n, event in enumerate(self.events) if event.context in self.contexts]

    @property
    def first(self) -> Event:
        return self.events[self._own[0]]

    @property
    def last(self) -> Event:
        return self.events[self._own[-1]]

    @property
    def before(self) -> Event | None:
        """The event that had the record as it was before the run; none for a record that the run has made."""
        index = self._own[0]
        earlier = self.events[index - 1] if index else None
        if earlier is None and self.first.label == "delete":
            return self.first  # it has the record as it was removed
        return earlier

    @property
    def is_made(self) -> bool:
        """Whether the run has made the record, and left it there."""
        return self.first.label == "insert" and self.last.label != "delete"

    @property
    def is_removed(self) -> bool:
        """Whether the run has removed a record that was there before."""
        return self.last.label == "delete" and self.first.label != "insert"

    @property
    def is_changed(self) -> bool:
        return self.first.label == "update" and self.last.label != "delete"

    @property
    def problem(self) -> Reason | None:
        """Why the change cannot be taken back, judged by the record itself."""
        between = self.events[self._own[0] : self._own[-1]]
        others = [event for event in between if event.context not in self.contexts]
        if others and not self.by_column:
            return self._since(CHANGED, others[-1])
        later = self.events[self._own[-1] + 1 :]
        if self.last.label == "delete":
            return self._since(CHANGED, later[-1] if later else None) if self.live is not None else None
        if self.live is None:
            return self._since(REMOVED, later[-1] if later else None)
        if not self._equals(self.live):
            return self._since(CHANGED, later[-1] if later else None)
        if self.is_changed and self.before is None:
            return Reason(NOT_RECORDED)
        return None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that an undo compares and restores."""
        names = tuple(name for name in columns_of(self.model) if name not in SILENT)
        before = self.before if self.by_column and self.is_changed else None
        if before is None:
            return names
        return tuple(name for name in names if before.content.get(name) != self.last.content.get(name))

    def _equals(self, content: Content) -> bool:
        return all(self.last.content.get(name) == content.get(name) for name in self.columns)

    def _since(self, code: str, event: Event | None) -> Reason:
        """Return the problem; ``who`` is the context of the change until :func:`core.undo.plan.name_people`."""
        who = str(event.context or "") if event else ""
        at = event.at.isoformat() if event else ""
        return Reason(code, {"what": self.model._meta.label, "who": who, "at": at})


def read_items(
    undoing: Undoing, targets: Collection[int], contexts: Iterable[UUID], *, lock: bool
) -> tuple[list[Item], set[int]]:
    """Return the records that a run has written for these targets, and which of the targets are still there.

    ``lock`` keeps all of them locked until the transaction ends, the targets first.
    """
    own = frozenset(contexts)
    roots = _live(undoing.root, targets, lock=lock)
    items = _items(undoing.root, "pgh_obj_id", {pk: pk for pk in targets}, own)
    by_model: dict[type[Model], list[Item]] = {undoing.root: items}
    owners: dict[type[Model], dict[int, int]] = {undoing.root: {pk: pk for pk in targets}}
    for part in undoing.parts:
        found = _of_part(part, owners.get(part.of, {}), by_model.get(part.of, []), own)
        by_model.setdefault(part.model, []).extend(found)
        owners.setdefault(part.model, {}).update({item.pk: item.target for item in found})
    for model, of_model in by_model.items():
        live = roots if model is undoing.root else _live(model, [item.pk for item in of_model], lock=lock)
        for item in of_model:
            item.live, item.by_column = live.get(item.pk), undoing.by_column
    return [item for of_model in by_model.values() for item in of_model], set(roots)


def _of_part(part: Part, owners: dict[int, int], parents: Sequence[Item], own: frozenset[UUID]) -> list[Item]:
    if part.link:
        return _items(part.model, part.link, owners, own)
    ids = {item.last.content.get(part.by): item.target for item in parents}
    return _items(part.model, "pgh_obj_id", {pk: target for pk, target in ids.items() if pk}, own)


def _items(model: type[Model], column: str, owners: dict[int, int], own: frozenset[UUID]) -> list[Item]:
    """Return the records of a model that the run has written where ``column`` has one of ``owners`` (id: target)."""
    if not owners or not own:
        return []
    table = quoted(model.pgh_event_model._meta.db_table)  # type: ignore[attr-defined]
    sql = f"""
        SELECT e.pgh_obj_id, e.pgh_id, e.pgh_label, e.pgh_created_at, e.pgh_context_id, to_jsonb(e)
        FROM {table} e
        WHERE e.pgh_obj_id IN (
            SELECT o.pgh_obj_id FROM {table} o WHERE o.{quoted(column)} = ANY(%s) AND o.pgh_context_id = ANY(%s)
        )
        ORDER BY e.pgh_id
    """  # noqa: S608
    found: dict[int, Item] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(owners), list(own)])
        for pk, event_id, label, at, context, content in cursor.fetchall():
            item = found.setdefault(pk, Item(model, pk, 0, [], own))
            item.events.append(Event(event_id, label, at, context, _read(content)))
    for item in found.values():
        item.target = owners[item.pk if column == "pgh_obj_id" else _owner(item, column, owners)]
    return list(found.values())


def _owner(item: Item, column: str, owners: dict[int, int]) -> int:
    """Return the id in ``column`` that the run's own events had: later the record may belong to another one."""
    own = (event.content[column] for event in item.events if event.context in item.contexts)
    return next(pk for pk in own if pk in owners)


def _live(model: type[Model], ids: Collection[int], *, lock: bool) -> dict[int, Content]:
    """Return the present content of these records by id."""
    if not ids:
        return {}
    table, pk = quoted(model._meta.db_table), quoted(pk_column(model))
    sql = f"SELECT t.{pk}, to_jsonb(t) FROM {table} t WHERE t.{pk} = ANY(%s) ORDER BY t.{pk}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql + (" FOR UPDATE" if lock else ""), [list(ids)])
        return {key: _read(content) for key, content in cursor.fetchall()}


def _read(text: str) -> Content:
    content: Content = json.loads(text, parse_float=str)
    return content


def pk_column(model: type[Model]) -> str:
    """Return the column of a model's primary key."""
    pk: Any = model._meta.pk
    return str(pk.column)


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return str(connection.ops.quote_name(name))
