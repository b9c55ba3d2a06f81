"""Value figures follow the value mode: a walk over pages, API, exports and conditions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from core import clock
from core.conditions.fields import fields
from core.metrics import fixed_metrics
from segmentation.metrics.models import CustomerMetrics, OwnMetric
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.services.values import value_give
from segmentation.metrics.tests.world import Rich, value_mode_set
from segmentation.metrics.value_mode import visible_metrics
from segmentation.portfolio.services import decision_make
from segmentation.schemes.models import Scheme, SegmentGoal

pytestmark = pytest.mark.django_db

CODES = [code for code, metric in fixed_metrics().items() if metric.is_value and not metric.is_helper]
SOFT = ["Strategic value", "Business potential", "Reference value"]
TABLE = {
    # who sees value figures of one customer, and of all customers, by mode
    "used": ({"owner", "management", "key_account_manager"}, {"management", "key_account_manager"}),
    "development": ({"management", "key_account_manager"}, {"management", "key_account_manager"}),
    "off": (set(), set()),
}
WHO = ("owner", "colleague", "management", "key_account_manager", "administrator", "read_only")


class World:
    def __init__(self, mode):
        value_mode_set(mode)
        self.rich = Rich()
        self.rich.costs()
        self.customer = self.rich.customer
        value_give(
            customer=self.customer, metric=OwnMetric.objects.get(code="strategic-value"), number=Decimal(9), user=None,
            reason="Secret grounds",
        )  # fmt: skip
        metrics_refresh([self.customer.pk])
        self.users = {"owner": self.rich.owner, "colleague": UserFactory(role="account_manager")}
        for code in WHO[2:]:
            self.users[code] = UserFactory(role=code)
        scheme = Scheme.objects.get(is_primary=True)
        self.segment = scheme.segments.order_by("order")[0]
        SegmentGoal.objects.create(segment=self.segment, year=clock.today().year, kind="profitability", target=1)


@pytest.fixture(params=TABLE)
def mode(request):
    return request.param


@pytest.fixture
def world(mode):
    return World(mode)


def says(answer):
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def labels():
    return [str(fixed_metrics()[code].label) for code in CODES]


def found(text):
    return [label for label in (*labels(), *SOFT, *CODES, "Secret grounds") if label in text or escape(label) in text]


def test_the_pages_of_one_customer_and_its_order(world, mode, client):
    """The tab of metrics, each figure's page, entering a value, the cost of an order."""
    for who, user in world.users.items():
        client.force_login(user)
        sees = who in TABLE[mode][0]
        tab = found(says(client.get(reverse("metrics:customer_tab", args=[world.customer.pk]))))
        assert bool(tab) == sees, (who, tab)
        if sees:
            assert set(labels()) <= set(tab)
        for name, code in (("customer_metric", "profit_12"), ("customer_metric", "own_strategic_value")):
            answer = client.get(reverse(f"metrics:{name}", args=[world.customer.pk, code]))
            assert answer.status_code == (200 if sees else 404), (who, code)
        assert (
            client.get(reverse("metrics:give", args=[world.customer.pk, "own_strategic_value"])).status_code == 200
        ) == (sees and who != "read_only"), who


def test_pages_about_all_customers(world, mode, client):
    for who, user in world.users.items():
        client.force_login(user)
        sees = who in TABLE[mode][1]
        for name in ("list", "definitions"):
            text = found(says(client.get(reverse(f"metrics:{name}"))))
            assert bool(text) == sees, (who, name, text)


def test_exports(world, mode, client):
    for who, user in world.users.items():
        client.force_login(user)
        sees = who in TABLE[mode][1]
        url = reverse("metrics:list")
        answer = client.get(url, {"export": "csv", "columns": ["name", *(CODES if sees else [])]})
        head = says(answer).splitlines()[0]
        assert bool(found(head)) == sees, (who, head)
        refused = client.get(url, {"export": "csv", "columns": ["name", "profit_12"]})
        assert (refused.status_code == 200) == sees, who
        assert ("Profitability" in says(refused)) == sees, who


def test_the_api(world, mode, client):
    for who, user in world.users.items():
        _row, key = api_token_create(user=user, name="key")
        headers = {"Authorization": f"Token {key}"}

        def get(path, headers=headers, **query):
            return client.get(f"/api/v1/{path}", query, headers=headers)

        one, every = (who in seers for seers in TABLE[mode])
        client.logout()
        assert bool(found(says(get("metrics/")))) == every, who
        assert (get("metrics/profit_12/").status_code == 200) == every, who
        assert bool(found(says(get("customer-metrics/")))) == every, who
        assert bool(found(says(get(f"customer-metrics/{world.customer.pk}/")))) == one, who
        history = get(f"customer-metrics/{world.customer.pk}/history/", code="profit_12")
        assert (history.status_code == 200) == one, who
        assert bool(found(says(get("own-metrics/")))) == every, who
        assert bool(found(says(get("metric-values/")))) == every, who
        cost = get(f"order-costs/{world.rich.orders[0].pk}/").status_code
        may = one or (mode != "off" and who in ("administrator", "owner"))  # who may change the order enters it
        assert (cost == 200) == may, (who, cost)


