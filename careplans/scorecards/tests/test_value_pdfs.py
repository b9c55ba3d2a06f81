"""No PDF says what a customer is worth where value is off; management finds it in scorecards where it is used."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils.translation import override

from accounts.tests.factories import UserFactory
from careplans.scorecards.services.refreshing import scores_refresh
from careplans.scorecards.services.strategies import strategy_change, strategy_draft
from careplans.scorecards.tests.world import card_of, line_of
from core import clock
from core.tests.bulk import bulk
from customers.models import CustomerSummary
from customers.tests.factories import AddressFactory
from offers.offers.tests.factories import OfferFactory
from offers.offers.tests.pdfs import text_of
from offers.products.tests.factories import line
from segmentation.casework.models import Review
from segmentation.casework.services.reviews import review_start
from segmentation.membership.services.moves import segment_set
from segmentation.metrics.models import OwnMetric
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.metrics.services.values import value_give
from segmentation.metrics.tests.test_value_mode import found
from segmentation.metrics.tests.world import Rich, value_mode_set
from segmentation.portfolio.services import decision_make
from segmentation.schemes.models import SegmentGoal

pytestmark = pytest.mark.django_db
#: What the customer's records say about its value, beside the names of the figures.
SECRETS = ("Secret action", "Earn more", "Grow together", "profitability", "portfolio", "76 543")


@pytest.fixture
def manager(db):
    return UserFactory(role="key_account_manager", language="en")


@pytest.fixture
def customer(segment, manager):
    """A key customer with figures of its value, kept while value was used."""
    scheme = value_mode_set("used")
    rich = Rich()
    rich.costs()
    metric = OwnMetric.objects.get(code="strategic-value")
    value_give(customer=rich.customer, metric=metric, number=Decimal(9), user=None, reason="Secret grounds")
    metrics_refresh([rich.customer.pk])
    decision_make(
        customer=rich.customer, user=None, cause="price", action="Secret action", review_on=dt.date(2099, 1, 1)
    )
    segment_set(customer=rich.customer, segment=segment, user=None, direct=True)
    CustomerSummary.objects.filter(customer=rich.customer).update(segment=segment)
    SegmentGoal.objects.create(segment=segment, year=clock.today().year, kind="profitability", target=76_543)
    review_start(scheme=scheme, user=manager, title="Yearly review")
    return rich.customer


@pytest.fixture
def director(db):
    return UserFactory(role="management", language="en")


@pytest.fixture
def pdfs(customer, manager, director):
    """Return the addresses of all PDFs about customers by their names."""
    card = card_of(customer, manager)
    line_of(card, manager, metric="ordered", goal="Grow together", target=Decimal(76_543))
    line_of(card, manager, "profitability", name="Margin", goal="Earn more")
    scores_refresh()
    draft = strategy_change(
        version=strategy_draft(user=manager, justification="First"), changes={"principles": "Trust"}, user=manager
    )
    of_customer = {"care plan": "carecontent:pdf", "key account": "carefollow:key_account_pdf"}
    review = Review.objects.get()
    AddressFactory(customer=customer, kind="postal")
    labels = bulk(director, "customers.labels", [customer], sheet="l7160", first=1)
    return {
        **{name: reverse(page, args=[customer.pk]) for name, page in of_customer.items()},
        "scorecard": reverse("scorecards:pdf", args=[card.pk]),
        "strategy": reverse("scorecards:strategy_pdf", args=[draft.pk]),
        "minutes": reverse("casework:minutes", args=[review.pk]),
        "clock": f"{reverse('careclock:clock')}?export=pdf",
        "clock of a customer": f"{reverse('careclock:customer', args=[customer.pk])}?export=pdf",
        "adherence": f"{reverse('carefollow:adherence')}?export=pdf",
        "offer": reverse("offers:preview", args=[OfferFactory(customer=customer, lines=[line()]).pk]),
        "labels": reverse("core:job_result", args=[labels.job_id]),
    }


def told(client, url):
    """Return what a PDF says of the customer's value."""
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf"), url
    text = text_of(answer.getvalue() if answer.streaming else answer.content, layout=False).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert text.strip(), url
    with override("en"):
        return [*found(text), *(word for word in SECRETS if word.lower() in text.lower())]


def test_no_pdf_says_what_a_customer_is_worth_where_value_is_off(pdfs, client, director):
    value_mode_set("off")
    client.force_login(director)
    assert {name: told(client, url) for name, url in pdfs.items()} == {name: [] for name in pdfs}


def test_management_finds_the_value_in_the_scorecard_where_it_is_used(pdfs, client):
    client.force_login(UserFactory(role="management", language="en"))
    assert {"Earn more", "Grow together", "profitability"} <= set(told(client, pdfs["scorecard"]))
