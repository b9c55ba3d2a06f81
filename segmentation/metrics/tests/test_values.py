"""Soft values and own metrics: entering, replacing, expiry, words, settings."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import clock
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory
from segmentation.metrics.models import CustomerMetrics, OwnMetric, OwnValue
from segmentation.metrics.own import scale_words
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.services.values import value_give
from segmentation.metrics.tests.world import value_mode_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    return CustomerFactory(owner=owner)


def metric(code="loyalty"):
    return OwnMetric.objects.get(code=code)


def give(customer, code="loyalty", **content):
    return value_give(customer=customer, metric=metric(code), **{"user": None, **content})


def test_a_new_value_replaces_the_last_one_which_stays(customer):
    give(customer, number=Decimal(3), reason="First")
    give(customer, number=Decimal(8), reason="Second")
    values = OwnValue.objects.filter(customer=customer).order_by("pk")
    assert [(value.number, value.replaced_on is None) for value in values] == [(3, False), (8, True)]


def test_the_same_value_again_changes_nothing(customer):
    first = give(customer, "payroll", number=Decimal(1000))
    assert give(customer, "payroll", number=Decimal(1000)) == first
    assert OwnValue.objects.count() == 1


def test_a_value_expires_by_its_metrics_own_time(customer):
    with clock.frozen(dt.date(2026, 1, 31)):
        value = give(customer, number=Decimal(3))
    assert value.expires_on == dt.date(2028, 1, 30)


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("loyalty", {"number": Decimal(11)}),
        ("loyalty", {"number": Decimal("2.5")}),
        ("loyalty", {"day": dt.date(2026, 1, 1)}),
        ("loyalty", {}),
        ("employer-since", {"number": Decimal(1)}),
        ("payroll", {"number": Decimal("1.001")}),
        ("payroll", {"number": Decimal("Infinity")}),
    ],
)
def test_a_value_that_is_not_of_the_kind_is_refused(customer, code, content):
    with pytest.raises(BusinessRuleError, match="Enter"):
        give(customer, code, **content)
    assert not OwnValue.objects.exists()


def test_a_day_in_the_future_and_one_before_the_last_value_are_refused(customer):
    give(customer, number=Decimal(3))
    for day in (clock.today() + dt.timedelta(days=1), clock.today() - dt.timedelta(days=1)):
        with pytest.raises(BusinessRuleError):
            give(customer, number=Decimal(4), given_on=day)


def test_an_inactive_customer_takes_no_value():
    with pytest.raises(BusinessRuleError, match="inactive"):
        give(CustomerFactory(passive=True), number=Decimal(3))


def test_the_months_of_a_day_are_counted(customer):
    with clock.frozen(dt.date(2026, 3, 1)):
        give(customer, "employer-since", day=dt.date(2025, 1, 15))
    metrics_refresh([customer.pk], day=dt.date(2026, 11, 29))
    assert CustomerMetrics.objects.get(customer=customer).values["own_employer_since"] == 22


def test_numbers_between_words_say_between_which_they_are():
    words = scale_words(list(metric().levels.all()))
    assert words(5) == "buys from us and from others"
    assert words(6) == "between “buys from us and from others” and “buys from us first”"


def test_the_owner_enters_a_value_on_the_customers_page(client, owner, customer):
    client.force_login(owner)
    url = reverse("metrics:give", args=[customer.pk, "own_loyalty"])
    assert "buys from us first" in client.get(url).content.decode()
    answer = client.post(url, {"value": "8", "reason": "Said so at the yearly meeting"})
    assert answer.status_code == 302
    value = OwnValue.objects.get(customer=customer)
    assert (value.number, value.given_by, value.reason) == (8, owner, "Said so at the yearly meeting")
    page = client.get(reverse("metrics:customer_metric", args=[customer.pk, "own_loyalty"])).content.decode()
    assert "8 – buys from us first" in page
    assert "Said so at the yearly meeting" in page


def test_a_soft_value_needs_grounds(client, owner, customer):
    client.force_login(owner)
    answer = client.post(reverse("metrics:give", args=[customer.pk, "own_loyalty"]), {"value": "8", "reason": ""})
    assert answer.status_code == 422
    assert not OwnValue.objects.exists()


def test_a_colleague_enters_no_value(client, customer):
    client.force_login(UserFactory(role="account_manager"))
    assert client.post(reverse("metrics:give", args=[customer.pk, "own_loyalty"]), {"value": "8"}).status_code == 403


def test_an_administrator_adds_a_scale_with_words(client):
    client.force_login(UserFactory(role="administrator"))
    form = {
        "name_fi": "Innostus", "name_en": "Enthusiasm", "code": "enthusiasm", "order": "10", "kind": "scale",
        "definition_fi": "Kuinka innokas", "definition_en": "How keen", "words_fi": "0 ei lainkaan\n10 = erittäin",
        "words_en": "0 not at all\n10 very",
    }  # fmt: skip
    assert client.post(reverse("metrics:add_own"), form).status_code == 302
    assert [level.words_en for level in metric("enthusiasm").levels.all()] == ["not at all", "very"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"words_fi": "11 liikaa"}, "This line cannot be read"),
        ({"words_fi": ""}, "A scale needs words."),
        ({"words_en": "5 middle"}, "Give words to the same numbers in both languages."),
        ({"code": "loyalty"}, "Another item of this list has this code."),
        ({"code": "spending_share"}, "Another metric has a code that differs only in its signs."),
    ],
)
def test_an_own_metric_that_cannot_be_is_refused(client, change, message):
    client.force_login(UserFactory(role="administrator"))
    form = {
        "name_fi": "Innostus", "code": "enthusiasm", "order": "10", "kind": "scale", "definition_fi": "Kuinka",
        "definition_en": "How", "words_fi": "0 ei\n10 kyllä", "words_en": "",
    }  # fmt: skip
    answer = client.post(reverse("metrics:add_own"), form | change)
    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_a_retired_metric_is_no_longer_shown(client, owner, customer):
    value_mode_set("used")
    OwnMetric.objects.filter(code="loyalty").update(retired_at=clock.now())
    client.force_login(owner)
    assert "Loyalty" not in client.get(reverse("metrics:customer_tab", args=[customer.pk])).content.decode()
    assert client.get(reverse("metrics:customer_metric", args=[customer.pk, "own_loyalty"])).status_code == 404
