"""The customer's edition as its reader meets it: comments, names, several answers at once, our name."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from careplans.content.edition import PROGRAM, edition_of
from careplans.content.models import EditionComment, EditionLink, PlanContent
from careplans.content.pdf import edition_html, plans_html
from careplans.content.services.links import link_accept, link_make, link_revoke, secret_of
from careplans.content.views.links import PublicView
from careplans.plans.models import PlanUpdate
from careplans.plans.tests.world import under, version_of
from core import clock
from customers.models import Customer
from customers.tests.factories import ContactFactory, PositionFactory, ResponsibilityFactory
from offers.offers.models import SellerDetails

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


# Several answers at once


@pytest.fixture
def stale(link: EditionLink, monkeypatch: pytest.MonkeyPatch) -> EditionLink:
    """The link as a request has read it before another one answers."""
    monkeypatch.setattr(PublicView, "find", lambda view, secret: link)
    return link


def test_accepting_once_more_at_the_same_moment_shows_who_accepted_it_and_when(stale):
    link_accept(link=stale, name="Maija Virtanen")
    assert answer(stale, "accept").status_code == 302
    stale.refresh_from_db()
    assert stale.accepted_name == "Maija Virtanen"
    assert "Maija Virtanen accepted the plan on" in Client().get(address(stale)).content.decode()
    assert PlanUpdate.objects.count() == 1


def test_an_answer_with_a_link_that_was_revoked_meanwhile_shows_nothing_of_the_plan(stale):
    link_revoke(link=stale)
    page = answer(stale, "comment", comment="More visits")
    assert (page.status_code, "Shorter delivery times" in page.content.decode()) == (410, False)


def test_a_refused_comment_after_another_has_accepted_offers_no_accepting(stale):
    link_accept(link=stale, name="Maija Virtanen")
    page = answer(stale, "comment", comment=" ").content.decode()
    assert "Maija Virtanen accepted the plan on" in page
    assert "Accept the plan" not in page


# The name


def test_the_name_begins_with_that_of_the_contact_and_stays_as_it_was_written(link):
    assert 'value="Maija Virtanen"' in Client().get(address(link)).content.decode()
    answer(link, "comment", name="Maija V.", comment="More visits")
    assert 'value="Maija V."' in Client().get(address(link)).content.decode()


def test_a_name_that_was_emptied_is_asked_for_and_not_filled_in_again(link):
    page = answer(link, "comment", name="", comment="More visits").content.decode()
    assert "Enter your name." in page
    assert 'autocomplete="name" value=""' in page


# Whose plan it is


def papers(link: EditionLink) -> list[str]:
    """Return the page and what the PDFs of the edition and the internal plan are made of."""
    customers = Customer.objects.with_summary().filter(pk=link.customer_id)
    page = Client().get(address(link)).content.decode()
    return [page.partition("<main")[2], edition_html(link.content, "en"), plans_html(customers, clock.today())]


def test_the_page_and_the_pdfs_have_the_name_of_our_organisation_and_not_of_the_program(customer, link, settings):
    settings.ORGANISATION = PROGRAM
    assert not [text for text in papers(link) if PROGRAM in text]
    SellerDetails.objects.create(name="Omnia Oy")
    old = {**link.content, "organisation": PROGRAM}  # as editions were stored before
    EditionLink.objects.filter(pk=link.pk).update(content=old)
    link.refresh_from_db()
    assert all("Omnia Oy" in text and PROGRAM not in text for text in papers(link))
    assert edition_of(customer, clock.today())["organisation"] == "Omnia Oy"


def test_an_installation_with_a_name_of_its_own_uses_that(customer, settings):
    settings.ORGANISATION = "Omnia"
    assert edition_of(customer, clock.today())["organisation"] == "Omnia"
