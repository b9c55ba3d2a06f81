"""The undo of an offer's last step, in the message about it."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core import clock
from core.exceptions import BusinessRuleError
from offers.offers.models import Offer
from offers.offers.services.sending import offer_mark_sent
from offers.offers.services.status import offer_lose
from offers.offers.services.undo import offer_step_undo
from offers.offers.tests.factories import LostReasonFactory, OfferFactory
from offers.offers.tests.pages import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def offer(user):
    return OfferFactory(owner=user, estimate=100, status_since=timezone.now() - dt.timedelta(days=9))


def last_change(offer):
    return str(offer.status_changes.first().pk)


def lost(offer, user):
    return offer_lose(offer=offer, user=user, reason=LostReasonFactory(), competitor="Other Ltd")


def test_the_message_of_a_lost_offer_undoes_it_and_returns_to_the_board(user, offer):
    client = client_of(user)
    since = offer.status_changes.create(to_status="open", at=offer.status_since, user=user).at
    page = client.post(
        f"/offers/{offer.pk}/lose/?next=/pipeline/", {"reason": LostReasonFactory().pk, "version": 1}, follow=True
    )
    assert page.redirect_chain[-1][0] == "/pipeline/"
    [url] = re.findall(r'action="(/offers/\d+/undo/[^"]+)"', page.text)
    answer = client.post(unescape(url), follow=True)
    assert answer.redirect_chain[-1][0] == "/pipeline/"
    offer.refresh_from_db()
    assert (offer.status, offer.lost_reason, offer.competitor, offer.decided_at) == ("open", None, "", None)
    assert offer.status_since == since


def test_an_undone_marking_as_sent_takes_its_version_away(user, offer):
    offer = offer_mark_sent(offer=offer, user=user)
    assert offer.versions.count() == 1
    offer_step_undo(offer=offer, user=user, change=last_change(offer))
    offer.refresh_from_db()
    assert (offer.status, offer.versions.count()) == ("open", 0)


@pytest.mark.parametrize("why", ["another", "later", "other step", "unknown"])
def test_only_ones_own_last_and_recent_step_is_undone(user, offer, why):
    offer = lost(offer, user)
    change, at, who = last_change(offer), timezone.now(), user
    if why == "another":
        who = UserFactory(role="management")
    if why == "later":
        at += dt.timedelta(minutes=16)
    if why == "other step":
        change = str(offer.status_changes.last().pk + 1000)
    if why == "unknown":
        change = "x"
    with clock.frozen(at), pytest.raises(BusinessRuleError, match="no longer be undone"):
        offer_step_undo(offer=offer, user=who, change=change)
    assert Offer.objects.get().status == "lost"


def test_a_second_press_changes_nothing(user, offer):
    offer = lost(offer, user)
    change = last_change(offer)
    offer_step_undo(offer=offer, user=user, change=change)
    with pytest.raises(BusinessRuleError):
        offer_step_undo(offer=offer, user=user, change=change)
    assert Offer.objects.get().status == "open"


def test_a_colleague_may_not_press_it(offer):
    assert client_of(UserFactory(role="account_manager")).post(f"/offers/{offer.pk}/undo/").status_code == 403
