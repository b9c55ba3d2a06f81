"""Made-up offers and orders: their statuses, dates and sums are consistent. No database here."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest

from demo.generate.offers import FUNDERS
from demo.generate.population import population
from demo.generate.rows import CustomerRow, OfferChangeRow, OfferLineRow, OfferRow, OrderLineRow, OrderRow
from demo.tests.test_generate import make_world
from offers.products.money import line_net, totals


@pytest.fixture(scope="module")
def found():
    world = make_world()
    kinds = defaultdict(list)
    for bundle in population(world, 400, 1):
        for row in bundle:
            kinds[type(row)].append(row)
    return kinds


def lines_of(found, kind, key, pk):
    return [row for row in found[kind] if getattr(row, key) == pk]


def test_offers_are_of_all_types_and_statuses(found):
    assert {row.type_id for row in found[OfferRow]} == {1, 2, 3, 4}
    assert {row.status for row in found[OfferRow]} == {"open", "sent", "order", "lost"}
    assert {row.status for row in found[OrderRow]} == {"waiting", "in_delivery", "invoiced", "closed"}


def test_every_won_offer_has_exactly_one_order(found):
    won = sorted(row.id for row in found[OfferRow] if row.status == "order")
    assert won == sorted(row.offer_id for row in found[OrderRow])


def test_lost_offers_have_a_reason_and_decided_ones_a_day(found):
    for row in found[OfferRow]:
        assert (row.lost_reason_id is not None) == (row.status == "lost")
        assert (row.decided_at is not None) == (row.status in {"lost", "order"})


def test_sums_are_those_of_the_lines_and_funders_forms_have_none(found):
    for row in found[OfferRow][:200]:
        lines = lines_of(found, OfferLineRow, "offer_id", row.id)
        sums = totals((line_net(one.quantity, one.unit_price, one.discount), one.vat_rate) for one in lines)
        is_funder = row.type_id in {1, 2}
        assert bool(lines) != is_funder
        assert row.net == (row.estimate if is_funder else sums.net)
    assert len(FUNDERS) == 2


def test_nothing_is_invoiced_that_was_not_delivered(found):
    assert any(row.delivered > row.invoiced for row in found[OrderLineRow])
    assert all(Decimal(0) <= row.invoiced <= row.delivered <= row.quantity for row in found[OrderLineRow])


def test_offers_of_passive_customers_are_decided(found):
    passive = {row.id for row in found[CustomerRow] if row.state == "passive"}
    of_passive = [row for row in found[OfferRow] if row.customer_id in passive]
    assert all(row.status in {"order", "lost"} for row in of_passive)


def test_the_changes_of_status_end_where_the_offer_is(found):
    last = {}
    for change in found[OfferChangeRow]:
        assert change.from_status == last.get(change.offer_id, "")
        last[change.offer_id] = change.to_status
    assert last == {row.id: row.status for row in found[OfferRow]}
