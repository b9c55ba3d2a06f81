"""Lists behind the figures find few rows by their ids and ask many row by row: both have the same."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from core import clock
from customers.models import Customer
from segmentation.membership.models import Membership
from segmentation.membership.tests.factories import segment
from segmentation.portfolio.filters import FlowFilter, RowsFilter
from segmentation.portfolio.selectors.flow import customers_of
from segmentation.portfolio.selectors.query import FlowQuery
from segmentation.portfolio.tests.test_flow import (  # noqa: F401 - fixtures
    BETWEEN,
    FIRST,
    LAST,
    LONG_AGO,
    customer,
    day,
    member,
    query,
    world,
)
from segmentation.schemes.models import Segment, SegmentReason

pytestmark = pytest.mark.django_db
FEW = "segmentation.portfolio.filters.FEW"


@pytest.fixture(params=["few", "many"])
def way(request: Any, monkeypatch: Any) -> None:
    if request.param == "many":
        monkeypatch.setattr(FEW, -1)


def filtered(filterset: Any, rows: Any, asked: dict[str, Any]) -> set[int]:
    found = filterset(asked, queryset=rows, request=None)
    assert found.is_valid(), found.errors
    return set(found.qs.values_list("pk", flat=True))


def flow_rows(was: list[str], now: list[str], **more: Any) -> set[int]:
    days = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
    return filtered(FlowFilter, Customer.objects.all(), {**days, "was": was, "now": now, **more})


def memberships(**asked: Any) -> set[int]:
    return filtered(RowsFilter, Membership.objects.all(), asked)


def test_each_pair_of_nodes_has_the_customers_of_its_cell(query: FlowQuery, way: None) -> None:  # noqa: F811
    keys = [*(str(segment(code).pk) for code in "ABCP"), "none"]
    for was, now in product([[], *([key] for key in [*keys, "new"])], [[], *([key] for key in [*keys, "gone"])]):
        assert flow_rows(was, now) == set(customers_of(query, was, now).values_list("pk", flat=True)), (was, now)


def test_who_moved_is_found_among_those_who_ended_and_began(world: Any, way: None) -> None:  # noqa: F811
    b, c, p = (str(segment(code).pk) for code in "BCP")
    assert flow_rows([c], [b]) == {world["moves"].pk}
    assert flow_rows([b, c], [b]) == {world["moves"].pk, world["stays"].pk}
    assert flow_rows([c], ["none"]) == {world["leaves"].pk}
    assert flow_rows(["none"], [p]) == {world["enters"].pk}
    assert flow_rows([c], ["gone"]) == {world["gone"].pk}
    assert flow_rows([b], [c, p]) == set()
    assert flow_rows([c], ["none", "gone"]) == {world["leaves"].pk, world["gone"].pk}
    assert flow_rows([c], [b, "none"]) == {world["moves"].pk, world["leaves"].pk}
    assert flow_rows(["none", "new"], [p]) == {world["enters"].pk, world["new"].pk}


def test_who_had_no_segment_is_found(query: FlowQuery, world: Any, way: None) -> None:  # noqa: F811
    for was, now in ((["none", "new"], []), ([], ["none", "gone"]), (["none", "new"], ["none"]), (["new"], ["none"])):
        assert flow_rows(was, now) == set(customers_of(query, was, now).values_list("pk", flat=True)) != set()


def test_days_in_the_wrong_order_compare_all_the_same(query: FlowQuery, way: None) -> None:  # noqa: F811
    b, c = (str(segment(code).pk) for code in "BC")
    back = query.on(LAST, FIRST)
    asked = {"first": LAST.isoformat(), "last": FIRST.isoformat()}
    assert flow_rows([b], [c], **asked) == set(customers_of(back, [b], [c]).values_list("pk", flat=True)) != set()


def test_customers_without_an_owner_or_a_class(world: Any, way: None) -> None:  # noqa: F811
    owned = customer(owner=UserFactory(role="account_manager"))
    member(owned, "B", LONG_AGO)
    every = flow_rows([], [])
    assert owned.pk in every
    assert flow_rows([], [], without="owner") == every - {owned.pk}
    assert flow_rows([], [], without="industry") == every


def test_memberships_by_their_own_fields(world: Any, way: None) -> None:  # noqa: F811
    reason = SegmentReason.objects.order_by("pk")[0]
    own = customer()
    old = member(own, "C", LONG_AGO, BETWEEN, kind="import")
    new = member(own, "B", BETWEEN, reason=reason)
    key = segment("C").pk
    of_own = {old.pk, new.pk}
    assert memberships(kind=["import"]) == {old.pk}
    assert memberships(reason=reason.code) == {new.pk}
    assert new.pk not in memberships(reason="none")
    assert memberships(began_from="2026-01-01") & of_own == {new.pk}
    assert memberships(ended_from="2026-01-01", segment=[key]) & of_own == {old.pk}
    assert memberships(ended_to="2026-01-01") & of_own == set()


def test_memberships_by_the_ones_beside_them(world: Any, way: None) -> None:  # noqa: F811
    reason = SegmentReason.objects.order_by("pk")[0]
    owner = UserFactory(role="account_manager")
    own = customer(owner=owner)
    old = member(own, "C", LONG_AGO, BETWEEN)
    new = member(own, "B", BETWEEN, reason=reason)
    b, c, of_own = segment("B").pk, segment("C").pk, {old.pk, new.pk}
    assert memberships(came_from=str(c)) & of_own == memberships(went_to="none") & of_own == {new.pk}
    assert memberships(went_to=str(b)) & of_own == memberships(came_from="none") & of_own == {old.pk}
    assert memberships(after_reason=reason.code) == {old.pk}
    assert memberships(after_reason="none") == set(Membership.objects.values_list("pk", flat=True)) - {old.pk}
    assert memberships(owner=owner.pk) == of_own
    assert memberships(came_from=str(b)) == set()


def test_a_stay_that_is_too_long_is_the_same_in_both_ways(world: Any, way: None) -> None:  # noqa: F811
    assert memberships(too_long="true") == set(Membership.objects.too_long(clock.now()).values_list("pk", flat=True))
    Segment.objects.update(longest_days=None)
    assert memberships(too_long="true") == set()
    Segment.objects.filter(pk=segment("B").pk).update(longest_days=300)
    stays = Membership.objects.get(customer=world["stays"])
    assert memberships(too_long="true") == {stays.pk}
