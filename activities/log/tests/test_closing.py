"""The list of stale activities, and closing many at once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import TeamFactory, UserFactory
from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, StatusChange
from activities.log.services.status import activities_close
from activities.log.tests.factories import ActivityFactory, activity_type
from core.bulk.services import run_preview, run_start
from core.exceptions import BusinessRuleError
from core.models import BulkRun
from core.tests.bulk import finished, undo
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
REASON = "Not needed any more"
STALE, CLOSE = reverse("activities:stale"), reverse("core:bulk_choose", args=["activities.close"])


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


@pytest.mark.parametrize("rows", [1, 3])
def test_closing_costs_the_same_for_one_and_three(owner, rows, django_assert_num_queries):
    ids = [old(owner).pk for _ in range(rows)]
    owner.has_perm("activities.change_any_activity")
    with django_assert_num_queries(14):
        activities_close(user=owner, ids=ids, reason=REASON)


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


def test_what_is_overdue_is_closed_from_its_list_with_its_filters(page, owner):
    ours, young = old(owner, days=100), old(owner, days=20)
    page.post(CLOSE, {"all": "1", "query": "days=90", "list": STALE})
    run = BulkRun.objects.get()
    assert [row.target_id for row in run.rows.all()] == [ours.pk]
    run = finished(run_start(run=run_preview(run=run, params={"reason": REASON})))
    assert statuses(ours, young) == ["done", "open"]
    undo(run)
    assert statuses(ours, young) == ["open", "open"]


def test_a_short_explanation_shows_its_message_and_closes_nothing(page, owner):
    activity = old(owner)
    form = page.post(CLOSE, {"ids": [activity.pk]}).headers["Location"]
    response = page.post(form, {"reason": "x"})
    assert (response.status_code, "at least 3" in text(response)) == (422, True)
    assert statuses(activity) == ["open"]


@pytest.mark.parametrize("ids", [["x"], ["²"], ["9" * 30], ["-1"], []])
def test_ids_that_are_none_choose_nothing(page, ids):
    assert page.post(CLOSE, {"ids": ids}).status_code == 302
    assert not BulkRun.objects.exists()


def test_who_only_reads_sees_what_is_overdue_and_closes_nothing(owner):
    activity, reader = old(owner), Client()
    reader.force_login(UserFactory(role="read_only"))
    assert reader.get(STALE).status_code == 200
    assert reader.post(CLOSE, {"ids": [activity.pk]}).status_code == 403
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
    [({"ids": [], "reason": REASON}, "ids"), ({"ids": ["x"], "reason": REASON}, "ids.0"), ({"ids": [1]}, "reason"),
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
