"""The undo of a form, in the message about its change, for each kind of record."""

import datetime as dt

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback
from activities.feedback.services.feedback import feedback_answer
from activities.feedback.services.undo import feedback_content
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from core.form_undo import content_of
from core.models import Submission
from core.notices import notice_of
from customers.models import Customer
from customers.services.contacts import Point, points_set
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.content import offer_lines_of
from offers.offers.models import Offer
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def customer(owner):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=owner, email="old@example.com")


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def change(client, url, **changes):
    """Send a form page with these changes as a browser would; return the answer and the undo that its message has."""
    response = client.get(url)
    sent = content_of(response.context["form"]) | changes
    return told(client.post(url, {name: value for name, value in sent.items() if value is not None}))


def told(response):
    assert response.status_code == 302, response.context and response.context["form"].errors
    said = list(get_messages(response.wsgi_request))[-1]
    return str(said), notice_of(said).undo


def test_all_that_a_form_changed_is_put_back(page, customer):
    text, undo = change(page, reverse("customers:edit", args=[customer.pk]), email="new@example.com", source="Fair")
    assert text == "The customer was changed."
    assert Customer.objects.get().email == "new@example.com"
    text, redo = told(page.post(undo))
    now = Customer.objects.get()
    assert (text, now.email, now.source) == ("Nokian Konepaja Oy is as it was before.", "old@example.com", "")
    assert "as it was before" in told(page.post(redo))[0]
    assert Customer.objects.get().email == "new@example.com"


def test_what_somebody_has_changed_since_stays(page, customer):
    _text, undo = change(page, reverse("customers:edit", args=[customer.pk]), email="new@example.com")
    Customer.objects.update(source="Theirs")
    assert told(page.post(undo)) == ("It has been changed since. Nothing was undone.", "")
    assert Customer.objects.get().email == "new@example.com"


def test_a_form_that_changed_nothing_has_no_undo(page, customer):
    assert change(page, reverse("customers:edit", args=[customer.pk]))[1] == ""


def test_an_undo_is_only_for_whoever_made_the_change(page, client, customer):
    _text, undo = change(page, reverse("customers:edit", args=[customer.pk]), email="new@example.com")
    client.force_login(UserFactory(role="administrator"))
    assert "24 hours" in told(client.post(undo))[0]
    assert Customer.objects.get().email == "new@example.com"


def test_who_may_no_longer_change_it_undoes_nothing(page, customer, owner):
    _text, undo = change(page, reverse("customers:edit", args=[customer.pk]), email="new@example.com")
    owner.groups.clear()
    assert page.post(undo).status_code in (403, 404)
    assert Customer.objects.get().email == "new@example.com"


def test_after_a_day_it_says_so(page, customer):
    _text, undo = change(page, reverse("customers:edit", args=[customer.pk]), email="new@example.com")
    Submission.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))  # the night has not removed it yet
    assert "24 hours" in told(page.post(undo))[0]
    assert Customer.objects.get().email == "new@example.com"


def test_what_the_form_would_not_take_any_more_is_said(page, customer):
    parent = CustomerFactory()
    Customer.objects.filter(pk=customer.pk).update(parent=parent)
    _text, undo = change(page, reverse("customers:edit", args=[customer.pk]), parent=None)
    Customer.objects.filter(pk=parent.pk).update(
        state="passive", passive_since=timezone.localdate(), passive_reason="bankruptcy"
    )
    assert told(page.post(undo))[0].startswith("It could not be undone.")


def test_a_contact_gets_back_its_numbers(page, customer):
    contact = ContactFactory(first_name="Mari", customer=customer)
    points_set(contact=contact, points=[Point("040 1112222", "work"), Point("a@example.com")])
    url = reverse("customers:contact_edit", args=[contact.pk])
    _text, undo = change(page, url, first_name="Mervi", **{"points-0-value": "b@example.com", "points-1-value": ""})
    assert list(contact.points.values_list("value", flat=True)) == ["b@example.com"]
    assert "as it was before" in told(page.post(undo))[0]
    contact.refresh_from_db()
    assert contact.first_name == "Mari"
    assert set(contact.points.values_list("value", "label")) == {("+358401112222", "work"), ("a@example.com", "")}


def test_an_activity_gets_back_its_report_and_people(page, owner, customer):
    activity = ActivityFactory(
        customer=customer, title="Visit", memo="<p>A <b>bold</b> word</p>", participants=[owner], created_by=owner
    )
    url = reverse("activities:change", args=[activity.pk])
    data = {"memo": "<p>Other</p>", "participants": [UserFactory().pk], "title": "Call"}
    _text, undo = change(page, url, **data, **{"follow-count": "0"})
    activity.refresh_from_db()
    assert (activity.title, activity.memo) == ("Call", "<p>Other</p>")
    assert "as it was before" in told(page.post(undo))[0]
    activity.refresh_from_db()
    assert (activity.title, activity.memo) == ("Visit", "<p>A <b>bold</b> word</p>")
    assert list(activity.users.all()) == [owner]


