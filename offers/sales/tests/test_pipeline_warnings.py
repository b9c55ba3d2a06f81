"""Which offers of the pipeline need attention, and its filters."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from accounts.tests.factories import TeamFactory
from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.products.tests.factories import ProductFactory, line, product_group
from offers.sales.board import warnings_of
from offers.sales.selectors.pipeline import LEAD, board_offers
from offers.sales.tests.pipeline import days_ago, make_lead, make_offer, numbers, with_next_step

pytestmark = pytest.mark.django_db


# What needs attention


def faults(offer, user):
    return [str(fault) for fault in warnings_of(board_offers(user).get(pk=offer.pk))]


def test_an_offer_in_order_has_nothing_to_mend(user):
    assert faults(with_next_step(make_offer()), user) == []


@pytest.mark.parametrize(("days", "is_stuck"), [(14, False), (15, True)])
def test_an_offer_stands_too_long_beyond_the_limit_of_its_type(user, days, is_stuck):
    offer = with_next_step(make_offer(type=OfferTypeFactory(open_days=14), status_since=days_ago(days)))
    assert faults(offer, user) == (["draft for 15 days"] if is_stuck else [])
    assert numbers(user, warning="stuck") == ({"open": 1} if is_stuck else {})
    assert offer.is_stuck is is_stuck


def test_a_sent_offer_has_the_limit_of_its_own_stage(user):
    type = OfferTypeFactory(open_days=1, sent_days=30)
    make_offer(type=type, status="sent", status_since=days_ago(30))
    make_offer(type=type, status="sent", status_since=days_ago(31))
    assert numbers(user, warning="stuck") == {"sent": 1}


@pytest.mark.parametrize(("days", "is_expired"), [(0, False), (-1, True)])
def test_an_offer_is_expired_from_the_day_after_its_last_one(user, days, is_expired):
    today = timezone.localdate()
    offer = with_next_step(make_offer(date=today - dt.timedelta(days=9), valid_until=today + dt.timedelta(days=days)))
    told = f"expired on {date_format(offer.valid_until, 'SHORT_DATE_FORMAT')}"
    assert faults(offer, user) == ([told] if is_expired else [])
    assert numbers(user, warning="expired") == ({"open": 1} if is_expired else {})


def test_a_sent_offer_without_an_answer_says_for_how_long(user):
    offer = make_offer(type=OfferTypeFactory(sent_days=7), status="sent", status_since=days_ago(21))
    assert faults(with_next_step(offer), user) == ["no answer for 21 days"]


def test_red_is_for_those_who_may_act(user):
    today = timezone.localdate()
    offer = make_offer(date=today - dt.timedelta(days=9), valid_until=today - dt.timedelta(days=1))
    offer = board_offers(user).get(pk=offer.pk)
    kinds = []
    for offer.may_act in (True, False):
        kinds.append(warnings_of(offer)[0].kind)
    assert kinds == ["late", "muted"]


def test_an_expected_day_that_has_passed_is_told(user):
    offer = with_next_step(make_offer(expected_close=timezone.localdate() - dt.timedelta(days=1)))
    assert faults(offer, user) == ["past expected close"]
    assert numbers(user, warning="overdue") == {"open": 1}


def test_a_done_activity_is_no_next_step(user):
    offer = with_next_step(make_offer(), status=ActivityStatus.DONE)
    assert faults(offer, user) == ["no next activity"]
    assert numbers(user, warning="no_step") == {"open": 1}


def test_nothing_is_to_be_mended_about_decided_offers(user):
    offer = make_offer(status="lost", status_since=days_ago(20), expected_close=dt.date(2020, 1, 1))
    assert faults(offer, user) == []


# Filters


def test_the_board_is_narrowed_by_account_manager_team_and_type(user):
    team = TeamFactory(members=[user])
    own, _other = make_offer(owner=user), make_offer()
    assert numbers(user, owner=user.pk) == numbers(user, team=team.pk) == numbers(user, mine="true") == {"open": 1}
    assert numbers(user, type=own.type_id) == {"open": 1}


def test_a_product_group_includes_the_groups_below_it(user):
    above = product_group("Above")
    below = product_group("Below", parent=above)
    product = ProductFactory(group=below)
    OfferFactory(lines=[line(kind="product", product_id=product.pk), line(kind="product", product_id=product.pk)])
    make_offer()
    assert numbers(user, group=above.pk) == {"open": 1}
    assert numbers(user, group=product_group("Other").pk) == {}


def test_a_period_includes_both_of_its_days_and_leaves_leads_out(user):
    make_lead()
    for day in (1, 10, 20, 30):
        make_offer(expected_close=dt.date(2027, 1, day))
    assert numbers(user, expected_from="10.1.2027", expected_to="20.1.2027") == {"open": 2}


def test_leads_are_narrowed_by_who_has_taken_them_up(user):
    mine = make_lead()
    Lead.objects.filter(pk=mine.pk).update(state=LeadState.CLAIMED, taken_by=user)
    offered, _other = make_lead(details={"offered_to": user}), make_lead()
    assert numbers(user, owner=user.pk) == {LEAD: 1}
    assert numbers(user, mine="true") == {LEAD: 2}
    assert offered.lead.state == LeadState.UNASSIGNED


def test_a_filter_that_cannot_be_read_gives_nothing(user):
    make_offer()
    make_lead()
    assert numbers(user, owner="x") == {}
