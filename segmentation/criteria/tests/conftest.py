"""Evaluates rules over customers with values that the test gives, so that nothing else has a part in it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from core.conditions import tree as trees
from core.conditions.tree import Group
from core.metrics import Metric, Missing
from segmentation.criteria import conditions, sql
from segmentation.criteria.statement import Standing, Statement, Subject
from segmentation.criteria.tests.reference import One, Person, Result
from segmentation.criteria.tops import cuts_of

DAY = dt.date(2026, 11, 28)
VALUES = (
    "jsonb_to_recordset(%(given)s::jsonb) "
    "AS m (customer_id bigint, values jsonb, standing int, since date, criteria int)"
)


def metric(code: str, missing: Missing = Missing.UNKNOWN) -> Metric:
    return Metric(code=code, label=code, definition=code, source="test", sql="0", missing=missing)


METRICS = {code: metric(code) for code in ("size", "sales", "visits")}


@pytest.fixture(autouse=True)
def test_metrics(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Let the metrics of the tests be known beside the declared ones."""
    real = sql.figure
    for module in (sql, conditions):
        monkeypatch.setattr(module, "figure", lambda code: METRICS.get(code) or real(code))


def tree(data: dict[str, Any] | list[Any]) -> Group:
    """Return the tree of JSON; a list is a group of which all parts hold."""
    return trees.read(data if isinstance(data, dict) and "join" in data else {"join": "all", "parts": data})


def at_least(code: str, enter: Any, leave: Any = None, **more: Any) -> dict[str, Any]:
    return _compared("at_least", code, enter, leave, more)


def at_most(code: str, enter: Any, leave: Any = None, **more: Any) -> dict[str, Any]:
    return _compared("at_most", code, enter, leave, more)


def top(code: str, enter: Any, leave: Any = None, **more: Any) -> dict[str, Any]:
    return _compared("top", code, enter, leave, more)


def _compared(op: str, code: str, enter: Any, leave: Any, more: dict[str, Any]) -> dict[str, Any]:
    values = {"metric": code, "op": op, "enter": str(enter), **{name: str(value) for name, value in more.items()}}
    return {"field": "criteria.metric", "values": {**values, **({} if leave is None else {"leave": str(leave)})}}


def score(enter: Any, *parts: dict[str, Any], leave: Any = None) -> dict[str, Any]:
    values = {"enter": str(enter), **({} if leave is None else {"leave": str(leave)})}
    threshold = {"field": "criteria.threshold", "values": values}
    return {"join": "all", "relation": "score", "parts": [threshold, *parts]}


def group(join: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"join": join, "parts": list(parts)}


Evaluate = Callable[..., dict[int, Result]]


@pytest.fixture
def evaluate(db: None) -> Evaluate:
    """Return a function that evaluates segments over people by the SQL."""

    def run(
        ones: Sequence[One], people: Sequence[Person], *, day: dt.date = DAY, minimum_known: int = 0, criteria: int = 1
    ) -> dict[int, Result]:
        given = json.dumps([
            {
                "customer_id": person.pk,
                "values": {code: str(value) for code, value in person.values.items() if value is not None},
                "standing": person.standing,
                "since": person.since and person.since.isoformat(),
                "criteria": person.criteria,
            }
            for person in people
        ])  # fmt: skip
        standing = Standing("", "m.standing", "m.since", "m.criteria", "m.standing", {"given": given})
        values = f"SELECT m.customer_id, (m.values->>%(code)s)::numeric AS value FROM {VALUES}"
        statement = Statement(
            criteria=criteria,
            subjects=[Subject(one.pk, one.minimum_days, one.tree) for one in ones],
            minimum_known=minimum_known,
            standing=standing,
            cuts=cuts_of([one.tree for one in ones if one.tree], values, {"given": given}),
            values=f"JOIN {VALUES} ON m.customer_id = c.id",
        )
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.parameters(day, 0, 2**31))
            return {row[0]: Result(row[3], row[4], Decimal(row[5]), row[6]) for row in cursor.fetchall()}

    return run
