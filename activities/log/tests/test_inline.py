"""Editing in place of activities, and the steps that rows, cards and pages offer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.steps import steps_of
from activities.log.tests.activity_pages import client_of, text
from activities.log.tests.factories import ActivityFactory, activity_type
from core.tests.inline import Editor, events
from customers.services.contacts import Point, points_set
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def activity(owner):
    return ActivityFactory(created_by=owner, status=ActivityStatus.OPEN, start=timezone.now() - dt.timedelta(days=1))


def editor(page, activity, field, column=""):
    url = reverse("activities:inline", args=[activity.pk, field])
    return Editor(page, f"{url}?column={column}" if column else url)


def test_the_participants_are_changed_and_all_else_stays(page, owner, activity):
    colleague = UserFactory(last_name="Salo")
    response = editor(page, activity, "participants", column="participants").save(participants=[owner.pk, colleague.pk])
    now = Activity.objects.get(pk=activity.pk)
    assert set(now.users.all()) == {owner, colleague}
    assert (now.start, now.title, now.channel, now.version) == (activity.start, activity.title, activity.channel, 2)
    assert "Salo" in events(response)["inline:done"]["cell"]


def test_the_time_is_typed_as_people_say_it(page, activity):
    response = editor(page, activity, "start").save(start="eilen 13", end="")
    start = timezone.localtime(Activity.objects.get(pk=activity.pk).start)
    assert response.status_code == 204
    assert (start.date(), start.hour) == (timezone.localdate() - dt.timedelta(days=1), 13)


def test_an_end_before_the_start_is_refused_at_its_field(page, activity):
    response = editor(page, activity, "start").save(start="2.3.2026 9.00", end="2.3.2026 8.00")
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["end"])


def test_the_details_of_the_type_stay(page, owner):
    lead = ActivityFactory(created_by=owner, type=activity_type("lead"), status=ActivityStatus.OPEN)
    Lead.objects.create(activity=lead, need="A course", value=1_000)
    assert editor(page, lead, "place").save(place="Espoo").status_code == 204
    now = Lead.objects.get(activity=lead)
    assert (now.need, now.value, Activity.objects.get(pk=lead.pk).place) == ("A course", 1_000, "Espoo")


def test_the_list_offers_own_rows_only(page, activity):
    other = ActivityFactory()
    found = text(page.get(reverse("activities:list")))
    assert f'<tr data-row="{activity.pk}">' in found
    assert 'data-inline="status"' in found
    assert f'data-row="{other.pk}"' not in found


def test_a_reader_is_offered_no_step_and_changes_nothing(activity):
    reader = UserFactory(role="read_only")
    assert steps_of(reader, activity) == []
    assert editor(client_of(reader), activity, "place").open().status_code == 403
    assert "Nothing can be done" in text(editor(client_of(reader), activity, "status").open())


# Steps


@pytest.mark.parametrize(
    ("status", "labels"),
    [
        ("open", ["Mark done", "Start"]),
        ("in_progress", ["Mark done", "Set to open"]),
        ("done", ["Reopen"]),
    ],
)
def test_the_steps_are_those_of_the_status_machine(owner, activity, status, labels):
    activity.status = status
    assert [step.label for step in steps_of(owner, activity)] == labels


def test_what_has_not_begun_cannot_be_done(owner, activity):
    activity.start = timezone.now() + dt.timedelta(days=1)
    assert [step.label for step in steps_of(owner, activity)] == ["Start"]


def test_a_visit_without_a_memo_asks_for_it(owner):
    visit = ActivityFactory(created_by=owner, type=activity_type("visit"), goal="The year", status="open")
    step = steps_of(owner, visit, back="/start/")[0]
    assert (step.asks, step.url) == (True, f"/activities/{visit.pk}/finish/?next=%2Fstart%2F")


def test_every_step_that_is_a_button_is_done_when_pressed(page, owner, activity):
    """Nothing is offered that the rules refuse."""
    for step in steps_of(owner, activity):
        Activity.objects.filter(pk=activity.pk).update(status="open", closed_at=None)
        page.post(step.url, dict(step.values))
        assert Activity.objects.get(pk=activity.pk).status == step.values["status"]


def test_a_lead_of_ones_own_is_claimed_or_closed_never_done(page, owner):
    page.post(
        f"{reverse('activities:create')}?type=lead",
        {
            "title": "Needs training",
            "start": f"{timezone.localdate():%d.%m.%Y} 0.01",
            "customer": CustomerFactory().pk,
            "follow-count": 0,
            "details-need": "A course",
        },
    )
    lead = Activity.objects.get(type__code="lead")
    row = text(page.get(reverse("activities:mine")))
    assert reverse("leads:take", args=[lead.pk]) in row
    assert reverse("leads:close", args=[lead.pk]) in row
    assert reverse("activities:status", args=[lead.pk]) not in row
    assert [step.label for step in steps_of(owner, lead, back="/start/")] == ["Claim", "Close with a reason"]
    response = page.post(reverse("leads:take", args=[lead.pk]), {"next": "/activities/mine/"})
    assert (response.url, Activity.objects.get(pk=lead.pk).status) == ("/activities/mine/", "in_progress")


def test_the_list_of_leads_offers_the_claim_to_whoever_logs(page):
    lead = ActivityFactory(type=activity_type("lead"), status="open")
    Lead.objects.create(activity=lead)
    assert f'<tr data-row="{lead.pk}">' in text(page.get(reverse("leads:list")))
    offered = text(editor(page, lead, "status").open())
    assert reverse("leads:take", args=[lead.pk]) in offered
    assert reverse("leads:close", args=[lead.pk]) not in offered  # somebody else's


# What is said


def test_a_closed_activity_can_be_undone_from_its_message(page, activity):
    page.post(reverse("activities:status", args=[activity.pk]), {"status": "done"})
    shown = text(page.get(activity.get_absolute_url()))
    undo = f"/activities/{activity.pk}/undo/?next=%2Factivities%2F{activity.pk}%2F"
    assert f'action="{undo}"' in shown
    page.post(undo)
    assert Activity.objects.get(pk=activity.pk).status == "open"


def test_what_is_logged_elsewhere_is_linked_in_the_message(page, owner):
    customer = CustomerFactory(owner=owner)
    url = f"{reverse('activities:create')}?type=call&customer={customer.pk}"
    page.post(url, {"title": "Offer discussed", "start": "2.3.2026 9.00", "customer": customer.pk, "follow-count": 0})
    logged = Activity.objects.get(title="Offer discussed")
    shown = text(page.get(customer.get_absolute_url()))
    assert f'Logged. <a href="{logged.get_absolute_url()}">Offer discussed</a>' in shown


def test_what_was_logged_just_now_is_not_overdue(owner):
    now = timezone.now()
    just = ActivityFactory(created_by=owner, status="open", start=now - dt.timedelta(seconds=20))
    late = ActivityFactory(created_by=owner, status="open", start=now - dt.timedelta(minutes=2))
    assert (just.is_overdue, late.is_overdue) == (False, True)


def test_a_call_is_logged_from_its_button_with_the_contact_filled_in(page, owner):
    customer = CustomerFactory(owner=owner)
    contact = ContactFactory(first_name="Mari", last_name="Virtanen", customer=customer)
    points_set(contact=contact, points=[Point("040 1112222")])
    shown = text(page.get(contact.get_absolute_url()))
    url = f"/activities/new/?type=call&quick=1&contact={contact.pk}&next=/contacts/{contact.pk}/"
    assert 'href="tel:0401112222"' in shown
    assert f'data-call-log="{url.replace("&", "&amp;")}"' in shown
    form = page.get(url).context["form"]
    assert (form["title"].value(), form["customer"].value(), form["contacts"].value()) == (
        "Call: Mari Virtanen", customer.pk, [contact.pk],
    )  # fmt: skip
    content = {"title": form["title"].value(), "customer": customer.pk, "contacts": [contact.pk], "follow-count": 0}
    response = page.post(url, content | {"start": "nyt"})
    logged = Activity.objects.get(title="Call: Mari Virtanen")
    assert (response.url, logged.status) == (f"/contacts/{contact.pk}/", "done")
    assert list(logged.contacts.all()) == [contact]
    client = client_of(UserFactory(role="read_only"))
    assert "data-call-log" not in text(client.get(contact.get_absolute_url()))
