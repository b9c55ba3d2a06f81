"""Links to parent organisations, made after all rows are imported because a parent may come later in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import connection

from core import clock
from customers.models import Customer
from imports.enums import RowStatus
from imports.models import ImportRow, ImportRun
from imports.pipeline.base import add_problem
from imports.pipeline.matching import CustomerKey, match_customers
from imports.pipeline.writing import rows_update
from imports.problems import Problem
from imports.values import business_id

#: No row has this number: negative row numbers are customers that a check would add.
MISSING = -(2**40)

# Each parent is looked up by its own: the planner expects many of them and would read the whole table.
_ANCESTORS = """
WITH RECURSIVE above AS (
    SELECT id, parent_id FROM customers_customer WHERE id = ANY(%s)
    UNION
    SELECT c.id, c.parent_id FROM above a
    CROSS JOIN LATERAL (SELECT id, parent_id FROM customers_customer WHERE id = a.parent_id LIMIT 1) c
) SELECT id, parent_id FROM above
"""
_IN_FILE = """
SELECT i.n, min(r.number) FROM unnest(%s::int[], %s::text[]) AS i(n, name)
JOIN imports_importrow r ON r.run_id = %s AND r.fate = 'created'
    AND portaali_name_key(r.key_name) = portaali_name_key(i.name)
GROUP BY i.n
"""


@dataclass
class Tree:
    """The parents of the batch's customers and their ancestors, kept up to date during the batch."""

    parents: dict[int, int | None] = field(default_factory=dict)

    @classmethod
    def read(cls, ids: set[int]) -> Tree:
        with connection.cursor() as cursor:
            cursor.execute(_ANCESTORS, [list(ids)])
            return cls(dict(cursor.fetchall()))

    def would_loop(self, child: int, parent: int) -> bool:
        above: int | None = parent
        while above is not None:
            if above == child:
                return True
            above = self.parents.get(above)
        return False


def link_parents(run: ImportRun, rows: Sequence[ImportRow], system: str, planned: dict[int, int | None]) -> None:
    """Link each row's customer to its parent and update the row's result.

    A check writes nothing: it remembers in ``planned`` what earlier rows do. New customers have no id there and are
    known by their negative row number.
    """
    texts = [(row.values or {}).get("parent") or "" for row in rows]
    matches = match_customers([_parent_key(text, system) for text in texts])
    in_file = _in_file(run, texts) if run.dry_run else {}
    ids = {pk for match in matches for pk in match.ids} | {row.target_id for row in rows if row.target_id}
    tree = Tree.read(ids)
    tree.parents |= planned
    changed = {}
    for n, (row, text, match) in enumerate(zip(rows, texts, matches, strict=True)):
        child = row.target_id or -row.number
        found = (-in_file[n],) if not match.ids and n in in_file else match.ids
        parent = _parent(row, text, found, child, tree)
        if parent != MISSING and tree.parents.get(child) != parent:
            tree.parents[child] = parent
            changed[child] = row
            _note_change(row)
    for row in rows:
        row.values = None
    if run.dry_run:
        planned |= {child: tree.parents[child] for child in changed}
    else:
        _write_parents(changed, tree)


def _parent_key(text: str, system: str) -> CustomerKey:
    """Return the key of a parent given as a number in the file's system, a business ID or a name."""
    try:
        identity = business_id(text) if text else ""
    except ValidationError:
        identity = ""
    return CustomerKey(system, text if system else "", identity, text)


def _parent(row: ImportRow, text: str, found: Sequence[int], child: int, tree: Tree) -> int | None:
    """Return the parent's id, None for none, or MISSING after adding a problem to the row."""
    if not text:
        return None
    if len(found) != 1:
        code = "ambiguous_parent" if found else "unknown_parent"
    elif tree.would_loop(child, found[0]):
        code = "parent_loop"
    else:
        return found[0]
    add_problem(row, Problem(code, {"value": text[:80]}, "parent"))
    return MISSING


def _note_change(row: ImportRow) -> None:
    if row.fate != RowStatus.CREATED:
        row.fate = RowStatus.UPDATED
        row.changed = [*row.changed, "parent"]


def _write_parents(changed: dict[int, ImportRow], tree: Tree) -> None:
    customers = Customer.objects.select_for_update().filter(pk__in=changed).order_by("pk")
    records = []
    for pk, version, updated_at in customers.values_list("pk", "version", "updated_at"):
        record = {"id": pk, "parent_id": tree.parents[pk], "version": version, "updated_at": updated_at}
        if changed[pk].fate != RowStatus.CREATED:
            record |= {"version": version + 1, "updated_at": clock.now()}
        records.append(record)
    rows_update(Customer, records)


def _in_file(run: ImportRun, texts: list[str]) -> dict[int, int]:
    """Return the row numbers of the parents that an import would add (for a check), by their indexes."""
    with connection.cursor() as cursor:
        cursor.execute(_IN_FILE, [list(range(len(texts))), texts, run.pk])
        return dict(cursor.fetchall())
