"""Cards of the pipeline and their permitted moves."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from accounts.tests.factories import UserFactory
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import ActivityFactory, activity_type
from core.permissions import allowed
from customers.tests.factories import CustomerFactory
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.models import Offer
from offers.offers.tests.factories import OfferTypeFactory
from offers.offers.tests.pages import client_of
from offers.sales.board import cards_of
from offers.sales.selectors.pipeline import LEAD, leads_to_close, offers_to_move
from offers.sales.tests.pipeline import columns, make_lead, make_offer

pytestmark = pytest.mark.django_db


def moves(user, offer):
    for cards in cards_of(columns(user).values(), user).values():
        for card in cards:
            if card.pk == offer.pk:
                return [move.to for move in card.moves]
    return None


@pytest.mark.parametrize("status", OfferStatus)
def test_a_card_offers_the_moves_that_the_table_of_statuses_allows(user, status):
    offer = make_offer(owner=user, status=status)
    assert moves(user, offer) == list(OFFER_TRANSITIONS[status])


def test_a_card_that_is_not_ones_own_cannot_be_moved(user):
    assert moves(user, make_offer()) == []


def test_an_offer_of_a_customer_that_one_is_responsible_for_can_be_moved(user):
    assert moves(user, make_offer(customer=CustomerFactory(owner=user))) != []


@pytest.mark.parametrize("role", ["account_manager", "read_only", "management", "administrator", "sales_assistant"])
def test_cards_can_be_moved_as_the_rule_says_of_each(role):
    user = UserFactory(role=role)
    offers = [
        make_offer(),
        make_offer(owner=user),
        make_offer(customer=CustomerFactory(owner=user)),
        make_offer(owner=user, customer=CustomerFactory(passive=True)),
    ]
    assert offers_to_move(user, offers) == {offer.pk for offer in offers if allowed(user, "offers.decide_offer", offer)}


@pytest.mark.parametrize("role", ["account_manager", "read_only", "management"])
def test_leads_can_be_closed_as_the_rule_says_of_each(role):
    user = UserFactory(role=role)
    logger = user if role != "read_only" else UserFactory(role="account_manager")
    taking_part = make_lead()
    taking_part.users.add(user)
    leads = [make_lead(), make_lead(logger), taking_part]
    assert leads_to_close(user, leads) == {lead.pk for lead in leads if allowed(user, "leads.handle_lead", lead)}


def move(user, kind, obj, to, **headers):
    return client_of(user).get(
        f"/pipeline/{kind}s/{obj.pk}/move/", {"to": to, "next": "/pipeline/?q=a"}, headers=headers
    )


@pytest.mark.parametrize(
    ("to", "page"), [("sent", "mark-sent"), ("order", "accept"), ("lost", "lose")], ids=["sent", "order", "lost"]
)
def test_a_move_goes_on_to_the_page_of_its_button(user, to, page):
    offer = make_offer(owner=user)
    answer = move(user, "offer", offer, to)
    assert (answer.status_code, answer.url) == (302, f"/offers/{offer.pk}/{page}/?next=%2Fpipeline%2F%3Fq%3Da")


def test_a_card_dropped_on_sent_asks_how_it_was_sent(user):
    offer = make_offer(owner=user)
    dialog = {"HX-Request": "true", "HX-Target": "dialog"}
    answer = client_of(user).get(
        f"/pipeline/offers/{offer.pk}/move/?to=sent&next=/pipeline/", headers=dialog, follow=True
    )
    assert f'href="/offers/{offer.pk}/send/?next=%2Fpipeline%2F" data-dialog' in answer.text
    assert 'name="note"' in answer.text
    assert "<html" not in answer.text


def test_what_cannot_be_sent_yet_says_why_and_offers_no_letter(user):
    offer = make_offer(owner=user, valid_until=dt.date(2020, 1, 1), date=dt.date(2019, 1, 1))
    answer = client_of(user).get(f"/offers/{offer.pk}/mark-sent/")
    assert "The offer is no longer valid." in answer.text
    assert f"/offers/{offer.pk}/send/" not in answer.text


@pytest.mark.parametrize(
    ("status", "to"), [("open", "sent"), ("open", "lost"), ("open", "order"), ("sent", "open"), ("lost", "open")]
)
def test_a_dropped_card_opens_its_form_in_the_dialog(user, status, to):
    offer = make_offer(owner=user, status=status)
    client = client_of(user)
    dialog = {"HX-Request": "true", "HX-Target": "dialog"}
    answer = client.get(f"/pipeline/offers/{offer.pk}/move/?to={to}", headers=dialog, follow=True)
    assert answer.status_code == 200
    assert "<form" in answer.text
    assert "<html" not in answer.text


def test_what_is_on_the_funders_form_is_marked_as_sent(user):
    offer = make_offer(owner=user, type=OfferTypeFactory(is_funder_form=True))
    assert move(user, "offer", offer, "sent").url.startswith(f"/offers/{offer.pk}/mark-sent/")


def test_a_sent_offer_goes_back_into_preparation_with_a_reason(user):
    offer = make_offer(owner=user, status="sent")
    assert move(user, "offer", offer, "open").url.startswith(f"/offers/{offer.pk}/reopen/")


@pytest.mark.parametrize("to", [*OfferStatus, LEAD, "", "nonsense"])
@pytest.mark.parametrize("status", OfferStatus)
def test_a_move_that_the_table_refuses_is_told_in_a_sentence(user, status, to):
    offer = make_offer(owner=user, status=status)
    answer = move(user, "offer", offer, to, hx_request="true")
    if to in OFFER_TRANSITIONS[status]:
        assert answer.status_code == 302
    else:
        events = json.loads(answer.headers["HX-Trigger"])
        assert Offer.objects.get().status == status
        assert events["toast"]["text"].startswith("An offer")
        assert "board:refused" in events


def test_without_javascript_a_refused_move_is_told_on_the_board(user):
    offer = make_offer(owner=user, status="order")
    client = client_of(user)
    answer = client.get(f"/pipeline/offers/{offer.pk}/move/?to=lost", follow=True)
    assert "An offer with the status “order” cannot become “lost”." in answer.text


def test_nobody_moves_a_colleagues_offer(user):
    assert move(user, "offer", make_offer(), "lost").status_code == 403


def test_a_lead_becomes_an_offer_by_the_form_of_a_new_one(user):
    lead = make_lead()
    assert move(user, "lead", lead, "open").url.startswith(f"/offers/new/?activity={lead.pk}")


def test_a_lead_is_closed_with_its_reason(user):
    lead = make_lead(user)
    assert move(user, "lead", lead, "lost").url.startswith(f"/activities/{lead.pk}/lead/close/")


@pytest.mark.parametrize("to", ["sent", "order"])
def test_a_lead_needs_an_offer_before_it_is_sent_or_ordered(user, to):
    answer = move(user, "lead", make_lead(user), to, hx_request="true")
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Make an offer from the lead first."


def test_who_writes_no_offers_makes_none_of_a_lead():
    assert move(UserFactory(role="customer_adviser"), "lead", make_lead(), "open").status_code == 403


def test_a_move_leads_to_no_other_site(user):
    offer = make_offer(owner=user)
    answer = client_of(user).get(f"/pipeline/offers/{offer.pk}/move/?to=lost&next=//evil.example/")
    assert answer.url == f"/offers/{offer.pk}/lose/?next=%2Fpipeline%2F"


def test_a_lead_without_a_customer_has_a_card(user):
    lead = ActivityFactory(type=activity_type("lead"), customer=None, status=ActivityStatus.OPEN)
    Lead.objects.create(activity=lead)
    assert moves(user, lead) == ["open"]
