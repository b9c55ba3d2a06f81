"""The values that the top shares of the customers reach: *in the top 1 %* is then a plain comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.db import connection

from core.conditions.tree import Group, rules_of
from segmentation.criteria.conditions import METRIC
from segmentation.criteria.enums import Comparison
from segmentation.criteria.figures import VALUES_TABLE
from segmentation.criteria.sql import thresholds

#: The values of one metric by customer.
VALUES = f"SELECT m.customer_id, (m.values->>%(code)s)::numeric AS value FROM {VALUES_TABLE} m"


def tops_in(trees: Iterable[Group]) -> set[tuple[str, Decimal]]:
    """Return the shares of the top, by metric, that conditions of the rules name."""
    found = set()
    for rule in (rule for tree in trees for rule in rules_of(tree)):
        if rule.field == METRIC and rule.values.get("op") == Comparison.TOP:
            found |= {(rule.values.get("metric", ""), share) for share in thresholds(rule.values) if share is not None}
    return found


def cuts_of(
    trees: Iterable[Group], values: str = VALUES, parameters: Mapping[str, Any] | None = None
) -> dict[tuple[str, str], Decimal | None]:  # fmt: skip
    """Return the value that the top shares reach, by metric and share: of active customers with a known value.

    Rank ≤ share of their number, rounded up, is a value of at least that of the last rank; ties are in.
    """
    tops = tops_in(trees)
    found: dict[tuple[str, str], Decimal | None] = {}
    with connection.cursor() as cursor:
        for code in sorted({code for code, _share in tops}):
            rows = (
                f"FROM ({values}) v JOIN customers_customer c ON c.id = v.customer_id "
                "WHERE c.state = 'active' AND v.value IS NOT NULL"
            )
            about = {**(parameters or {}), "code": code}
            cursor.execute(f"SELECT count(*) {rows}", about)
            count = cursor.fetchone()[0]
            for share in sorted(share for of, share in tops if of == code):
                rank = int((share * count / 100).to_integral_value(ROUND_CEILING))
                skip = {**about, "skip": max(rank - 1, 0)}
                cursor.execute(f"SELECT v.value {rows} ORDER BY v.value DESC OFFSET %(skip)s LIMIT 1", skip)
                row = cursor.fetchone()
                found[code, str(share)] = row[0] if row else None
    return found
