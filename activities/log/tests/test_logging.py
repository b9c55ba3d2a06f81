"""Forms of activities besides the common fields: encounters, follow-ups, logging again."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus, FollowKind
from activities.log.models import Activity, Encounter
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


def create_url(code="call", **query):
    activity_type(code)
    return reverse("activities:create", query={"type": code, **query})


def content(**changes):
    return {"title": "Offer discussed", "start": "2026-03-02T09:00", "customer": CustomerFactory().pk, **changes}


def row(number, title, due, owner, code="call"):
    values = {"title": title, "due": due, "owner": owner.pk, "type": activity_type(code).pk}
    return {f"follow-{number}-{name}": value for name, value in values.items()}


def text(response):
    return response.content.decode()


def test_what_an_encounter_tells_is_written(page):
    told = {"details-matters": "Price", "details-solved_at_once": "true", "details-critical_moment": "negative",
            "details-with_interpreter": "on"}  # fmt: skip
    page.post(create_url(), content(**told))
    row = Encounter.objects.get()
    assert (row.matters, row.solved_at_once, row.critical_moment, row.with_interpreter, row.with_video) == (
        "Price", True, "negative", True, False,
    )  # fmt: skip


def test_an_encounter_of_which_nothing_is_told_has_no_row(page):
    page.post(create_url(), content(**{"details-matters": "", "details-solved_at_once": ""}))
    assert Activity.objects.count() == 1
    assert not Encounter.objects.exists()


def test_that_it_was_not_solved_at_once_is_told_too(page):
    page.post(create_url(), content(**{"details-solved_at_once": "false"}))
    assert Encounter.objects.get().solved_at_once is False


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("matters", "x" * 501, "at most 500"),
        ("critical_moment", "huge", "valid choice"),
        ("unnecessary", "999", "valid"),
    ],
)
def test_a_bad_detail_shows_its_message_and_writes_nothing(page, field, value, message):
    response = page.post(create_url(), content(**{f"details-{field}": value}))
    assert (response.status_code, Activity.objects.count()) == (422, 0)
    assert message in str(response.context["form"].details.errors[field])


def test_a_change_shows_and_writes_what_the_encounter_tells(page, owner):
    activity = ActivityFactory(created_by=owner)
    Encounter.objects.create(activity=activity, matters="Before", with_video=True)
    url = reverse("activities:change", args=[activity.pk])
    assert 'value="Before"' in text(page.get(url))
    page.post(url, content(version=1, **{"details-matters": "After"}))
    encounter = Encounter.objects.get()
    assert (encounter.matters, encounter.with_video) == ("After", False)


def test_the_page_shows_the_encounter(page):
    activity = ActivityFactory()
    Encounter.objects.create(activity=activity, matters="Welding <b>", critical_moment="positive")
    body = text(page.get(activity.get_absolute_url()))
    assert "Welding &lt;b&gt;" in body
    assert "critical moment +" in body


def test_yesterdays_visit_is_logged_with_two_follow_ups_in_one_save(page, owner):
    colleague, customer = UserFactory(), CustomerFactory()
    contact = ContactFactory(customer=customer)
    data = content(customer=customer.pk, contacts=[contact.pk], goal="The year")
    data |= row(0, "Send the offer", "2026-12-04", owner) | row(
        2, "Plan the training", "4.12.2026", colleague, "planning"
    )
    assert page.post(create_url("visit"), data).status_code == 302
    visit = Activity.objects.get(type__code="visit")
    offer, training = visit.follow_ups.order_by("pk")
    assert [(one.title, one.type.code, one.status, one.customer, list(one.users.all()), list(one.contacts.all()))
            for one in (offer, training)] == [
        ("Send the offer", "call", "open", customer, [owner], [contact]),
        ("Plan the training", "planning", "open", customer, [colleague], [contact]),
    ]  # fmt: skip
    assert timezone.localtime(offer.start) == timezone.make_aware(dt.datetime(2026, 12, 4, 16))


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"due": ""}, "the due date"), ({"due": "someday"}, "Enter the date"), ({"due": "1.1.0001"}, "1900 and 2199"),
     ({"owner": "99999"}, "valid choice"), ({"title": "x" * 201}, "at most 200"), ({"type": "x"}, "valid choice")],
)  # fmt: skip
def test_a_bad_row_shows_its_message_and_logs_nothing(page, owner, changes, message):
    data = content(**row(0, "Send the offer", "2026-12-04", owner))
    data |= {f"follow-0-{name}": value for name, value in changes.items()}
    response = page.post(create_url(), data)
    assert (response.status_code, Activity.objects.count()) == (422, 0)
    assert message in text(response)


def test_when_a_follow_up_breaks_a_rule_nothing_is_logged(page, owner):
    kind = activity_type("call")
    kind.needs_contact = True
    kind.save()
    response = page.post(create_url("memo"), content(**row(0, "Call back", "2026-12-04", owner)))
    assert (response.status_code, Activity.objects.count()) == (422, 0)
    assert "Choose the contact." in text(response)


def test_more_rows_than_the_form_shows_are_read(page, owner):
    data = content(**{"follow-count": "5"}, **row(4, "The fifth", "2026-12-04", owner))
    page.post(create_url(), data)
    assert Activity.objects.filter(title="The fifth").count() == 1


@pytest.mark.parametrize("count", ["x", "-1", "99999", "²"])
def test_any_count_of_rows_is_taken(page, count):
    assert page.post(create_url(), content(**{"follow-count": count})).status_code == 302


def test_the_report_of_a_visit_makes_follow_ups(page, owner):
    visit = ActivityFactory(type=activity_type("visit"), goal="Year", participants=[owner], status=ActivityStatus.OPEN)
    data = {"memo": "Agreed", "version": 1, **row(0, "Send the offer", "2026-12-04", owner)}
    page.post(reverse("activities:finish", args=[visit.pk]), data)
    visit.refresh_from_db()
    assert (visit.status, visit.follow_ups.get().title) == ("done", "Send the offer")


def test_a_change_makes_follow_ups(page, owner):
    activity = ActivityFactory(created_by=owner)
    data = content(version=1, **row(0, "Send the offer", "2026-12-04", owner))
    page.post(reverse("activities:change", args=[activity.pk]), data)
    assert activity.follow_ups.get().title == "Send the offer"


def test_one_line_on_the_page_adds_a_follow_up_once(page, owner):
    activity = ActivityFactory()
    url = reverse("activities:follow_up_add", args=[activity.pk])
    data = {"follow-count": "1", "submission_key": str(uuid.uuid4()), **row(0, "Call back", "2026-12-04", owner)}
    for _ in range(2):
        assert page.post(url, data).status_code == 302
    assert [one.title for one in activity.follow_ups.all()] == ["Call back"]


def test_an_empty_line_is_told(page):
    activity = ActivityFactory()
    response = page.post(reverse("activities:follow_up_add", args=[activity.pk]), {"follow-count": "1"}, follow=True)
    assert "Write what was agreed." in text(response)
    assert not activity.follow_ups.exists()


def test_who_only_reads_and_outsiders_add_no_follow_up(owner):
    activity = ActivityFactory()
    hidden = ActivityFactory(customer=CustomerFactory(passive=True))
    reader = client_of(UserFactory(role="read_only"))
    assert reader.post(reverse("activities:follow_up_add", args=[activity.pk])).status_code == 403
    assert client_of(owner).post(reverse("activities:follow_up_add", args=[hidden.pk])).status_code == 404
    assert Client().post(reverse("activities:follow_up_add", args=[activity.pk])).status_code == 302


def test_logging_again_begins_with_the_common_content_and_links_both(page, owner):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer)
    call = ActivityFactory(
        customer=customer, title="Wrong type", memo="<p>Told</p>", contacts=[contact], created_by=owner, place="Espoo"
    )
    url = create_url("visit", again=call.pk)
    form = page.get(url).context["form"]
    assert (form["title"].value(), form["memo"].value(), form["place"].value(), form["contacts"].value()) == (
        "Wrong type", "<p>Told</p>", "Espoo", [contact.pk],
    )  # fmt: skip
    page.post(url, content(customer=customer.pk, title="Wrong type", goal="The year"))
    visit = Activity.objects.get(type__code="visit")
    assert (visit.follows, visit.follow_kind) == (call, FollowKind.LOGGED_AGAIN)
    assert "logged again from" in text(page.get(visit.get_absolute_url()))
    assert "logged again from this activity" in text(page.get(call.get_absolute_url()))


def test_rule_1_the_change_page_says_that_the_type_stays_and_offers_to_log_again(page, owner):
    activity = ActivityFactory(created_by=owner)
    body = text(page.get(reverse("activities:change", args=[activity.pk])))
    assert "Type: Call. It cannot be changed." in body
    assert f"?again={activity.pk}" in body


def test_logging_again_something_one_does_not_see_knows_nothing_of_it(page):
    hidden = ActivityFactory(customer=CustomerFactory(passive=True), title="Kept away")
    assert "Kept away" not in text(page.get(create_url(again=hidden.pk)))


def test_a_type_that_needs_a_contact_asks_for_one(page):
    kind = activity_type("call")
    kind.needs_contact = True
    kind.save()
    response = page.post(create_url(), content())
    assert (response.status_code, Activity.objects.count()) == (422, 0)
    assert response.context["form"].errors["contacts"] == ["Choose the contact."]


def test_a_keyword_that_is_not_the_types_is_refused(page):
    activity_type("meeting")
    response = page.post(create_url("meeting"), content(keywords=[keyword("negative").pk]))
    assert (response.status_code, "keywords" in response.context["form"].errors) == (422, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_follow_up_and_three(page, owner, rows, django_assert_max_num_queries):
    activity = ActivityFactory(created_by=owner)
    ActivityFactory.create_batch(rows, follows=activity, participants=[owner])
    page.get(activity.get_absolute_url())
    with django_assert_max_num_queries(QUERIES) as captured:
        page.get(activity.get_absolute_url())
    assert len(captured) == QUERIES


QUERIES = 22  # one for the colleagues of the row that adds a follow-up
