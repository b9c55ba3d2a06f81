"""The demo with another set of schemes: the insurance fund's runs automatically and knows no value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoDbBlocker

from accounts.models import User
from accounts.services import api_token_create
from core import registry
from core.conditions.fields import fields
from core.metrics import fixed_metrics
from customers.models import Customer, CustomerSummary
from demo.tests.helpers import CUSTOMERS
from segmentation.criteria.models import CriteriaVersion, Evaluation
from segmentation.membership.models import Membership, Proposal
from segmentation.metrics.models import CustomerMetrics, OwnMetric
from segmentation.schemes.models import Scheme

WHO = ("management", "keymanager", "admin", "manager")
#: Words about the value of customers to us that no page may have. *Value* alone is that of an offer as well.
WORDS = re.compile(
    r"(?i)\bprofitab|\bportfolio|\bkannattavu|\basiakassalkku|\bvaluable customers|\bcosts of an hour|\bservice cost"
)


@pytest.fixture(scope="module")
def fund(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The insurance fund after a night, loaded once for this module."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        call_command("load_demo", "--customers", str(CUSTOMERS), "--set", "tvr", verbosity=0)
        call_command("refresh_metrics")
        call_command("evaluate_criteria")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(fund: None, db: None) -> None:
    """The fund's data in this test's transaction."""


def texts() -> list[str]:
    """Return the labels and codes of the figures about value."""
    fixed = [metric for metric in fixed_metrics().values() if metric.is_value and not metric.is_helper]
    own = OwnMetric.objects.filter(is_value=True)
    names = [name for metric in own for name in (metric.name_en, metric.name_fi, metric.code)]
    return [*(str(metric.label) for metric in fixed), *(metric.code for metric in fixed), *names]


def found(text: str) -> list[str]:
    """Return what a page says about value."""
    return [*WORDS.findall(text), *(name for name in texts() if name in text or escape(name) in text)]


def content(answer: Any) -> str:
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode("utf-8", "replace")


def test_the_scheme_is_the_primary_one_and_the_other_is_retired_without_customers(loaded):
    primary = Scheme.objects.get(is_primary=True)
    assert (primary.code, primary.is_automatic, primary.value_mode) == ("employers", True, "off")
    assert Scheme.objects.get(code="omn").is_retired
    assert set(Membership.objects.values_list("scheme__code", flat=True)) == {"employers"}
    assert not Proposal.objects.exists()


def test_the_night_moves_customers_with_the_version_as_the_reason(loaded):
    version = CriteriaVersion.objects.in_force().get(scheme__code="employers")
    active = Customer.objects.filter(is_demo=True, state="active")
    assert Evaluation.objects.filter(scheme=version.scheme).count() == active.count()
    moved = Membership.objects.present().filter(criteria_version=version.number)
    assert moved.exists()
    assert set(moved.values_list("kind", flat=True)) == {"automatic"}
    given = Evaluation.objects.filter(scheme=version.scheme, segment__isnull=False).exclude(outcome="share")
    for row in given:
        assert CustomerSummary.objects.get(pk=row.customer_id).segment_id == row.segment_id
    assert not Evaluation.objects.filter(is_suggestion=True).exists()


@pytest.mark.parametrize("who", WHO)
def test_no_page_says_anything_about_value(loaded, client, who):
    user = User.objects.get(username=who)
    user.language = "en"
    user.save()
    client.force_login(user)
    pages = [reverse(item.url_name) for item in registry.nav.allowed("main", user) if item.has_needs(user)]
    customer = Customer.objects.filter(is_demo=True, summary__owner=user).first() or Customer.objects.first()
    pages += [reverse(tab.url_name, args=[customer.pk]) for tab in registry.tabs.allowed("customer", user, customer)]
    pages += [
        reverse("metrics:list"),
        reverse("metrics:definitions"),
        reverse("schemes:list"),
        reverse("criteria:list"),
    ]
    pages += [reverse("schemes:detail", args=[row.pk]) for row in Scheme.objects.in_use()]
    pages += ["/", f"{reverse('metrics:list')}?export=csv", f"{reverse('customers:list')}?export=csv"]
    said = {}
    for page in dict.fromkeys(pages):
        answer = client.get(page, follow=True)
        if answer.status_code == 200 and (words := found(content(answer))):
            said[page] = words
    assert len(pages) > 20
    assert said == {}


def test_the_api_and_the_conditions_say_nothing_about_value(loaded, client):
    user = User.objects.get(username="management")
    _row, key = api_token_create(user=user, name="key")
    customer = CustomerMetrics.objects.values_list("customer", flat=True).first()
    for path in ("metrics/", "customer-metrics/", f"customer-metrics/{customer}/", "own-metrics/", "metric-values/"):
        answer = client.get(f"/api/v1/{path}", headers={"Authorization": f"Token {key}"})
        assert answer.status_code == 200, path
        assert found(content(answer)) == [], path
    labels = set(texts())
    assert not [field for field in fields().values() if str(field.label) in labels and field.allowed(user)]


def test_no_value_is_computed(loaded):
    codes = {code for code, metric in fixed_metrics().items() if metric.is_value}
    codes |= {
        f"own_{code.replace('-', '_')}"
        for code in OwnMetric.objects.filter(is_value=True).values_list("code", flat=True)
    }
    assert CustomerMetrics.objects.exists()
    for row in CustomerMetrics.objects.all():
        assert not codes & set(row.values)


def test_a_goal_of_profitability_is_refused(loaded, client):
    segment = Scheme.objects.get(is_primary=True).segments.first()
    client.force_login(User.objects.get(username="admin"))
    goal = {"year": 2026, "kind": "profitability", "target": 5}
    assert client.post(reverse("schemes:goal_add", args=[segment.pk]), goal).status_code == 422
    assert client.post(reverse("schemes:goal_add", args=[segment.pk]), {**goal, "kind": "members"}).status_code == 302
