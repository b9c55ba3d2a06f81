"""The steps in the head of an offer's page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def offer(user):
    return OfferFactory(customer=CustomerFactory(owner=user), owner=user, lines=[line()])


def url(name, obj):
    return reverse(f"offers:{name}", args=[obj.pk])


def main_steps(page, offer):
    return [step.url for step in page.get(offer.get_absolute_url()).context["steps"] if step.is_main]


def test_the_head_of_a_draft_has_one_main_step_the_one_that_brings_it_out(page, offer):
    assert main_steps(page, offer) == [url("send", offer)]
    offer.type.price_limit = 1
    offer.type.save()
    assert main_steps(page, offer) == [url("approval_ask", offer)]
    page.post(url("approval_ask", offer))
    assert main_steps(page, offer) == []


def test_the_head_of_a_draft_on_the_funders_form_marks_it_as_sent(page, offer):
    offer.type.is_funder_form = True
    offer.type.save()
    assert main_steps(page, offer) == [url("mark_sent", offer)]
