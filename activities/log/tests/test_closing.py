"""The list of stale activities, and closing many at once."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import TeamFactory, UserFactory
from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.jobs import start_closing
from activities.log.models import Activity, StatusChange
from activities.log.services.status import BATCH, activities_close, activities_close_undo, activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type
from core.enums import JobState
from core.exceptions import BusinessRuleError
from core.jobs import job_run
from core.models import Job
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
REASON = "Not needed any more"
STALE, CLOSE = reverse("activities:stale"), reverse("activities:close_many")


def old(user, days=20, **given):
    start = timezone.now() - days * DAY
    return ActivityFactory(participants=[user], status=ActivityStatus.OPEN, start=start, created_by=user, **given)


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    client = Client()
    client.force_login(owner)
    return client


def text(response):
    return response.content.decode()


def statuses(*activities):
    return [Activity.objects.get(pk=one.pk).status for one in activities]


def test_many_are_closed_with_one_explanation_kept_with_each(owner):
    one, two = old(owner), old(owner)
    result = activities_close(user=owner, ids=[one.pk, two.pk], reason=REASON)
    assert (result.closed, statuses(one, two)) == (2, ["done", "done"])
    assert {(row.activity, row.reason, row.user) for row in StatusChange.objects.all()} == {
        (one, REASON, owner), (two, REASON, owner),
    }  # fmt: skip
    one.refresh_from_db()
    assert (one.closed_at, one.version) == (result.at, 2)
    assert not CustomerSummary.objects.exclude(open_activities=0).exists()


@pytest.mark.parametrize("reason", ["", "  ", "ok"])
def test_closing_many_asks_an_explanation(owner, reason):
    activity = old(owner)
    with pytest.raises(BusinessRuleError) as error:
        activities_close(user=owner, ids=[activity.pk], reason=reason)
    assert (error.value.code, statuses(activity)) == ("reason_required", ["open"])


def test_rule_12_negative_feedback_is_never_closed_among_many(owner):
    feedback = old(owner, type=activity_type("feedback"), words=["negative"])
    result = activities_close(user=owner, ids=[feedback.pk], reason=REASON)
    assert (result.closed, result.unsettled, statuses(feedback)) == (0, [feedback.pk], ["open"])


def test_a_lead_that_is_going_on_is_never_closed_among_many(owner):
    lead, closed = old(owner, type=activity_type("lead")), old(owner, type=activity_type("lead"))
    Lead.objects.create(activity=lead)
    Lead.objects.create(activity=closed, state=LeadState.CLOSED)
    result = activities_close(user=owner, ids=[lead.pk, closed.pk], reason=REASON)
    assert (result.going_on["leads"], statuses(lead, closed)) == ([lead.pk], ["open", "done"])


def test_a_visit_that_never_happened_is_closed_with_the_explanation(owner):
    visit = old(owner, type=activity_type("visit"), goal="The year")
    assert activities_close(user=owner, ids=[visit.pk], reason=REASON).closed == 1


def test_others_and_invisible_ones_are_left(owner):
    foreign = old(UserFactory())
    passive = old(owner, customer=CustomerFactory(passive=True))
    result = activities_close(user=owner, ids=[foreign.pk, passive.pk, 999_999], reason=REASON)
    assert (result.closed, result.foreign) == (0, [foreign.pk, passive.pk, 999_999])


def test_a_team_leader_closes_what_is_the_teams_own(owner):
    member, stranger = UserFactory(), UserFactory()
    TeamFactory(leader=owner, members=[member])
    ours, theirs = old(member), old(stranger)
    assert activities_close(user=owner, ids=[ours.pk, theirs.pk], reason=REASON).foreign == [theirs.pk]


def test_management_closes_everybodys():
    activity = old(UserFactory())
    assert activities_close(user=UserFactory(role="management"), ids=[activity.pk], reason=REASON).closed == 1


def test_of_two_who_close_the_same_the_second_is_told_that_it_is_done(owner):
    activity = old(owner)
    activities_close(user=owner, ids=[activity.pk], reason=REASON)
    second = activities_close(user=owner, ids=[activity.pk], reason="Another")
    assert (second.closed, second.already, StatusChange.objects.count()) == (0, [activity.pk], 1)


def test_undo_opens_what_was_closed_as_it_was(owner):
    one, two = old(owner), old(owner)
    Activity.objects.filter(pk=two.pk).update(status=ActivityStatus.IN_PROGRESS)
    result = activities_close(user=owner, ids=[one.pk, two.pk], reason=REASON)
    assert activities_close_undo(user=owner, at=result.at) == 2
    assert statuses(one, two) == ["open", "in_progress"]
    assert activities_close_undo(user=owner, at=result.at) == 0


def test_undo_leaves_what_somebody_has_touched_since(owner):
    activity = old(owner)
    result = activities_close(user=owner, ids=[activity.pk], reason=REASON)
    for status in (ActivityStatus.OPEN, ActivityStatus.DONE):
        activity_set_status(activity=activity, status=status, user=owner, reason="Was needed")
    assert (activities_close_undo(user=owner, at=result.at), statuses(activity)) == (0, ["done"])


def test_undo_is_ones_own_and_of_a_moment_ago(owner):
    activity = old(owner)
    result = activities_close(user=owner, ids=[activity.pk], reason=REASON)
    assert activities_close_undo(user=UserFactory(), at=result.at) == 0
    with pytest.raises(BusinessRuleError, match="can no longer be undone"):
        activities_close_undo(user=owner, at=result.at - dt.timedelta(hours=1))


@pytest.mark.parametrize("rows", [1, 3])
def test_closing_costs_the_same_for_one_and_three(owner, rows, django_assert_num_queries):
    ids = [old(owner).pk for _ in range(rows)]
    owner.has_perm("activities.change_any_activity")
    with django_assert_num_queries(14):
        activities_close(user=owner, ids=ids, reason=REASON)


def test_thousands_are_closed_by_a_job(owner, monkeypatch):
    monkeypatch.setattr("activities.log.views.lists.AT_ONCE", 1)
    monkeypatch.setattr("activities.log.jobs.BATCH", 2)
    activities = [old(owner) for _ in range(3)]
    client = Client()
    client.force_login(owner)
    response = client.post(f"{CLOSE}?all=1&query=", {"reason": REASON})
    job = Job.objects.get()
    assert response["Location"] == reverse("core:job", args=[job.pk])
    assert BATCH == 1_000
    job_run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.message) == (JobState.DONE, "3 activities were closed.")
    assert statuses(*activities) == ["done"] * 3


def test_a_job_that_runs_twice_finds_done_what_it_closed(owner):
    activity = old(owner)
    job = start_closing(user=owner, ids=[activity.pk], reason=REASON)
    for message in ("1 activity was closed.", "0 activities were closed. 1 was already done."):
        Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
        job_run(str(job.pk))
        job.refresh_from_db()
        assert job.message == message


# The page


def test_the_page_lists_what_is_overdue_oldest_first(page, owner):
    old(owner, title="Younger", days=15)
    old(owner, title="Oldest", days=100)
    old(owner, title="Fresh", days=3)
    ActivityFactory(title="Finished", start=timezone.now() - 50 * DAY)
    body = text(page.get(STALE))
    assert body.index("Oldest") < body.index("Younger")
    assert ("Fresh" in body, "Finished" in body) == (False, False)


@pytest.mark.parametrize("query", ["days=90", "participant={user}", "team={team}", "type={type}", "q=hitsaus"])
def test_each_filter_of_what_is_overdue_finds_its_own(page, owner, query):
    member = UserFactory()
    team = TeamFactory(members=[member])
    old(member, title="Hitsauskoulutus", days=100, type=activity_type("visit"))
    old(owner, title="Another", days=20)
    ids = {"user": member.pk, "team": team.pk, "type": activity_type("visit").pk}
    body = text(page.get(f"{STALE}?{query.format(**ids)}"))
    assert ("Hitsauskoulutus" in body, "Another" in body) == (True, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_what_is_overdue_costs_the_same_for_one_row_and_three(page, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        old(owner)
    page.get(STALE)
    with django_assert_num_queries(10):
        page.get(STALE)


def test_selected_ones_are_asked_about_closed_and_opened_again(page, owner):
    one, two, left = old(owner), old(owner), old(owner)
    asked = page.post(CLOSE, {"ids": [one.pk, two.pk], "action": "close"})
    assert "Close 2 activities" in text(asked)
    assert statuses(one, two) == ["open", "open"]
    data = {"ids": [one.pk, two.pk], "reason": REASON, "submission_key": str(uuid.uuid4())}
    body = text(page.post(CLOSE, data, follow=True))
    assert "2 activities were closed." in body
    assert statuses(one, two, left) == ["done", "done", "open"]
    at = Activity.objects.get(pk=one.pk).closed_at.isoformat()
    assert "2 activities are open again." in text(page.post(reverse("activities:close_undo"), {"at": at}, follow=True))


def test_all_that_match_are_closed_without_a_selection(page, owner):
    ours, young = old(owner, days=100), old(owner, days=20)
    page.post(CLOSE, {"all": "1", "query": "days=90", "reason": REASON})
    assert statuses(ours, young) == ["done", "open"]


def test_a_short_explanation_shows_its_message_and_closes_nothing(page, owner):
    activity = old(owner)
    response = page.post(CLOSE, {"ids": [activity.pk], "reason": "x"})
    assert (response.status_code, "at least 3" in text(response)) == (422, True)
    assert statuses(activity) == ["open"]


@pytest.mark.parametrize("ids", [["x"], ["²"], ["9" * 30], ["-1"], []])
def test_any_ids_are_taken(page, ids):
    assert page.post(CLOSE, {"ids": ids, "reason": REASON}).status_code == 302


@pytest.mark.parametrize("at", ["", "x", "2026-13-99", "2026-01-01T00:00:00"])
def test_undo_of_a_time_that_never_was_changes_nothing(page, at):
    assert "can no longer be undone" in text(page.post(reverse("activities:close_undo"), {"at": at}, follow=True))


def test_who_only_reads_sees_what_is_overdue_and_closes_nothing(owner):
    activity, reader = old(owner), Client()
    reader.force_login(UserFactory(role="read_only"))
    assert reader.get(STALE).status_code == 200
    assert reader.post(CLOSE, {"ids": [activity.pk], "reason": REASON}).status_code == 403
    assert Client().get(STALE).status_code == 302


# The API


def api_of(user):
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(user)
    return client


def test_the_api_closes_many_and_tells_what_was_left(owner):
    mine, foreign = old(owner), old(UserFactory())
    data = {"ids": [mine.pk, foreign.pk], "reason": REASON}
    response = api_of(owner).post("/api/v1/activities/bulk-close/", data, format="json")
    assert response.json() == {
        "closed": 1,
        "already": [],
        "unsettled": [],
        "coming": [],
        "leads": [],
        "foreign": [foreign.pk],
    }


@pytest.mark.parametrize(
    ("data", "field"),
    [({"ids": [], "reason": REASON}, "ids"), ({"ids": ["x"], "reason": REASON}, "ids"), ({"ids": [1]}, "reason"),
     ({"ids": [1], "reason": "x"}, "reason"), ({"ids": [1] * 2_001, "reason": REASON}, "ids")],
)  # fmt: skip
def test_the_api_refuses_bad_content(owner, data, field):
    response = api_of(owner).post("/api/v1/activities/bulk-close/", data, format="json")
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [field])


def test_the_api_finds_what_is_overdue(owner):
    overdue = old(owner, days=40)
    old(owner, days=10)
    rows = api_of(owner).get("/api/v1/activities/", {"stale_days": 30}).json()["results"]
    assert [row["id"] for row in rows] == [overdue.pk]
