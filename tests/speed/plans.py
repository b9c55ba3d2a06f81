"""What PostgreSQL does for a statement: every SELECT of a block is explained as it is run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

LARGE_TABLE = 50_000
MOST_ROWS = 20_000
#: A sequential scan that stops at the limit of its statement, soon, is none.
STOPS_AFTER = 20_000
#: What these get is counted where it is read.
PASSING_ON = ("Nested Loop", "Materialize", "Memoize")
#: Entries of an index that give a bitmap are read by the thousand.
MOST_ENTRIES = 200_000


class Plans:
    """The faults of the statements that were run, each statement looked at once."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[int] = set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s", [LARGE_TABLE])
            self.large = {name for (name,) in cursor.fetchall()}

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """Explain each SELECT of the block; give the list that has its faults afterwards."""
        self.faults = []
        with connection.execute_wrapper(self._explain):
            yield self.faults

    def _explain(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        statement = str(sql)
        if statement.lstrip("( ").startswith("SELECT") and any(f'"{name}"' in statement for name in self.large):
            key = hash((statement, str(params)))
            if key not in self.seen:
                self.seen.add(key)
                self._look(statement, params)
        return execute(sql, params, many, context)

    def _look(self, statement: str, params: Any) -> None:
        with connection.connection.cursor() as cursor:  # the driver's own: Django's would come here again
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", params)
            [[[content]]] = cursor.fetchall()
        plan = json.loads(content) if isinstance(content, str) else content
        self.faults += [f"{fault} in {statement[:40]} … {statement[-260:]}" for fault in self._faults(plan["Plan"])]

    def _faults(self, node: dict[str, Any]) -> Iterator[str]:
        name, table = node["Node Type"], node.get("Relation Name", "")
        read = rows_read(node)
        most = MOST_ENTRIES if name == "Bitmap Index Scan" else MOST_ROWS
        if name == "Seq Scan" and table in self.large and read > STOPS_AFTER:
            yield f"{name} of {table}"
        elif read > most and name not in PASSING_ON:
            yield f"{name} of {table or node.get('Index Name', '')} reads {read:,.0f} rows"
        for part in node.get("Plans", []):
            yield from self._faults(part)


def rows_read(node: dict[str, Any]) -> float:
    """Return the number of rows that a node has looked at in its loops together."""
    removed = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Index Recheck", "Join Filter"))
    return float((node["Actual Rows"] + removed) * node["Actual Loops"])
