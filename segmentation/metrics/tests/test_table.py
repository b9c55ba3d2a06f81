"""Each metric against a value computed by hand, and its rows against the figure."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from core.metrics import fixed_metrics, shown_metrics, untranslated
from customers.tests.factories import CustomerFactory
from segmentation.metrics.models import CustomerMetrics, OwnMetric
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.services.values import value_give
from segmentation.metrics.tests.world import DAY, Rich, value_mode_set

pytestmark = pytest.mark.django_db

EXPECTED = {
    "personnel": 120, "personnel_at_least": 120, "personnel_change": 20, "personnel_change_percent": 20,
    "turnover": 5_000_000, "company_age": 26, "area": 1,
    "relation_years": 3, "framework_agreement": 1, "contacts_known": 2, "decision_maker_known": 1,
    "ordered_12": 1500, "ordered_before_12": 200, "ordered_change": 650, "ordered_36": 2000,
    "orders_12": 2, "orders_24": 3, "orders_36": 4, "orders_total": 5, "order_periods_36": 3,
    "retained": 1, "months_since_order": 0,
    "participants_12": 10, "participants_36": 15, "delivery_days_36": 4,
    "offers_12": 2, "offers_24": 3, "offers_36": 4, "offered_36": 850, "open_offers": 2, "open_offers_net": 150,
    "offers_won_36": 2, "hit_rate_36": "66.7", "leads_12": 2, "mutual_leads_12": 1,
    "product_groups_36": 2, "products_36": 2, "variety_kinds_36": 2, "variety_36": 4,
    "days_since_contact": 0, "contacts_12": 6, "contacts_24": 8, "meetings_12": 2, "contacts_meeting_12": 2,
    "contacts_video_12": 0, "contacts_phone_12": 2, "contacts_email_12": 1, "contacts_other_12": 1, "channels_12": 3,
    "enquiries_12": 1, "unnecessary_12": 1, "solved_at_once_12": 50, "hours_12": "15.5", "hours_36": "18.5",
    "feedback_12": 2, "thanks_12": 1, "complaints_12": 1, "complaints_open": 1,
    "nps_answers_24": 3, "nps_24": 33, "nps_score": 9,
    "direct_cost_12": 400, "work_cost_12": 890, "service_cost_12": 27, "profit_12": 183,
    "direct_cost_before_12": 50, "work_cost_before_12": 150, "service_cost_before_12": 3, "profit_before_12": -3,
    "direct_cost_36": 470, "work_cost_36": 1040, "service_cost_36": 30, "profit_36": 460, "unprofitable_years": 0,
}  # fmt: skip


@pytest.fixture
def rich():
    with clock.frozen(DAY):
        value_mode_set("used")
        world = Rich()
        world.costs()
        yield world


def figures(customer):
    return CustomerMetrics.objects.get(customer=customer).values


def test_every_metric_has_the_value_computed_by_hand(rich):
    metrics_refresh([rich.customer.pk])
    found = {code: Decimal(str(value)) for code, value in figures(rich.customer).items()}
    fixed = {code for code, metric in fixed_metrics().items() if not metric.is_helper}
    assert fixed == EXPECTED.keys()
    assert {code: found.get(code) for code in EXPECTED} == {code: Decimal(value) for code, value in EXPECTED.items()}
    assert found[f"unnecessary_{rich.reason.pk}_12"] == 1


def test_without_data_own_registers_say_zero_and_the_rest_is_not_known(rich):
    empty = CustomerFactory()
    metrics_refresh([empty.pk])
    found = figures(empty)
    assert {code for code, metric in shown_metrics().items() if metric.missing == "zero"} <= found.keys()
    known = {code for code in found if shown_metrics()[code].missing == "unknown"}
    bought = {"product_groups_36", "products_36", "variety_36"}  # nothing was ordered: that is known
    assert known == bought | {code for code in EXPECTED if "cost" in code or "profit" in code}
    assert set(found.values()) == {0}


def test_a_figure_that_counts_rows_leads_to_as_many_rows(rich, client):
    client.force_login(rich.owner)
    metrics_refresh([rich.customer.pk])
    found, tried = figures(rich.customer), 0
    for code, metric in fixed_metrics().items():
        if code in ("complaints_open", "offers_won_36", "nps_answers_24", "meetings_12"):
            assert metric.rows, code
        if metric.rows and metric.unit == "count":
            tried += 1
            url = metric.rows(rich.customer.pk, DAY)
            assert len(client.get(url).context["table"].rows) == found[code], (code, url)
    assert tried > 10


def test_the_figures_of_one_customer_take_a_constant_number_of_queries(rich):
    with CaptureQueriesContext(connection) as captured:
        metrics_refresh([rich.customer.pk])
    others = [CustomerFactory().pk for _number in range(3)]
    with CaptureQueriesContext(connection) as more:
        metrics_refresh([rich.customer.pk, *others])
    assert len(captured) == len(more)


def test_a_second_run_writes_nothing(rich):
    assert metrics_refresh() > 0
    assert metrics_refresh() == 0


def test_a_soft_value_is_a_figure_until_it_expires(rich):
    metric = OwnMetric.objects.get(code="loyalty")
    value_give(customer=rich.customer, metric=metric, number=Decimal(8), user=rich.owner, reason="Said so")
    metrics_refresh([rich.customer.pk])
    assert figures(rich.customer)["own_loyalty"] == 8
    with clock.frozen(DAY.replace(year=2028)):
        metrics_refresh([rich.customer.pk])
    assert "own_loyalty" not in figures(rich.customer)


def test_every_metric_has_its_texts_in_both_languages():
    assert [text for metric in fixed_metrics().values() for text in untranslated(metric)] == []


def test_the_address_of_rows_names_the_customer(rich):
    for metric in fixed_metrics().values():
        if metric.rows:
            assert f"customer={rich.customer.pk}" in urlsplit(metric.rows(rich.customer.pk, DAY)).query
