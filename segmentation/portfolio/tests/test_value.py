"""The matrix, the concentration of orders and decisions about unprofitable customers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import clock
from core.exceptions import BusinessRuleError
from core.tests.bulk import chosen_from
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory
from segmentation.metrics.models import CustomerMetrics, MetricHistory, OwnMetric, OwnValue
from segmentation.metrics.tests.world import value_mode_set
from segmentation.portfolio.angles import GROUPINGS
from segmentation.portfolio.enums import Field
from segmentation.portfolio.models import ProfitDecision
from segmentation.portfolio.selectors.concentration import concentration_of, gini_of
from segmentation.portfolio.selectors.matrix import MatrixQuery, customers_in, matrix_of, month_before, places_of
from segmentation.portfolio.services import decision_make
from segmentation.portfolio.tests.test_pages import links, rows_of

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 29)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def mode() -> Any:
    value_mode_set("used")
    with clock.frozen(DAY):
        yield


@pytest.fixture
def director() -> Any:
    return UserFactory(role="management", language="en")


@pytest.fixture
def page(client: Any, director: Any) -> Any:
    client.force_login(director)
    return client


def valued(current: Any, potential: Any, **values: Any) -> Any:
    """Return a customer with these figures; the potential has been entered by hand."""
    row = CustomerFactory(owner=values.pop("owner", None))
    figures = {"profit_12": current, "own_business_potential": potential, **values}
    kept = {code: number for code, number in figures.items() if number is not None}
    CustomerMetrics.objects.update_or_create(customer=row, defaults={"values": kept, "since": dt.date(2025, 1, 1)})
    if potential is not None:
        metric = OwnMetric.objects.get(code="business-potential")
        OwnValue.objects.create(customer=row, metric=metric, number=potential)
    return row


def ordered(*amounts: int) -> None:
    for amount in amounts:
        CustomerSummary.objects.filter(customer=CustomerFactory()).update(ordered_12_months=amount)


def asked(user: Any, current: int = 5_000, potential: int = 5) -> MatrixQuery:
    return MatrixQuery(user=user, current=Decimal(current), potential=Decimal(potential))


def test_customers_are_in_four_fields_and_each_field_leads_to_them(director: Any) -> None:
    places = {
        Field.VALUABLE: [valued(5_000, 5), valued(9_000, 8)],
        Field.POTENTIAL: [valued(4_999.99, 5)],
        Field.KEEP: [valued(5_000, 4)],
        Field.IMPROVE: [valued(-100, 0)],
    }
    valued(None, 8)
    valued(8_000, None)
    numbers, sums = matrix_of(asked(director))
    assert numbers == {Field.VALUABLE: 2, Field.POTENTIAL: 1, Field.KEEP: 1, Field.IMPROVE: 1}
    assert sums[Field.VALUABLE] == 14_000
    for name, rows in places.items():
        assert set(customers_in(asked(director), name)) == set(rows)


def test_a_trail_leads_from_the_figures_of_a_year_ago(director: Any) -> None:
    row = valued(9_000, 8)
    for code, number, last in (("profit_12", -500, dt.date(2026, 2, 1)), ("own_business_potential", 3, None)):
        MetricHistory.objects.create(
            customer=row, code=code, from_month=dt.date(2025, 3, 1), to_month=last, value=number
        )
    MetricHistory.objects.create(customer=row, code="profit_12", from_month=dt.date(2026, 3, 1), value=9_000)
    assert month_before(asked(director)) == dt.date(2025, 11, 1)
    (place,) = places_of(asked(director), dt.date(2025, 11, 1))
    assert (place.was_current, place.was_potential) == (-500, 3)
    assert asked(director).field_of(place.was_current, place.was_potential) == Field.IMPROVE


def test_figures_of_the_matrix_lead_to_their_customers(page: Any) -> None:
    valued(9_000, 8)
    valued(0, 8)
    text = page.get("/portfolio/").content.decode()
    figures = links(text)
    assert sorted(number for _url, number in figures) == [1, 1, 2]
    for url, number in figures:
        assert rows_of(page.get(url)) == number, url
    assert page.get("/portfolio/", {"current": "x"}).status_code == 400
    assert page.get("/portfolio/customers/", {"field": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("amounts", "gini"),
    [
        ([1, 1, 1, 1], 0.0),  # 2 · 10 / (4 · 4) − 5/4
        ([1, 3], 0.25),  # 2 · (1 + 6) / (2 · 4) − 3/2
        ([1, 2, 3, 4], 0.25),  # 2 · 30 / (4 · 10) − 5/4
        ([0, 0, 0, 10], 0.75),  # 2 · 40 / (4 · 10) − 5/4
        ([5], 0.0),
        ([], None),
    ],
)
def test_the_gini_coefficient_by_hand(amounts: list[int], gini: float | None) -> None:
    found = gini_of(amounts)
    assert found == (gini if gini is None else pytest.approx(gini))


def test_the_curve_and_the_biggest_customers(director: Any) -> None:
    ordered(10, 20, 30, 40, 0)
    found = concentration_of(director, Q())
    assert (found.number, found.ordered) == (4, 100)
    assert found.gini == pytest.approx(0.25)
    assert found.curve[0] == 0
    assert (found.curve[5], found.curve[10], found.curve[15], found.curve[20]) == (10, 30, 60, 100)
    tops = {top.percent: (top.number, top.least, top.ordered) for top in found.tops}
    assert tops[1] == tops[20] == (1, 40, 40)
    assert tops[50] == (2, 30, 70)
    assert tops[100] == (4, 10, 100)


def test_equal_customers_are_in_a_class_together(director: Any) -> None:
    ordered(10, 40, 40)
    assert concentration_of(director, Q()).tops[0].number == 2
    assert concentration_of(director, Q(pk=0)).gini is None


def test_figures_of_the_concentration_lead_to_their_customers(page: Any) -> None:
    ordered(10, 20, 30, 40)
    for url, number in links(page.get("/portfolio/concentration/").content.decode()):
        assert rows_of(page.get(url)) == number, url


def test_an_unprofitable_customer_is_decided_about_and_reviewed(page: Any, director: Any) -> None:
    row = valued(-500, None, profit_before_12=-300, unprofitable_years=1)
    valued(-500, None, unprofitable_years=0)
    assert [one.object for one in page.get("/portfolio/unprofitable/").context["table"].rows] == [row]
    url = reverse("portfolio:decide", args=[row.pk])
    answer = page.post(url, {"cause": "price", "action": "New price list", "review_on": "2027-02-01"})
    assert answer.status_code == 302
    decision = ProfitDecision.objects.get()
    assert (decision.cause, decision.profit_12, decision.profit_before) == ("price", -500, -300)
    assert decision.decided_by == director
    for name, number in (("missing", 0), ("decided", 1), ("due", 0)):
        assert rows_of(page.get("/portfolio/unprofitable/", {"decision": name})) == number, name
    with clock.frozen(dt.date(2027, 2, 1)):
        assert rows_of(page.get("/portfolio/unprofitable/", {"decision": "due"})) == 1
    decision_make(customer=row, user=director, cause="effort", action="Fewer visits", review_on=dt.date(2027, 3, 1))
    assert [one.cause for one in ProfitDecision.objects.current()] == ["effort"]
    text = page.get(reverse("portfolio:decision", args=[row.pk])).content.decode()
    assert "New price list" in text
    assert "Fewer visits" in text


def test_a_review_is_later_than_today_and_nothing_is_decided_where_value_is_off(director: Any) -> None:
    row = valued(-500, None)
    about = {"customer": row, "user": director, "cause": "other", "action": "x"}
    with pytest.raises(BusinessRuleError, match="later than today"):
        decision_make(review_on=DAY, **about)
    value_mode_set("off")
    with pytest.raises(BusinessRuleError, match="not used"):
        decision_make(review_on=dt.date(2027, 1, 1), **about)


def test_an_owner_sees_and_decides_about_the_own_customers_only(client: Any) -> None:
    owner = UserFactory(role="account_manager", language="en")
    own, other = (valued(-500, 8, unprofitable_years=1, owner=who) for who in (owner, UserFactory()))
    client.force_login(owner)
    assert [one.object for one in client.get("/portfolio/unprofitable/").context["table"].rows] == [own]
    assert sum(matrix_of(asked(owner))[0].values()) == 1
    assert client.get(reverse("portfolio:decide", args=[own.pk])).status_code == 200
    assert client.get(reverse("portfolio:decide", args=[other.pk])).status_code == 403
    assert client.get(reverse("portfolio:decision", args=[other.pk])).status_code == 403


@pytest.mark.parametrize("angle", [grouping.name for grouping in GROUPINGS])
def test_every_class_of_an_angle_leads_to_its_customers(page: Any, angle: str) -> None:
    for number in range(5):
        figures = {"own_loyalty": 3 * number, "product_groups_36": number, "channels_12": number}
        valued(7_000 * number - 1, None if number == 4 else 3 * number, **figures, own_spending_share=number)
    valued(None, None)
    heads = page.get("/portfolio/ordered/", {"group_by": angle, "heads": "1"}, headers=HTMX).context["heads"].heads
    assert sum(int(head.count) for head in heads) == 6
    assert len(heads) > 1 or angle in ("structure", "industry")
    for head in heads:
        assert rows_of(page.get(head.url)) == int(head.count), head.url


@pytest.mark.parametrize("address", ["/portfolio/unprofitable/?owner={owner}", "/portfolio/ordered/?owner={owner}"])
def test_customers_are_ticked_on_the_lists_of_value(page: Any, address: str) -> None:
    owner = UserFactory()
    row, _other = (valued(-500, 8, unprofitable_years=1, owner=who) for who in (owner, UserFactory()))
    assert chosen_from(page, address.format(owner=owner.pk), "customers.class") == [{row.pk}] * 2
