"""Sizes and moves between two days: each figure is that of its list, and the sums agree."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.tests.factories import UserFactory
from core import clock
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.membership.models import Membership
from segmentation.membership.tests.factories import segment
from segmentation.portfolio.flow_tables import moves_table, sizes_table
from segmentation.portfolio.selectors.flow import customers_of, flow_of
from segmentation.portfolio.selectors.query import FlowQuery, end_of
from segmentation.portfolio.selectors.shares import growing_share, retention, sizes_by

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2025, 11, 29), dt.date(2026, 11, 29)
LONG_AGO, BETWEEN = "2024-01-15", "2026-03-15"


def at(day: str) -> dt.datetime:
    return end_of(dt.date.fromisoformat(day)) - dt.timedelta(hours=12)


def member(customer: Any, code: str, start: str, end: str = "", ended_as: str = "", **fields: Any) -> Membership:
    own = segment(code)
    period = DateTimeTZRange(at(start), at(end) if end else None, "[)")
    fields = {"kind": "set", "decided_at": at(start), **fields}
    return Membership.objects.create(
        scheme=own.scheme, segment=own, customer=customer, period=period, ended_as=ended_as, **fields
    )


def customer(since: str = LONG_AGO, gone: str = "", **fields: Any) -> Customer:
    """Return a customer that was added on a day and, if it is so, left on another."""
    row = CustomerFactory(**fields)
    left = {"state": "passive", "passive_since": dt.date.fromisoformat(gone)} if gone else {}
    Customer.objects.filter(pk=row.pk).update(created_at=at(since), **left)
    return row


@pytest.fixture
def world() -> dict[str, Any]:
    """Some customers of each kind that a flow knows."""
    rows: dict[str, Any] = {name: customer() for name in ("stays", "moves", "enters", "leaves", "none")}
    member(rows["stays"], "B", LONG_AGO)
    member(rows["moves"], "C", LONG_AGO, BETWEEN)
    member(rows["moves"], "B", BETWEEN)
    member(rows["enters"], "P", BETWEEN)
    member(rows["leaves"], "C", LONG_AGO, BETWEEN, "left")
    rows["new"] = customer(since=BETWEEN)
    member(rows["new"], "P", BETWEEN)
    rows["gone"] = customer(gone=BETWEEN)
    member(rows["gone"], "C", LONG_AGO, BETWEEN, "inactive")
    rows["new_none"], rows["gone_none"] = customer(since=BETWEEN), customer(gone=BETWEEN)
    rows["long_gone"] = customer(gone="2025-01-15")
    rows["new_and_gone"] = customer(since="2026-01-15", gone=BETWEEN)
    rows["returned"] = customer()
    member(rows["returned"], "C", LONG_AGO, "2025-05-15", "inactive")
    member(rows["returned"], "B", BETWEEN)
    return rows


@pytest.fixture
def query(world: Any) -> FlowQuery:
    return FlowQuery(scheme=segment("A").scheme, first=FIRST, last=LAST)


def by_code(flow: Any) -> dict[tuple[str, str], int]:
    names = {node.key: node.segment.code if node.segment else node.key for node in flow.nodes}
    return {(names[was], names[now]): number for (was, now), number in flow.cells.items()}


@pytest.fixture(autouse=True)
def day() -> Any:
    with clock.frozen(LAST):
        yield


def test_a_flow_says_where_each_customer_went(query: FlowQuery) -> None:
    assert by_code(flow_of(query)) == {
        ("B", "B"): 1, ("C", "B"): 1, ("none", "P"): 1, ("C", "none"): 1, ("new", "P"): 1, ("C", "gone"): 1,
        ("none", "none"): 1, ("new", "none"): 1, ("none", "gone"): 1, ("new", "B"): 1,
    }  # fmt: skip


def test_every_cell_leads_to_exactly_the_customers_that_it_counts(query: FlowQuery) -> None:
    flow = flow_of(query)
    seen: set[int] = set()
    for (was, now), number in flow.cells.items():
        rows = set(customers_of(query, [was], [now]).values_list("pk", flat=True))
        assert len(rows) == number, (was, now)
        assert not rows & seen
        seen |= rows
    assert set(customers_of(query, [], []).values_list("pk", flat=True)) == seen
    for node in flow.nodes:
        assert customers_of(query, [node.key], []).count() == flow.before(node.key) or node.key == "gone"
        assert customers_of(query, [], [node.key]).count() == flow.after(node.key) or node.key == "new"


def test_the_sums_of_sizes_and_moves_agree(query: FlowQuery) -> None:
    flow = flow_of(query)
    sizes, moves = sizes_table(flow), moves_table(flow)
    by_name = {row[0]: row for row in moves.rows}
    for _label, before, stayed, left, entered, after, change, _share in sizes.rows:
        assert before - left == stayed == after - entered
        assert change == after - before
    for name, before, *_rest in sizes.rows:
        assert by_name.get(name, [0])[-1] == before
    assert moves.total is not None
    assert moves.total[-1] == sum(flow.cells.values())


def test_a_day_is_meant_by_its_end(query: FlowQuery) -> None:
    row = customer()
    member(row, "A", FIRST.isoformat())
    assert by_code(flow_of(query))["A", "A"] == 1
    assert ("A", "A") not in by_code(flow_of(query.on(FIRST - dt.timedelta(days=1), LAST)))


def test_filters_look_at_the_customers_of_today(query: FlowQuery) -> None:
    owner = UserFactory(role="account_manager")
    own = customer(owner=owner)
    member(own, "B", LONG_AGO)
    asked = FlowQuery(scheme=query.scheme, first=FIRST, last=LAST, filters={"owner": owner})
    assert by_code(flow_of(asked)) == {("B", "B"): 1}
    assert list(customers_of(asked, [], [])) == [own]
    parts = sizes_by(query, "owner")
    assert {part.of: part.total for part in parts}[owner] == 1
    flow = flow_of(query)
    assert sum(part.total for part in parts) == sum(flow.after(node.key) for node in flow.right if node.key != "gone")


def test_the_share_of_growing_customers_is_of_direct_ones_with_a_segment(query: FlowQuery, world: Any) -> None:
    share = growing_share(query, LAST)  # stays, moves, returned in B; enters and new in P
    assert (share.part, share.whole, share.percent) == (5, 5, 100.0)
    member(customer(), "C", LONG_AGO)
    Customer.objects.filter(pk=world["stays"].pk).update(directness="indirect")
    share = growing_share(query, LAST)
    assert (share.part, share.whole, share.percent) == (4, 5, 80.0)
    assert growing_share(query, FIRST).percent == 0.0  # only those of C: B is indirect


def test_retention_is_who_ordered_in_both_of_two_years(query: FlowQuery, world: Any) -> None:
    for name, days in (("stays", ["2025-11-29", "2026-11-29"]), ("moves", ["2025-06-01"]), ("none", ["2026-06-01"])):
        for day in days:
            OrderFactory(customer=world[name], date=dt.date.fromisoformat(day), net=1)
    OrderFactory(customer=world["moves"], date=dt.date(2026, 6, 1), net=1, status="cancelled")
    share = retention(query, LAST)
    assert (share.part, share.whole, share.percent) == (1, 2, 50.0)
