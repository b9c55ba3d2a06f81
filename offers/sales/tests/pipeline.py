"""Help for the tests of the pipeline: offers and leads, and what is on the board."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.tests.factories import CustomerFactory
from offers.offers.filters import OpenOfferFilter
from offers.offers.models import OfferActivity
from offers.offers.tests.factories import OfferFactory
from offers.sales.filters import PipelineLeadFilter
from offers.sales.selectors.pipeline import board, board_leads, board_offers


def make_offer(net="1000", **fields):
    return OfferFactory(estimate=Decimal(net), **fields)


def make_lead(user=None, **fields):
    given = {"title": "Needs training", "customer": CustomerFactory(), **fields}
    return activity_log(user=user or UserFactory(role="account_manager"), type=activity_type("lead"), **given)


def columns(user, **query):
    offers = OpenOfferFilter(query, queryset=board_offers(user), request=asked_by(user)).qs
    leads = PipelineLeadFilter(query, queryset=board_leads(user), request=asked_by(user)).qs
    return {column.name: column for column in board(offers, leads)}


def asked_by(user):
    return type("Request", (), {"user": user, "path": "/pipeline/"})


def numbers(user, **query):
    """What is on the board, by column."""
    return {name: column.sums.count for name, column in columns(user, **query).items() if column.sums.count}


def days_ago(days):
    return timezone.now() - dt.timedelta(days=days)


def with_next_step(offer, status=ActivityStatus.OPEN):
    step = ActivityFactory(customer=offer.customer, status=status)
    OfferActivity.objects.create(offer=offer, activity=step)
    return offer
