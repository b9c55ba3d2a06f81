"""Groups and sums of the list of leads, and groups of the list of feedback."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback
from activities.feedback.tests.test_services import hear
from activities.leads.models import Lead, LeadSource
from activities.leads.tests.test_leads import lead_in, open_lead
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "list"}


@pytest.fixture
def page(client):
    client.force_login(UserFactory(role="administrator", language="en"))
    return client


def heads(page, name, by, **query):
    """Return the heads of a grouped list: text, count, sums, and how many rows their addresses have."""
    address = reverse(name)
    answer = page.get(address, {"tab": "all", "group_by": by, "heads": "1", **query}, headers=HTMX)
    found = answer.context["heads"].heads
    rows = [len(page.get(head.url).context["table"].rows) if head.url else None for head in found]
    return [(str(head.text), head.count, [str(value) for _l, value, _d in head.sums]) for head in found], rows


def digits(text):
    return re.sub(r"\D", "", text)


def test_leads_are_grouped_by_who_claimed_them_with_the_sum_of_their_values(page):
    claimed = lead_in("taken")
    taker = Lead.objects.get(pk=claimed.pk).taken_by
    for lead, value in ((claimed, 1000), (open_lead(), 200), (open_lead(), 30)):
        Lead.objects.filter(pk=lead.pk).update(value=value)
    Lead.objects.exclude(pk=claimed.pk).update(taken_by=None, state="untaken")
    found, rows = heads(page, "leads:list", "owner")
    assert [(text, count, digits(sums[0])) for text, count, sums in found] == [
        ("Claimed by nobody", "2", "230"), (str(taker), "1", "1000"),
    ]  # fmt: skip
    assert rows == [2, 1]


@pytest.mark.parametrize("by", ["source", "month"])
def test_leads_are_grouped_by_source_and_month(page, by):
    source = LeadSource.objects.first()
    first, _other = open_lead(), open_lead()
    Lead.objects.filter(pk=first.pk).update(source=source)
    found, rows = heads(page, "leads:list", by)
    assert sum(int(count) for _text, count, _sums in found) == sum(rows) == 2
    if by == "source":
        assert {text for text, _count, _sums in found} == {str(source), "No source"}


def test_feedback_is_grouped_by_who_is_responsible(page):
    owner = UserFactory(role="account_manager")
    hear(customer=CustomerFactory(owner=owner))
    nobody = hear(customer=CustomerFactory(owner=owner))
    Feedback.objects.filter(pk=nobody.pk).update(responsible=None)
    found, rows = heads(page, "feedback:list", "owner")
    assert sorted(text for text, _count, _sums in found) == sorted([str(owner), "Nobody is responsible"])
    assert rows == [1, 1]
