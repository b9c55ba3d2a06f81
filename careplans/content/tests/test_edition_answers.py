"""Answers to the customer's edition through its personal link: comments, names, and several answers at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from careplans.content.models import EditionComment, EditionLink, PlanContent
from careplans.content.services.links import link_make, secret_of
from careplans.plans.tests.world import under, version_of
from customers.models import Customer
from customers.tests.factories import ContactFactory, PositionFactory, ResponsibilityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(owner: Any) -> Customer:
    row = under(version_of())
    ResponsibilityFactory(customer=row, user=owner)
    PlanContent.objects.create(customer=row, goals="Shorter delivery times")
    return row


@pytest.fixture
def link(customer: Customer, owner: Any) -> EditionLink:
    contact = ContactFactory(first_name="Maija", last_name="Virtanen")
    PositionFactory(contact=contact, customer=customer)
    return link_make(customer=customer, contact=contact, language="en", days=30, user=owner)


def address(link: EditionLink) -> str:
    return reverse("carecontent:public", args=[secret_of(link)])


def answer(link: EditionLink, step: str, **about: str) -> HttpResponse:
    return Client().post(address(link), {"name": "Maija", "step": step, **about})


# What is written


def test_a_comment_as_long_as_the_browser_lets_it_be_is_kept_whole(link):
    lines = ["x" * 99] * 20  # with the ends of lines 1,999 characters; a browser sends two for each end
    assert answer(link, "comment", comment="\r\n".join(lines)).status_code == 302
    assert EditionComment.objects.get().text == "\n".join(lines)


def test_a_longer_comment_is_refused_with_what_was_written(link):
    text = "x" * 2_001 + "end"
    page = answer(link, "comment", comment=text)
    assert page.status_code == 422
    assert text in page.content.decode()
    assert "The comment is too long: it has 2,004 characters" in page.content.decode()
    assert not EditionComment.objects.exists()


@pytest.mark.parametrize("step", ["accept", "comment"])
def test_a_longer_name_is_refused_with_what_was_written(step, link):
    name = "M" * 201
    page = answer(link, step, name=name, comment="More visits")
    assert (page.status_code, f'value="{name}"' in page.content.decode()) == (422, True)
    assert "More visits" in page.content.decode()
    link.refresh_from_db()
    assert (link.accepted_at, EditionComment.objects.exists()) == (None, False)


def test_a_null_character_in_a_name_is_left_out(link):
    assert answer(link, "comment", name="Mai\x00ja", comment="More visits").status_code == 302
    assert EditionComment.objects.get().name == "Maija"