def test_an_offer_gets_back_its_lines(page, owner, customer):
    offer = OfferFactory(owner=owner, customer=customer, title="Old", lines=[line("First"), line("Second")])
    url = reverse("offers:edit", args=[offer.pk])
    _text, undo = change(page, url, title="New", **{"line": ["1"], "line-1-name": "Other", "line-1-quantity": "7"})
    assert [row.name for row in offer_lines_of(Offer.objects.get())] == ["Other"]
    assert "as it was before" in told(page.post(undo))[0]
    now = Offer.objects.get()
    assert (now.title, [row.name for row in offer_lines_of(now)], now.net) == ("Old", ["First", "Second"], offer.net)


def test_an_order_gets_back_a_removed_line(page, owner, customer):
    order = OrderFactory(owner=owner, customer=customer, lines=[line("First"), line("Second")])
    _text, undo = change(page, reverse("orders:edit", args=[order.pk]), line=["1"])
    assert [row.name for row in order.lines.all()] == ["First"]
    assert "as it was before" in told(page.post(undo))[0]
    assert [row.name for row in order.lines.all()] == ["First", "Second"]


# Steps: what is not a form's own content is kept for the undo


def step(client, url, **sent):
    return told(client.post(url, sent))


def heard(owner, customer):
    type, words = activity_type("feedback"), [keyword("negative")]
    return activity_log(type=type, title="Late", keywords=words, customer=customer, user=owner)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("answer", {"answer": "We are sorry.", "corrective_action": "A spare trainer"}),
        ("settle", {"settlement": "Money back", "corrective_action": "A spare trainer"}),
        ("no_answer", {}),
    ],
)
def test_a_step_of_feedback_is_undone(page, owner, customer, name, sent):
    activity = heard(owner, customer)
    before = feedback_content(activity)
    _text, undo = step(page, reverse(f"feedback:{name}", args=[activity.pk]), **sent)
    activity.refresh_from_db()
    assert feedback_content(activity) != before
    assert "as it was before" in step(page, undo)[0]
    activity.refresh_from_db()
    assert feedback_content(activity) == before


def test_a_step_of_feedback_stays_when_somebody_has_gone_on(page, owner, customer):
    activity = heard(owner, customer)
    _text, undo = step(page, reverse("feedback:no_answer", args=[activity.pk]))
    feedback_answer(activity=Activity.objects.get(pk=activity.pk), user=owner, answer="Thank you.")
    assert "changed since" in step(page, undo)[0]
    assert Feedback.objects.get().answer == "Thank you."


def test_who_is_responsible_for_an_answer_is_put_back(page, owner, customer):
    activity, other = heard(owner, customer), UserFactory(role="account_manager")
    _text, undo = change(page, reverse("feedback:assign", args=[activity.pk]), responsible=other.pk)
    assert Feedback.objects.get().responsible == other
    assert "as it was before" in step(page, undo)[0]
    assert Feedback.objects.get().responsible == owner


def test_a_step_of_an_order_is_undone(page, owner, customer):
    order = OrderFactory(owner=owner, customer=customer, lines=[line("Course")])
    text, undo = step(page, reverse("orders:status", args=[order.pk]), status="in_delivery")
    assert "in delivery" in text
    assert step(page, undo)[0] == "Undone. The order is again: waiting."
    order.refresh_from_db()
    assert order.status == "waiting"
    assert "changed since" in step(page, undo)[0]


def test_a_cancelled_order_is_undone_without_a_reason(page, owner, customer):
    order = OrderFactory(owner=owner, customer=customer, lines=[line("Course")])
    _text, undo = step(page, reverse("orders:cancel", args=[order.pk]), reason="Wrong customer")
    step(page, undo)
    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("waiting", "")


def test_an_order_that_is_cancelled_again_has_its_reason(page, owner, customer):
    order = OrderFactory(owner=owner, customer=customer, lines=[line("Course")])
    step(page, reverse("orders:cancel", args=[order.pk]), reason="Wrong customer")
    _text, undo = step(page, reverse("orders:wait", args=[order.pk]), reason="It was right")
    step(page, undo)
    order.refresh_from_db()
    assert (order.status, order.cancel_reason) == ("cancelled", "Wrong customer")


def test_a_step_that_made_a_line_of_the_value_has_no_undo(page, owner, customer):
    order = OrderFactory(owner=owner, customer=customer, estimate=100)
    assert step(page, reverse("orders:status", args=[order.pk]), status="in_delivery")[1] == ""
