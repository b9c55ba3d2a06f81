"""Reminders to account managers of offers that are about to expire, and of those that have."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Notification
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer
from offers.offers.services.sending import offers_remind
from offers.offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db


def sent(days, **fields):
    """Return a sent offer that is valid for ``days`` more."""
    today = timezone.localdate()
    content = {"date": today - dt.timedelta(days=40), "valid_until": today + dt.timedelta(days=days)}
    return OfferFactory(**{"status": OfferStatus.SENT, "estimate": 100, **content, **fields})


def told():
    return list(Notification.objects.order_by("pk").values_list("kind", "user"))


def later(days):
    return time_machine.travel(timezone.now() + dt.timedelta(days=days), tick=False)


@pytest.mark.parametrize(("days", "is_told"), [(6, False), (5, True), (0, True)])
def test_the_account_manager_is_reminded_in_the_days_before_the_end(days, is_told):
    offer = sent(days)
    assert offers_remind() == is_told
    assert told() == ([("offer_expiring", offer.owner_id)] if is_told else [])


def test_a_reminder_comes_once_before_and_once_after():
    offer = sent(3)
    for days in range(12):
        with later(days):
            offers_remind()
            offers_remind()
    assert told() == [("offer_expiring", offer.owner_id), ("offer_expired", offer.owner_id)]


def test_an_end_that_is_moved_is_reminded_of_again():
    offer = sent(2)
    offers_remind()
    Offer.objects.update(valid_until=offer.valid_until + dt.timedelta(days=30))
    with later(29):
        offers_remind()
    assert [kind for kind, _user in told()] == ["offer_expiring", "offer_expiring"]


@pytest.mark.parametrize("status", [OfferStatus.OPEN, OfferStatus.LOST, OfferStatus.ORDER])
def test_nobody_is_reminded_of_what_is_not_waiting_for_an_answer(status):
    sent(3, status=status)
    sent(-1, status=status)
    assert offers_remind() == 0


def test_what_expired_long_ago_is_not_told_of_now():
    sent(-8)
    assert offers_remind() == 0


def test_offers_of_passive_customers_rest():
    offer = sent(2)
    offer.customer.state = "passive"
    offer.customer.save()
    assert offers_remind() == 0


def test_the_days_before_are_a_setting(settings):
    settings.OFFER_REMINDER_DAYS = 10
    sent(10)
    assert offers_remind() == 1
