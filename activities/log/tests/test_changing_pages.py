"""Pages that change and close an activity."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.activity_pages import DAY, client_of, content, text
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.tests.factories import ContactFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def colleague():
    return client_of(UserFactory(role="account_manager"))


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


# Changing and closing


def test_a_change_is_written_and_the_type_stays(page, owner):
    activity = ActivityFactory(created_by=owner)
    response = page.post(
        reverse("activities:change", args=[activity.pk]), content(title="New", version=1, type="visit")
    )
    activity.refresh_from_db()
    assert (response.status_code, activity.title, activity.type.code, activity.version) == (302, "New", "call", 2)


def test_a_form_that_is_saved_as_it_came_changes_nothing_but_the_version(page, owner):
    activity = ActivityFactory(
        created_by=owner, type=activity_type("visit"), goal="The year", words=["national"],
        contacts=[ContactFactory()], participants=[UserFactory(is_active=False), owner], end=timezone.now() + DAY,
    )  # fmt: skip
    url = reverse("activities:change", args=[activity.pk])
    form = page.get(url).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    data |= {name: data[name].isoformat() for name in ("start", "end")}
    before = (set(activity.users.all()), set(activity.contacts.all()), set(activity.keywords.all()), activity.start)
    response = page.post(url, data)
    assert response.status_code == 302, response.context["form"].errors
    row = Activity.objects.get()
    assert (set(row.users.all()), set(row.contacts.all()), set(row.keywords.all()), row.start) == before


def test_of_two_who_change_at_the_same_time_the_second_is_told(page, owner):
    activity = ActivityFactory(created_by=owner, version=2)
    response = page.post(reverse("activities:change", args=[activity.pk]), content(title="Mine", version=1))
    activity.refresh_from_db()
    assert (response.status_code, "Someone else changed this" in text(response)) == (422, True)
    assert ("Mine" in text(response), activity.title != "Mine") == (True, True)


@pytest.mark.parametrize("name", ["change", "finish"])
def test_only_participants_and_those_who_may_change_all_change(page, colleague, reader, owner, name):
    url = reverse(f"activities:{name}", args=[ActivityFactory(created_by=owner).pk])
    management = client_of(UserFactory(role="management"))
    codes = [client.get(url).status_code for client in (page, management, colleague, reader, Client())]
    assert codes == [200, 200, 403, 403, 302]


def test_one_click_closes_and_answers_the_row_with_undo(page, owner):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    url = reverse("activities:status", args=[activity.pk])
    headers = {"HX-Request": "true", "HX-Target": f"mine-{activity.pk}"}
    response = page.post(url, {"status": "done"}, headers=headers)
    assert f'id="mine-{activity.pk}"' in text(response)
    assert reverse("activities:undo", args=[activity.pk]) in response["HX-Trigger"]
    activity.refresh_from_db()
    assert activity.status == ActivityStatus.DONE


def test_undo_opens_it_again_and_returns_to_the_list(page, owner):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    page.post(reverse("activities:status", args=[activity.pk]), {"status": "done"})
    response = page.post(f"{reverse('activities:undo', args=[activity.pk])}?next=/activities/mine/")
    activity.refresh_from_db()
    assert (response["Location"], activity.status) == ("/activities/mine/", ActivityStatus.OPEN)


def test_what_a_colleague_closed_is_not_undone_without_a_reason(page, owner):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    page.post(reverse("activities:status", args=[activity.pk]), {"status": "done"})
    manager = client_of(UserFactory(role="management"))
    response = manager.post(reverse("activities:undo", args=[activity.pk]), follow=True)
    activity.refresh_from_db()
    assert ("can no longer be undone" in text(response), activity.status) == (True, ActivityStatus.DONE)


def test_reopening_asks_the_reason(page, owner):
    activity = ActivityFactory(participants=[owner])
    reopen = reverse("activities:reopen", args=[activity.pk])
    response = page.post(reverse("activities:status", args=[activity.pk]), {"status": "open"})
    assert response["Location"].startswith(reopen)
    response = page.post(reopen, {"reason": "x", "version": 1})
    assert (response.status_code, "at least 3" in text(response)) == (422, True)
    assert page.post(reopen, {"reason": "Closed by mistake", "version": 1}).status_code == 302
    activity.refresh_from_db()
    assert (activity.status, activity.status_changes.get().reason) == ("open", "Closed by mistake")


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_no_status_change_leads_away_from_here(page, owner, url):
    activity = ActivityFactory(participants=[owner], status=ActivityStatus.OPEN)
    response = page.post(reverse("activities:status", args=[activity.pk]), {"status": "done", "next": url})
    assert response["Location"] == activity.get_absolute_url()


def test_an_unknown_status_does_not_exist(page, owner):
    activity = ActivityFactory(participants=[owner])
    assert page.post(reverse("activities:status", args=[activity.pk]), {"status": "lost"}).status_code == 404


def test_a_status_that_may_not_follow_is_told(page, owner):
    activity = ActivityFactory(participants=[owner])
    url = reverse("activities:status", args=[activity.pk])
    assert page.post(url, {"status": "in_progress"})["Location"].startswith(
        reverse("activities:reopen", args=[activity.pk])
    )


def test_closing_a_visit_asks_for_its_report(page, owner):
    kind = activity_type("visit")
    activity = ActivityFactory(
        type=kind, goal="The year", memo=kind.memo_template_fi, participants=[owner], status=ActivityStatus.OPEN
    )
    finish = reverse("activities:finish", args=[activity.pk])
    response = page.post(reverse("activities:status", args=[activity.pk]), {"status": "done"})
    assert response["Location"].startswith(finish)
    assert page.post(finish, {"memo": "Agreed on three trainings", "version": 1}).status_code == 302
    activity.refresh_from_db()
    assert (activity.status, activity.memo) == (ActivityStatus.DONE, "<p>Agreed on three trainings</p>")


def test_rule_12_closing_negative_feedback_asks_how_it_was_settled(page, owner):
    activity = ActivityFactory(
        type=activity_type("feedback"), words=["negative"], participants=[owner], status=ActivityStatus.OPEN
    )
    finish = reverse("activities:finish", args=[activity.pk])
    assert page.post(finish, {"memo": "", "settlement": " ", "version": 1}).status_code == 422
    activity.refresh_from_db()
    assert activity.status == ActivityStatus.OPEN
    page.post(finish, {"memo": "", "settlement": "A new trainer", "version": 1})
    activity.refresh_from_db()
    assert (activity.status, activity.settlement) == (ActivityStatus.DONE, "A new trainer")


def test_who_may_not_change_does_not_close(colleague, reader):
    activity = ActivityFactory(status=ActivityStatus.OPEN)
    url = reverse("activities:status", args=[activity.pk])
    assert [client.post(url, {"status": "done"}).status_code for client in (colleague, reader, Client())] == [
        403,
        403,
        302,
    ]
