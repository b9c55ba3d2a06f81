"""Messages that answer one another are one thread, in whatever order they come."""

from __future__ import annotations

import datetime as dt
from itertools import permutations

import pytest
from django.db import connection
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import activity_type
from activities.mail import selectors
from activities.mail.models import EmailMessage, EmailThread
from activities.mail.services.filing import message_file
from activities.mail.services.messages import emails_send
from activities.mail.services.threads import threads_join
from activities.mail.tests.letters import letter, receive, received
from activities.mail.tests.test_messages import letter as written
from activities.mail.tests.test_messages import to
from customers.tests.factories import ContactFactory, CustomerFactory, PositionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    activity_type("email")
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    return CustomerFactory(owner=owner, name="Yritys Oy")


@pytest.fixture(autouse=True)
def anna(customer):
    return ContactFactory(customer=customer, email="anna@yritys.fi", first_name="Anna", last_name="Virtanen")


def number(name: str, day: int, *before: str) -> bytes:
    """A message of a day that answers those before it."""
    names = [f"<{one}@x>" for one in before]
    answers = {"In_Reply_To": names[-1], "References": " ".join(names)} if names else {}
    date = (timezone.now() - dt.timedelta(days=30 - day)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return letter(Message_ID=f"<{name}@x>", subject=f"Re: {name}", Date=date, **answers)


def threads() -> set[int]:
    return set(EmailMessage.objects.values_list("thread", flat=True))


def of(name: str) -> EmailMessage:
    return EmailMessage.objects.get(message_id=f"{name}@x")


@pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
def test_a_chain_is_one_thread_in_whatever_order_it_comes(order):
    chain = {"a": number("a", 1), "b": number("b", 2, "a"), "c": number("c", 3, "a", "b")}
    for name in order:
        receive(chain[name])
    assert len(threads()) == 1
    assert EmailThread.objects.count() == 1


def test_a_message_found_in_the_middle_joins_what_stood_on_both_sides():
    receive(number("a", 1))
    receive(number("d", 4, "b", "c"))  # a long thread's oldest references are left out by some programs
    assert len(threads()) == 2
    receive(number("b", 2, "a"))
    assert threads() == {of("a").thread_id}
    assert EmailThread.objects.count() == 1


def test_siblings_meet_when_what_both_answer_comes():
    receive(number("b", 2, "a"))
    receive(number("c", 3, "a"))
    receive(number("a", 1))
    assert len(threads()) == 1


def test_messages_that_have_nothing_to_do_with_each_other_stay_apart():
    receive(number("a", 1))
    receive(number("z", 1))
    receive(number("b", 2, "a"))
    assert of("z").thread_id != of("a").thread_id


def test_the_activity_of_an_answer_follows_that_of_what_it_answers_also_when_it_came_first():
    receive(number("b", 2, "a"))
    receive(number("a", 1))
    assert of("b").activity.follows == of("a").activity
    assert of("a").activity.follows is None


def test_it_follows_also_when_the_message_is_filed_later_by_hand(owner, customer, anna):
    answer = received(number("b", 2, "a"))
    anna.points.all().delete()
    waiting = received(number("a", 1))
    assert waiting.activity is None
    message_file(message=waiting, user=owner, customer=customer, contact=anna)
    answer.activity.refresh_from_db()
    assert answer.activity.follows == of("a").activity


def test_messages_that_claim_to_answer_each_other_follow_in_one_direction_only():
    receive(letter(Message_ID="<b@x>", In_Reply_To="<a@x>"))
    receive(letter(Message_ID="<a@x>", In_Reply_To="<b@x>"))
    assert len(threads()) == 1
    assert (of("a").activity.follows, of("b").activity.follows) == (of("b").activity, None)


def test_the_answer_tells_which_of_several_customers_a_message_that_comes_later_is_under(anna, customer):
    receive(number("b", 2, "a"))
    PositionFactory(contact=anna, customer=CustomerFactory())
    assert received(number("a", 1)).activity.customer == customer


def test_joining_again_changes_nothing():
    receive(number("b", 2, "a"))
    receive(number("a", 1))
    before = list(EmailMessage.objects.order_by("pk").values_list("pk", "thread"))
    threads_join(message=of("a"))
    assert list(EmailMessage.objects.order_by("pk").values_list("pk", "thread")) == before


def test_an_answer_written_while_threads_are_joined_stands_in_the_joined_one(owner, anna):
    """The page was opened before: its message still knows the thread that is gone."""
    receive(number("b", 2, "a"))
    receive(number("z", 1))
    opened = EmailMessage.objects.select_related("activity", "thread").get(pk=of("b").pk)
    EmailMessage.objects.filter(pk=opened.pk).update(thread=of("z").thread)
    EmailThread.objects.get(pk=opened.thread_id).delete()
    [sent] = emails_send(letter=written(owner, to(anna), answers=opened))
    assert sent.thread == of("z").thread


def test_who_names_a_message_is_found_in_indexes():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = EmailMessage.objects.filter(selectors.referring_to("a@x")).order_by().explain()
    assert "email_answers" in plan
    assert "email_names" in plan