def test_the_conditions_of_selections(world, mode):
    for who, user in world.users.items():
        value_fields = [field for field in fields().values() if str(field.label) in labels()]
        assert len(value_fields) == len(CODES)
        allowed = {str(field.label) for field in value_fields if field.allowed(user)}
        assert allowed == (set(labels()) if who in TABLE[mode][1] else set()), who


def test_off_computes_no_value_figure_and_takes_away_what_was_there(world, mode):
    kept = CustomerMetrics.objects.get(customer=world.customer).values
    assert any(code in kept for code in CODES) == (mode != "off")
    assert ("own_strategic_value" in kept) == (mode != "off")
    value_mode_set("off")
    metrics_refresh([world.customer.pk])
    kept = CustomerMetrics.objects.get(customer=world.customer).values
    assert not any(code in kept for code in (*CODES, "own_strategic_value"))


def test_settings_of_costs_are_there_only_where_value_is_used(world, mode, client):
    client.force_login(world.users["administrator"])
    text = says(client.get(reverse("metrics:settings")))
    assert ("Costs of an hour" in text) == (mode != "off")
    assert bool(found(text)) == (mode != "off")
    assert client.get(reverse("metrics:add_hour-costs")).status_code == (403 if mode == "off" else 200)
    panel = client.get(reverse("metrics:order_cost", args=[world.rich.orders[0].pk]))
    assert panel.status_code == (403 if mode == "off" else 200)


def test_without_a_primary_scheme_value_is_off():
    Scheme.objects.filter(is_primary=True).update(is_primary=False)
    assert not any(metric.is_value for metric in visible_metrics(UserFactory(role="management")).values())


PORTFOLIO = ("", "customers/", "concentration/", "ordered/", "unprofitable/")
#: Texts of the portfolio that nobody reads who does not see value figures.
WORDS = ("Customer portfolio", "Unprofitable customers", "/portfolio/", "Secret action")


def test_the_portfolio(world, mode, client):
    """Its pages, files, menu entries and API; decisions about a customer; the goals of a segment."""
    if mode != "off":
        decision_make(
            customer=world.customer, user=None, cause="price", action="Secret action",
            review_on=clock.today() + dt.timedelta(days=30),
        )  # fmt: skip
    for who, user in world.users.items():
        one, every = (who in seers for seers in TABLE[mode])
        opens = every or (mode == "used" and who in ("owner", "colleague", "administrator"))
        client.force_login(user)
        for page in PORTFOLIO:
            answer = client.get(f"/portfolio/{page}")
            assert answer.status_code == (200 if opens else 403), (who, page)
        export = client.get("/portfolio/unprofitable/", {"export": "csv"})
        assert export.status_code == (200 if opens else 403), who
        says(export)
        shown = client.get("/portfolio/ordered/").content.decode() if opens else ""
        assert (str(world.customer.name) in shown) == (one or every), who
        for name in ("decision", "decide"):
            answer = client.get(reverse(f"portfolio:{name}", args=[world.customer.pk]))
            assert answer.status_code == (200 if one else 403), (who, name)
        text = says(client.get("/segments/")) + says(client.get("/schemes/"))
        assert any(word in text for word in WORDS) == opens, who
        goals = says(client.get(f"/segments/{world.segment.pk}/", {"part": "goals"}))
        assert ("profitability" in goals) == every, who
        rules = says(client.get(f"/schemes/{world.segment.scheme_id}/")).split('id="segment-', 1)[1]
        assert ("profitability, €" in rules) == every, who
        _row, key = api_token_create(user=user, name="portfolio")
        client.logout()
        headers = {"Authorization": f"Token {key}"}
        kinds = [
            goal["kind"]
            for goal in client.get(f"/api/v1/segments/{world.segment.pk}/", headers=headers).json()["goals"]
        ]
        assert ("profitability" in kinds) == every, who
        for path in ("portfolio/", "portfolio/concentration/", "profit-decisions/"):
            answer = client.get(f"/api/v1/{path}", headers=headers)
            assert answer.status_code == (200 if opens else 403), (who, path)
            assert ("Secret action" in says(answer)) == (one and path == "profit-decisions/"), (who, path)
