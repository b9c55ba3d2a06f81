"""Editing in place of offers, in their list too."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import clock
from core.tests.inline import Editor, events
from offers.offers.models import Offer
from offers.offers.tests.factories import OfferFactory
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(owner, customer):
    return OfferFactory(owner=owner, customer=customer, lines=[line("Day")], expected_close=clock.today())


def editor(page, offer, field, column=""):
    url = reverse("offers:inline", args=[offer.pk, field])
    return Editor(page, f"{url}?column={column}" if column else url)


def test_the_expected_close_is_changed_and_the_lines_stay(page, offer):
    response = editor(page, offer, "expected_close").save(expected_close="+7")
    now = Offer.objects.get(pk=offer.pk)
    assert response.status_code == 204
    assert now.expected_close == clock.today() + dt.timedelta(days=7)
    assert (now.lines.count(), now.net, now.version) == (1, offer.net, offer.version + 1)


def test_a_day_before_the_offer_is_refused_at_the_field(page, offer):
    response = editor(page, offer, "valid_until").save(valid_until="1.1.2020")
    assert (response.status_code, "valid_until" in response.context["form"].errors) == (422, True)
    assert Offer.objects.get(pk=offer.pk).valid_until == offer.valid_until


def test_a_change_of_the_account_manager_is_undone(page, offer, owner):
    edit = editor(page, offer, "owner", column="owner")
    response = edit.save(owner=UserFactory(role="account_manager", last_name="Uusi").pk)
    assert "Uusi" in events(response)["inline:done"]["cell"]
    Offer.objects.get(pk=offer.pk).customer.responsibilities.create(user=owner, start=clock.today())
    edit.undo(response)
    assert Offer.objects.get(pk=offer.pk).owner == owner


def test_the_status_is_changed_by_its_steps(page, offer):
    text = editor(page, offer, "status").open().content.decode()
    assert reverse("offers:lose", args=[offer.pk]) in text
    assert reverse("orders:accept", args=[offer.pk]) in text
    assert page.post(reverse("offers:inline", args=[offer.pk, "status"])).status_code == 405


def test_a_decided_offer_is_not_offered_for_editing(page, owner, customer):
    lost = OfferFactory(owner=owner, customer=customer, status="lost")
    assert "data-inline=" not in page.get(lost.get_absolute_url()).content.decode()
    assert f'data-row="{lost.pk}"' not in page.get(f"{reverse('offers:list')}?tab=all").content.decode()
    assert editor(page, lost, "title").save(title="New").status_code == 422
    assert Offer.objects.get(pk=lost.pk).title == lost.title


def test_the_list_offers_own_offers_and_those_of_own_customers(page, owner, offer, colleague):
    other = OfferFactory()
    text = page.get(f"{reverse('offers:list')}?tab=all").content.decode()
    assert f'<tr data-row="{offer.pk}">' in text
    assert f'data-row="{other.pk}"' not in text
    assert editor(colleague, offer, "title").open().status_code == 403
