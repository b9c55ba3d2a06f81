"""What a worker still has to send says so, and is not late meanwhile."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.mail.enums import MessageState
from activities.mail.tests.smtp import sent_message
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    user = UserFactory(role="account_manager")
    client.force_login(user)
    return user


def message_in(state, owner):
    message = sent_message(owner, CustomerFactory(owner=owner), subject="Offer", body="Hello", state=state)
    Activity.objects.filter(pk=message.activity_id).update(
        status=ActivityStatus.DONE if state == MessageState.SENT else ActivityStatus.OPEN,
        start=timezone.now() - timezone.timedelta(hours=1),
    )
    return message


@pytest.mark.parametrize("state", [MessageState.WAITING, MessageState.SENDING])
def test_a_message_on_its_way_says_so_and_asks_until_it_is_sent(client, owner, state):
    activity = message_in(state, owner).activity
    page = client.get(activity.get_absolute_url()).content.decode()
    assert "sending…" in page
    assert "data-pending" in page
    assert "overdue" not in page[page.index("data-pending") :]
    assert reverse("activities:status", args=[activity.pk]) not in page
    panel = client.get(reverse("mail:message", args=[activity.pk]), headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="every 3s"' in panel


@pytest.mark.parametrize("state", [MessageState.SENT, MessageState.FAILED])
def test_a_message_that_is_sent_or_failed_asks_no_more(client, owner, state):
    activity = message_in(state, owner).activity
    assert "data-pending" not in client.get(activity.get_absolute_url()).content.decode()
    panel = client.get(reverse("mail:message", args=[activity.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "every 3s" not in panel
