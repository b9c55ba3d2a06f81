"""Pages that log an activity."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from activities.log.tests.activity_pages import client_of, content, local, text
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


def create_url(code="call", **query):
    activity_type(code)
    return reverse("activities:create", query={"type": code, **query})


# Logging


def test_logging_begins_with_the_types_frequent_ones_first(page):
    activity_type("call")
    customer = CustomerFactory()
    body = text(page.get(reverse("activities:create"), {"customer": customer.pk}))
    assert body.index(f"type=call&amp;customer={customer.pk}") < body.index("type=visit") < body.index("type=planning")


def test_a_retired_type_is_not_offered(page):
    kind = activity_type("seminar")
    kind.retired_at = timezone.now()
    kind.save()
    assert "Seminar" not in text(page.get(reverse("activities:create")))
    assert "form" not in page.get(create_url("seminar")).context
    assert page.post(create_url("seminar"), content()).status_code == 404


def test_who_only_reads_and_anonymous_do_not_log(reader):
    assert reader.get(create_url()).status_code == 403
    assert reader.post(create_url(), content()).status_code == 403
    assert Client().post(create_url(), content()).status_code == 302
    assert not Activity.objects.exists()


def test_the_form_knows_the_customer_its_contacts_and_the_time(page):
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    ContactFactory(last_name="Salo", customer=customer)
    ContactFactory(last_name="Elsewhere", customer=CustomerFactory())
    body = text(page.get(create_url(customer=customer.pk)))
    assert ("Nokian Konepaja Oy" in body, "Salo" in body, "Elsewhere" in body) == (True, True, False)
    assert f'value="{timezone.localtime():%d/%m/%Y %H:}' in body


def test_from_a_contact_the_form_knows_both(page):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer)
    form = page.get(create_url(contact=contact.pk)).context["form"]
    assert (form.initial["customer"], form.initial["contacts"]) == (customer.pk, [contact.pk])


def test_a_visit_begins_with_the_next_hour_and_headings(page):
    form = page.get(create_url("visit")).context["form"]
    assert form.initial["start"] > timezone.now()
    assert "What was agreed" in form.initial["memo"]


def test_a_call_is_logged_and_leads_back_to_the_customer(page, owner):
    data = content()
    response = page.post(create_url(customer=data["customer"]), data)
    activity = Activity.objects.get()
    assert response["Location"] == reverse("customers:detail", args=[data["customer"]])
    assert (activity.status, activity.channel, list(activity.users.all())) == ("done", "phone", [owner])


def test_everything_that_the_form_asks_is_written(page, owner):
    customer, other = CustomerFactory(), UserFactory()
    activity_type("visit").keywords.add(keyword("national"))
    contact = ContactFactory(customer=customer)
    data = content(
        customer=customer.pk, goal="The year", memo="Agreed", contacts=[contact.pk], participants=[owner.pk, other.pk],
        end="2.3.2026 10.30", hours="1,5", place="Espoo", channel="video", keywords=[keyword("national").pk],
        status="in_progress",
    )  # fmt: skip
    page.post(create_url("visit"), data)
    row = Activity.objects.get()
    assert (row.goal, row.memo, row.place, row.channel, row.status) == (
        "The year",
        "<p>Agreed</p>",
        "Espoo",
        "video",
        "in_progress",
    )
    assert (str(row.hours), row.end) == ("1.50", local(2026, 3, 2, 10, 30))
    assert (set(row.users.all()), list(row.contacts.all()), row.keywords.count()) == ({owner, other}, [contact], 1)


@pytest.mark.parametrize(
    ("language", "start"),
    [
        ("fi", "2026-03-02T09:00"),
        ("fi", "2.3.2026 9.00"),
        ("fi", "02.03.2026 09:00"),
        ("en", "2026-03-02T09:00"),
        ("en", "02/03/2026 09:00"),
        ("en", "2.3.2026 9.00"),
    ],
)
def test_times_are_read_in_finnish_and_english_form(language, start):
    client_of(UserFactory(role="account_manager", language=language)).post(create_url(), content(start=start))
    assert Activity.objects.get().start == local(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "required"),
        ("title", "x" * 201, "at most 200"),
        ("title", "a\x00b", "Null characters"),
        ("memo", "x" * 20_001, "at most 20000"),
        ("start", "", "required"),
        ("start", "someday", "Enter the date and the time"),
        ("start", "2026-03-29T03:30", "does not exist or occurs twice"),
        ("start", "2026-10-25T03:30", "does not exist or occurs twice"),
        ("start", "0001-01-01T00:00", "between 1900 and 2200"),
        ("end", "2026-03-02T08:00", "before the start"),
        ("hours", "many", "number"),
        ("hours", "501", "500"),
        ("customer", "", "Choose the customer"),
        ("customer", "99999", "from the list"),
        ("customer", "x", "from the list"),
        ("contacts", ["99999"], "Select a valid choice"),
        ("participants", ["99999"], "Select a valid choice"),
        ("channel", "pigeon", "Select a valid choice"),
        ("status", "lost", "Select a valid choice"),
    ],
)
def test_bad_input_shows_its_message_and_writes_nothing(page, field, value, message):
    response = page.post(create_url(), content(**{field: value}))
    assert response.status_code == 422
    assert any(message in error for error in response.context["form"].errors[field]), response.context["form"].errors
    assert not Activity.objects.exists()


def test_rule_13_a_visit_without_goal_shows_the_message_at_the_goal(page):
    response = page.post(create_url("visit"), content(goal=" "))
    assert (response.status_code, response.context["form"].errors["goal"]) == (422, ["Enter the goal of the visit."])


def test_rule_2_a_passive_customer_does_not_exist_for_those_who_do_not_see_it(page):
    customer = CustomerFactory(passive=True, name="Entinen Oy")
    hidden, missing = (page.post(create_url(), content(customer=pk)) for pk in (customer.pk, customer.pk + 1000))
    assert (hidden.status_code, missing.status_code, "Entinen Oy" in text(hidden)) == (422, 422, False)
    assert hidden.context["form"].errors == missing.context["form"].errors
    assert hidden.context["form"].errors["customer"] == ["Choose the customer from the list."]
    assert not Activity.objects.exists()


def test_rule_2_who_sees_a_passive_customer_is_told_why_it_takes_no_activity():
    customer = CustomerFactory(passive=True)
    administrator = client_of(UserFactory(role="administrator"))
    response = administrator.post(create_url(), content(customer=customer.pk))
    assert (response.status_code, "is inactive" in text(response)) == (422, True)
    assert not Activity.objects.exists()


def test_a_contact_that_one_does_not_see_is_refused(page):
    hidden = ContactFactory(is_hidden=True, last_name="Piilossa")
    response = page.post(create_url(), content(contacts=[hidden.pk]))
    assert (response.status_code, "Piilossa" in text(response)) == (422, False)


def test_a_form_sent_twice_logs_once(page):
    data = content(submission_key=str(uuid.uuid4()))
    first, second = (page.post(create_url(), data) for _ in range(2))
    assert (first["Location"], Activity.objects.count()) == (second["Location"], 1)


def test_without_javascript_the_customer_is_found_by_typing(page):
    customer = CustomerFactory(name="Nokian Konepaja Oy")
    page.post(create_url(), content(customer="", customer_search="nokian konepaja"))
    assert Activity.objects.get().customer == customer


def test_without_javascript_several_customers_are_offered(page):
    CustomerFactory(name="Nokian Konepaja Oy")
    CustomerFactory(name="Nokian Leipomo Oy")
    response = page.post(create_url(), content(customer="", customer_search="nokian"))
    assert response.status_code == 422
    assert "Several customers match" in text(response)
    assert all(name in text(response) for name in ("Nokian Konepaja Oy", "Nokian Leipomo Oy"))


def test_in_the_dialog_success_moves_the_whole_page(page):
    data = content()
    response = page.post(
        create_url(customer=data["customer"]), data, headers={"HX-Request": "true", "HX-Target": "dialog"}
    )
    assert (response.status_code, response["HX-Redirect"]) == (
        204,
        reverse("customers:detail", args=[data["customer"]]),
    )


def test_a_follow_up_knows_what_it_follows(page, owner):
    first = ActivityFactory(created_by=owner, contacts=[ContactFactory()])
    url = create_url(follow=first.pk)
    form = page.get(url).context["form"]
    assert (form.initial["customer"], form.initial["contacts"]) == (first.customer_id, [first.contacts.get().pk])
    page.post(url, content(customer=first.customer_id))
    assert first.follow_ups.count() == 1


def test_another_customer_brings_its_contacts(page):
    customer = CustomerFactory()
    ContactFactory(last_name="Salo", customer=customer)
    activity_type("call")
    body = text(page.get(reverse("activities:contacts_field"), {"customer": customer.pk}))
    assert ("Salo" in body, "<html" in body) == (True, False)


def test_a_visit_without_a_title_is_named_by_its_goal(page):
    assert page.post(create_url("visit"), content(title="", goal="Kevään ryhmät")).status_code == 302
    assert Activity.objects.get().title == "Kevään ryhmät"


def test_a_call_needs_a_title(page):
    assert page.post(create_url("call"), content(title="")).status_code == 422
