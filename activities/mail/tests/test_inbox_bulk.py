"""Work on many messages of the inbox: filing under the suggested customers, ignoring and its undo."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from activities.mail.enums import MessageState
from activities.mail.models import IgnoreRule
from activities.mail.services.filing import message_file, message_restore
from activities.mail.tests.letters import letter, received
from core.bulk.models import BulkRun
from core.exceptions import BusinessRuleError
from core.tests.bulk import bulk, draft, undo
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_rows(without):
    without(IgnoreRule)
    activity_type("email")


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    customer = CustomerFactory(owner=owner, name="Yritys Oy")
    ContactFactory(customer=customer, email="anna@yritys.fi")
    return customer


@pytest.fixture
def waiting():
    return received(letter(sender="uusi@yritys.fi"))


def reasons(run: BulkRun) -> dict[int, str]:
    return dict(run.rows.exclude(reason="").values_list("target_id", "reason"))


def state(message) -> str:
    message.refresh_from_db()
    return message.state


def test_messages_go_under_the_one_suggested_customer_and_others_say_why_not(owner, customer, waiting):
    stranger = received(letter(sender="x@elsewhere.fi"))
    for name in ("Kaksi Oy", "Toinen Oy"):
        ContactFactory(customer=CustomerFactory(name=name), email=f"{name[:3]}@kaksi.fi")
    several = received(letter(sender="y@kaksi.fi"))
    run = bulk(owner, "mail.file", [waiting, stranger, several])
    assert state(waiting) == MessageState.FILED
    assert (waiting.activity.customer, waiting.activity.created_by) == (customer, owner)
    assert (state(stranger), state(several)) == (MessageState.INBOX, MessageState.INBOX)
    assert reasons(run) == {stranger.pk: "nobody", several.pk: "several"}
    assert Activity.objects.count() == 1


def test_what_was_filed_meanwhile_is_not_filed_again(owner, customer, waiting):
    message_file(message=waiting, user=owner, customer=customer)
    for name in ("mail.file", "mail.ignore"):
        assert reasons(draft(owner, name, [waiting])) == {waiting.pk: "filed"}
    assert Activity.objects.count() == 1


def test_ignored_messages_come_back_by_undo_unless_somebody_has_brought_them_back(owner, customer, waiting):
    other, filed = received(letter(sender="x@elsewhere.fi")), received(letter(sender="z@elsewhere.fi"))
    run = bulk(owner, "mail.ignore", [waiting, other, filed])
    assert (state(waiting), waiting.error) == (MessageState.IGNORED, "by_hand")
    message_restore(message=other)
    message_file(message=filed, user=owner, customer=customer)
    run = undo(run)
    assert (state(waiting), state(other), state(filed)) == ("inbox", "inbox", "filed")
    assert (run.undone, run.kept) == (1, 2)


def test_messages_that_somebody_may_not_file_are_not_chosen(waiting):
    with pytest.raises(BusinessRuleError, match="at least one row"):
        draft(UserFactory(grants=["activities.log_activity"]), "mail.ignore", [waiting])


def test_the_bar_of_the_inbox_offers_all_that_matches(client, owner, waiting):
    client.force_login(owner)
    answer = client.get(reverse("mail:inbox")).content.decode()
    for name in ("mail.file", "mail.ignore"):
        assert reverse("core:bulk_choose", args=[name]) in answer
    assert 'name="all"' in answer
    received(letter(sender="x@elsewhere.fi"))
    client.post(
        reverse("core:bulk_choose", args=["mail.ignore"]), {"all": "1", "query": "q=yritys", "list": "/mail/inbox/"}
    )
    assert list(BulkRun.objects.get().rows.values_list("target_id", flat=True)) == [waiting.pk]
