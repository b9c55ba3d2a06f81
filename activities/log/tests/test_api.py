"""The endpoints: the same rules, filters and messages as the pages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/activities/"
DAY = dt.timedelta(days=1)


def client_of(user):
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(user)
    return client


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def api(owner):
    return client_of(owner)


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


def content(**changes):
    activity_type("call")
    return {"type": "call", "customer": CustomerFactory().pk, "title": "Offer discussed", **changes}


def error(response):
    return response.json()["error"]


def test_a_call_is_logged(api, owner):
    contact = ContactFactory()
    data = content(contacts=[contact.pk], hours="1.5", start="2026-03-02T09:00:00+02:00")
    response = api.post(URL, data)
    assert response.status_code == 201, response.json()
    body = response.json()
    assert (body["type"], body["status"], body["participants"], body["contacts"], body["created_by"]) == (
        "call",
        "done",
        [owner.pk],
        [contact.pk],
        owner.pk,
    )


def test_rule_13_a_visit_without_goal_is_refused_at_its_field(api):
    response = api.post(URL, content(type="visit"))
    assert (response.status_code, error(response)["code"]) == (409, "goal_required")
    assert error(response)["fields"] == {"goal": ["Enter the goal of the visit."]}
    assert not Activity.objects.exists()


def test_rule_2_a_passive_customer_does_not_exist(api):
    response = api.post(URL, content(customer=CustomerFactory(passive=True).pk))
    assert (response.status_code, list(error(response)["fields"])) == (400, ["customer"])
    assert not Activity.objects.exists()


def test_rule_2_a_passive_customer_is_refused_to_administrators():
    api = client_of(UserFactory(role="administrator"))
    response = api.post(URL, content(customer=CustomerFactory(passive=True).pk))
    assert (response.status_code, error(response)["code"]) == (409, "customer_passive")
    assert not Activity.objects.exists()


def test_rule_1_another_type_is_refused(api, owner):
    activity = ActivityFactory(created_by=owner)
    response = api.patch(f"{URL}{activity.pk}/", {"type": "visit"})
    assert (response.status_code, error(response)["code"]) == (409, "type_is_fixed")


def test_a_change_answers_with_the_new_row(api, owner):
    activity, new = ActivityFactory(created_by=owner), UserFactory()
    body = api.patch(f"{URL}{activity.pk}/", {"title": "New", "participants": [new.pk], "version": 1}).json()
    assert (body["title"], body["participants"], body["version"]) == ("New", [new.pk], 2)


def test_a_change_of_an_older_version_is_refused(api, owner):
    activity = ActivityFactory(created_by=owner, version=2)
    response = api.patch(f"{URL}{activity.pk}/", {"title": "New", "version": 1})
    assert (response.status_code, error(response)["code"]) == (409, "stale_version")


def test_a_change_leaves_the_status_to_its_action(api, owner):
    activity = ActivityFactory(created_by=owner)
    assert api.patch(f"{URL}{activity.pk}/", {"status": "open"}).json()["status"] == "done"


def test_a_change_of_one_field_keeps_the_customer(api, owner):
    activity = ActivityFactory(created_by=owner)
    assert api.patch(f"{URL}{activity.pk}/", {"title": "New"}).json()["customer"] == activity.customer_id


def test_the_action_status_closes_and_reopens(api, owner):
    activity = ActivityFactory(created_by=owner, status=ActivityStatus.OPEN)
    for status, reason in (("done", ""), ("open", "Closed by mistake")):
        data = {"status": status, "reason": reason}
        assert api.post(f"{URL}{activity.pk}/status/", data).json()["status"] == status


def test_the_action_status_asks_the_reason_of_going_back(api, owner):
    activity = ActivityFactory(created_by=owner)
    response = api.post(f"{URL}{activity.pk}/status/", {"status": "open"})
    assert (response.status_code, error(response)["code"]) == (409, "reason_required")
    activity.refresh_from_db()
    assert activity.status == "done"


def test_rule_12_negative_feedback_is_closed_with_a_settlement(api, owner):
    activity = ActivityFactory(
        created_by=owner, type=activity_type("feedback"), words=["negative"], status=ActivityStatus.OPEN
    )
    response = api.post(f"{URL}{activity.pk}/status/", {"status": "done"})
    assert (response.status_code, error(response)["code"]) == (409, "settlement_required")
    response = api.post(f"{URL}{activity.pk}/status/", {"status": "done", "settlement": "Paid back"})
    assert (response.json()["status"], response.json()["settlement"]) == ("done", "Paid back")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 201),
        ("title", "a\x00b"),
        ("title", ""),
        ("memo", "x" * 20_001),
        ("start", "yesterday"),
        ("start", "2026-03-29T03:30:00"),
        ("hours", "-1"),
        ("channel", "pigeon"),
        ("status", "lost"),
        ("type", "nothing"),
        ("type", 10**30),
        ("customer", 99999),
        ("customer", "x"),
        ("contacts", [99999]),
        ("participants", [99999]),
        ("keywords", ["nothing"]),
        ("follows", 99999),
    ],
)
def test_bad_content_is_refused_at_its_field(api, field, value):
    response = api.post(URL, content(**{field: value}))
    assert (response.status_code, list(error(response)["fields"])) == (400, [field])
    assert not Activity.objects.exists()


def test_a_contact_that_one_does_not_see_does_not_exist(api):
    response = api.post(URL, content(contacts=[ContactFactory(is_hidden=True).pk]))
    assert (response.status_code, list(error(response)["fields"])) == (400, ["contacts"])


def test_any_text_comes_back_as_it_is_seen(api):
    title = "<script>alert(1)</script> {{ x }} שלום 😀"
    assert api.post(URL, content(title=f"{title}\u200b")).json()["title"] == title


def test_the_list_shows_what_one_may_see_newest_first(api):
    old, new = ActivityFactory(start=timezone.now() - DAY), ActivityFactory()
    ActivityFactory(customer=CustomerFactory(passive=True))
    assert [row["id"] for row in api.get(URL).json()["results"]] == [new.pk, old.pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(api, rows, django_assert_num_queries):
    for _ in range(rows):
        ActivityFactory(contacts=[ContactFactory()], participants=[UserFactory(), UserFactory()])
    api.get(URL)
    with django_assert_num_queries(4):
        api.get(URL)


def test_the_list_is_filtered_as_the_page(api, owner):
    yesterday = timezone.now() - DAY
    mine = ActivityFactory(title="Unlike others", participants=[owner], status=ActivityStatus.OPEN, start=yesterday)
    ActivityFactory(start=timezone.now() - 3 * DAY)
    day = timezone.localdate(mine.start).isoformat()
    for query in (
        {"mine": "true"},
        {"overdue": "true"},
        {"status": "open"},
        {"participant": owner.pk},
        {"customer": mine.customer_id},
        {"q": mine.title},
        {"start_from": day},
    ):
        assert [row["id"] for row in api.get(URL, query).json()["results"]] == [mine.pk], query


def test_a_filter_that_cannot_be_read_is_an_error(api):
    response = api.get(URL, {"status": "lost"})
    assert (response.status_code, list(error(response)["fields"])) == (400, ["status"])


def test_a_colleague_looks_and_logs_but_does_not_change_others_work(owner):
    activity, colleague = ActivityFactory(created_by=owner), client_of(UserFactory(role="account_manager"))
    assert colleague.get(f"{URL}{activity.pk}/").status_code == 200
    assert colleague.patch(f"{URL}{activity.pk}/", {"title": "New"}).status_code == 403
    assert colleague.post(f"{URL}{activity.pk}/status/", {"status": "open"}).status_code == 403
    assert colleague.post(URL, content()).status_code == 201


def test_rule_16_a_participant_changes_it_too(owner):
    activity, other = ActivityFactory(created_by=owner), UserFactory(role="account_manager")
    activity.users.add(other)
    assert client_of(other).patch(f"{URL}{activity.pk}/", {"title": "New"}).status_code == 200


def test_who_only_reads_changes_nothing(reader):
    activity = ActivityFactory()
    assert reader.get(URL).status_code == 200
    assert reader.post(URL, content()).status_code == 403
    assert reader.patch(f"{URL}{activity.pk}/", {"title": "New"}).status_code == 403


def test_anonymous_gets_nothing():
    activity = ActivityFactory()
    for url in (URL, f"{URL}{activity.pk}/", "/api/v1/activity-types/", "/api/v1/keywords/"):
        assert APIClient().get(url).status_code == 401


def test_work_of_a_passive_customer_does_not_exist_for_others(api):
    activity = ActivityFactory(customer=CustomerFactory(passive=True))
    assert api.get(f"{URL}{activity.pk}/").status_code == 404


def test_an_unknown_activity_is_404(api):
    for url in (f"{URL}99999/", f"{URL}x/", f"{URL}{10**30}/"):
        assert api.get(url).status_code == 404


def test_nothing_is_deleted(api, owner):
    activity = ActivityFactory(created_by=owner)
    assert api.delete(f"{URL}{activity.pk}/").status_code == 405


def test_types_and_keywords_are_read(reader):
    activity_type("call")
    types = reader.get("/api/v1/activity-types/").json()
    assert (len(types), types[0]["code"]) == (15, "call")
    negative = next(word for word in reader.get("/api/v1/keywords/").json() if word["code"] == "negative")
    assert negative["keeps_open"] is True


# The fields of some types, follow-ups, logging again


def test_an_encounter_is_told_inside_the_activity(api):
    told = {"matters": "Price", "solved_at_once": False, "critical_moment": "positive"}
    body = api.post(URL, content(encounter=told), format="json").json()
    assert {name: body["encounter"][name] for name in told} == told
    change = {"encounter": {"matters": "Schedule"}}
    assert api.patch(f"{URL}{body['id']}/", change, format="json").json()["encounter"]["matters"] == "Schedule"


def test_what_the_type_does_not_tell_is_refused(api):
    response = api.post(URL, content(lead={"need": "Training"}), format="json")
    assert (response.status_code, error(response)["code"]) == (409, "details_not_of_type")
    assert not Activity.objects.exists()


def test_a_memo_is_cleaned(api):
    body = api.post(URL, content(memo="<p>Agreed</p><script>x</script>"), format="json").json()
    assert body["memo"] == "<p>Agreed</p>"


def test_follow_ups_are_made_with_the_activity(api, owner):
    colleague = UserFactory()
    agreed = [{"title": "Send the offer", "due": "2026-12-04"},
              {"title": "Plan it", "due": "2026-12-05", "owner": colleague.pk, "type": "planning"}]  # fmt: skip
    body = api.post(URL, content(follow_ups=agreed), format="json").json()
    found = Activity.objects.filter(follows=body["id"]).order_by("pk")
    assert [(one.title, one.type.code, one.status, list(one.users.all())) for one in found] == [
        ("Send the offer", "call", "open", [owner]),
        ("Plan it", "planning", "open", [colleague]),
    ]


@pytest.mark.parametrize(
    ("one", "field"),
    [({"title": "x"}, "due"), ({"due": "2026-12-04"}, "title"), ({"title": "x", "due": "never"}, "due"),
     ({"title": "x", "due": "0001-01-01"}, "due"), ({"title": "x", "due": "2026-12-04", "owner": 99999}, "owner"),
     ({"title": "x", "due": "2026-12-04", "type": "nothing"}, "type")],
)  # fmt: skip
def test_a_bad_follow_up_is_refused_and_nothing_is_logged(api, one, field):
    response = api.post(URL, content(follow_ups=[one]), format="json")
    assert (response.status_code, list(error(response)["fields"])) == (400, [f"follow_ups.0.{field}"])
    assert not Activity.objects.exists()


def test_closing_makes_a_follow_up_for_the_colleague_who_is_named(api, owner):
    activity = ActivityFactory(created_by=owner, status=ActivityStatus.OPEN)
    colleague = UserFactory(role="account_manager")
    agreed = [{"title": "Call back", "due": "2026-12-20", "owner": colleague.pk}]
    response = api.post(f"{URL}{activity.pk}/status/", {"status": "done", "follow_ups": agreed}, format="json")
    assert response.status_code == 200, response.json()
    assert list(activity.follow_ups.get().users.all()) == [colleague]


def test_closing_makes_follow_ups_once(api, owner):
    activity = ActivityFactory(created_by=owner, status=ActivityStatus.OPEN)
    data = {"status": "done", "follow_ups": [{"title": "Call back", "due": "2026-12-04"}]}
    for _ in range(2):
        assert api.post(f"{URL}{activity.pk}/status/", data, format="json").status_code == 200
    assert activity.follow_ups.count() == 1


def test_rule_1_an_activity_is_logged_again_as_another_type(api):
    call = ActivityFactory(title="Wrong type", words=["national"], contacts=[ContactFactory(is_hidden=True)])
    response = api.post(f"{URL}{call.pk}/log-again/", {"type": "visit", "goal": "The year"}, format="json")
    body = response.json()
    assert response.status_code == 201, body
    assert (body["type"], body["title"], body["goal"], body["follows"], body["follow_kind"], body["contacts"]) == (
        "visit", "Wrong type", "The year", call.pk, "again", [],
    )  # fmt: skip


@pytest.mark.parametrize("data", [{}, {"type": "nothing"}, []])
def test_logging_again_needs_a_type(api, data):
    activity = ActivityFactory()
    assert api.post(f"{URL}{activity.pk}/log-again/", data, format="json").status_code == 400
    assert Activity.objects.count() == 1
