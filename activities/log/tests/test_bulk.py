"""Bulk operations that add, close and reassign activities."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.bulk.each import days_between
from activities.log.models import Activity, ActivityTemplate, Participation
from activities.log.services.activities import activity_change
from activities.log.services.follow_ups import DUE_AT
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from core.exceptions import BusinessRuleError
from core.tests.bulk import bulk, by, draft, outcome, undo, undo_of
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

EACH, CLOSE, REASSIGN = "activities.each", "activities.close", "activities.reassign"
MONDAY = dt.date(2026, 11, 30)


@pytest.fixture
def user():
    return UserFactory(grants=["activities.log_activity", "activities.change_any_activity"])


@pytest.fixture
def monday():
    with clock.frozen(MONDAY):
        yield MONDAY


def plan(**values):
    return {"type": activity_type("call").pk, "title": "Spring training", "whose": "owners", **values}


def test_each_customer_gets_an_activity_of_its_owner_spread_over_working_days(user, monday):
    owners = [UserFactory(), UserFactory()]
    customers = [CustomerFactory(owner=owners[number % 2]) for number in range(6)]
    last = monday + dt.timedelta(days=8)  # with a weekend, and Independence Day on its Sunday
    run = bulk(user, EACH, customers, **plan(first=monday.isoformat(), last=last.isoformat()))
    assert run.changed == 6
    for owner in owners:
        starts = Participation.objects.filter(user=owner).order_by("start_at").values_list("start_at", flat=True)
        assert [timezone.localtime(start).date() for start in starts] == days_between(monday, last)[:3]
    assert CustomerSummary.objects.filter(open_activities=1, next_contact_at__isnull=False).count() == 6
    assert sorted(Notification.objects.values_list("user", "data__count")) == sorted((o.pk, 3) for o in owners)


def test_an_activity_is_due_at_the_end_of_the_day_of_whoever_plans_it(monday):
    planner = UserFactory(grants=["activities.log_activity"], time_zone="America/New_York")
    bulk(planner, EACH, [CustomerFactory(owner=planner)], **plan(first=monday.isoformat()))
    start = Activity.objects.get().start.astimezone(ZoneInfo("America/New_York"))
    assert (start.date(), start.time()) == (monday, DUE_AT)


def test_days_between_are_working_days_and_never_none():
    saturday = MONDAY + dt.timedelta(days=5)
    assert days_between(MONDAY, saturday) == [MONDAY + dt.timedelta(days=number) for number in range(5)]
    assert days_between(saturday, saturday) == [saturday]


def test_a_customer_without_an_owner_is_left_out_unless_one_person_does_all(user, monday):
    customer = CustomerFactory()
    values = plan(first=monday.isoformat())
    assert outcome(draft(user, EACH, [customer], **values), customer) == ("refused", "no_owner")
    run = bulk(user, EACH, [customer], **{**values, "whose": "person", "person": user.pk})
    assert Activity.objects.get(pk=run.rows.get().made_id).participations.get().user == user


def test_an_undone_activity_for_each_removes_untouched_ones_only(user, monday):
    customers = [CustomerFactory(owner=user) for _number in range(3)]
    run = bulk(user, EACH, customers, **plan(first=monday.isoformat()))
    made = {row.target_id: Activity.objects.get(pk=row.made_id) for row in run.rows.all()}
    changed, followed, untouched = customers
    with by(user):
        activity_change(activity=made[changed.pk], user=user, changes={"memo": "Asked for a time"})
        ActivityFactory(customer=followed, follows=made[followed.pk])
    run = undo(run)
    assert undo_of(run, changed) == ("kept", ["changed_since"])
    assert undo_of(run, followed) == ("kept", ["in_use"])
    assert undo_of(run, untouched) == ("undone", [])
    assert not Activity.objects.filter(pk=made[untouched.pk].pk).exists()
    assert CustomerSummary.objects.get(customer=untouched).open_activities == 0


def test_activities_are_closed_with_a_reason_and_opened_again_by_undo(user):
    past = timezone.now() - dt.timedelta(days=3)
    open_one = ActivityFactory(status="open", start=past, type=activity_type("visit"), goal="Needs")
    coming = ActivityFactory(status="open", start=timezone.now() + dt.timedelta(days=3))
    done = ActivityFactory()
    run = bulk(user, CLOSE, [open_one, coming, done], reason="No longer needed")
    assert outcome(run, coming) == ("refused", "not_begun")
    assert outcome(run, done) == ("unchanged", "done")
    open_one.refresh_from_db()
    assert (open_one.status, "No longer needed" in open_one.memo) == ("done", True)
    undo(run)
    open_one.refresh_from_db()
    assert (open_one.status, open_one.closed_at, open_one.memo) == ("open", None, "")
    changes = open_one.status_changes.order_by("pk")
    assert [(change.to_status, change.user) for change in changes] == [("done", user), ("open", user)]
    assert CustomerSummary.objects.get(customer=open_one.customer).open_activities == 1


def test_an_undo_opens_an_activity_that_was_renamed_since_and_keeps_the_name(user):
    activity = ActivityFactory(status="open", start=timezone.now() - dt.timedelta(days=3))
    run = bulk(user, CLOSE, [activity], reason="No longer needed")
    with by(user):
        Activity.objects.update(title="Another name")
    assert undo(run).undone == 1
    activity.refresh_from_db()
    assert (activity.status, activity.title) == ("open", "Another name")


def test_activities_are_given_to_another_person_and_back(user):
    old, new, third = UserFactory(), UserFactory(), UserFactory()
    activity = ActivityFactory(status="open", participants=[old, third])
    other = ActivityFactory(status="open", participants=[third])
    run = bulk(user, REASSIGN, [activity, other], person=new.pk, instead_of=old.pk)
    assert set(activity.users.all()) == {new, third}
    assert outcome(run, other) == ("unchanged", "has_not")
    assert set(Notification.objects.values_list("user", flat=True)) == {old.pk, new.pk}
    undo(run)
    assert set(activity.users.all()) == {old, third}
    assert Participation.objects.filter(activity=activity, due_at=activity.start).count() == 2


def test_a_colleague_who_has_left_is_replaced(user):
    old, new = UserFactory(), UserFactory()
    activity = ActivityFactory(status="open", participants=[old])
    old.is_active = False
    old.save()
    bulk(user, REASSIGN, [activity], person=new.pk, instead_of=old.pk)
    assert set(activity.users.all()) == {new}
    with pytest.raises(BusinessRuleError, match="valid choice"):
        draft(user, REASSIGN, [activity], person=old.pk)


def test_others_activities_are_left_out_of_what_one_may_not_close():
    user = UserFactory(grants=["activities.log_activity"])
    start = timezone.now() - dt.timedelta(days=3)
    own, foreign = ActivityFactory(status="open", start=start, created_by=user), ActivityFactory(status="open")
    run = bulk(user, CLOSE, [own, foreign], reason="No longer needed")
    assert (outcome(run, own)[0], outcome(run, foreign)) == ("changed", ("refused", "forbidden"))


@pytest.fixture
def template():
    values = {"name_fi": "Kevät", "name_en": "Spring", "code": "spring", "title": "Needs for spring"}
    return ActivityTemplate.objects.create(type=activity_type("call"), memo="<div>Who decides:</div>", **values)


def test_template_gives_type_title_and_memo(user, monday, template):
    customer = CustomerFactory(owner=user)
    values = {"whose": "owners", "first": monday.isoformat(), "type": activity_type("meeting").pk}
    run = bulk(user, EACH, [customer], template=template.pk, **values)
    activity = Activity.objects.get()
    assert (activity.type, activity.title) == (activity_type("call"), "Needs for spring")
    assert "Who decides:" in activity.memo
    undo(run)
    assert not Activity.objects.exists()
    bulk(user, EACH, [customer], template=template.pk, title="Own title", **values)
    assert Activity.objects.get().title == "Own title"


def test_type_and_title_are_needed_without_a_template(user, monday, template):
    for missing in ("type", "title"):
        with pytest.raises(BusinessRuleError, match="required"):
            draft(user, EACH, [CustomerFactory()], **{**plan(first=monday.isoformat()), missing: ""})


def test_template_that_was_retired_or_whose_type_needs_a_contact_is_not_offered(user, monday, template):
    values = {"whose": "owners", "first": monday.isoformat(), "template": template.pk}
    ActivityTemplate.objects.update(type=activity_type("lead"))
    with pytest.raises(BusinessRuleError, match="valid choice"):
        draft(user, EACH, [CustomerFactory()], **values)
    ActivityTemplate.objects.update(type=activity_type("call"), retired_at=clock.now())
    with pytest.raises(BusinessRuleError, match="valid choice"):
        draft(user, EACH, [CustomerFactory()], **values)


def test_administrator_keeps_templates_on_the_page_of_types(client, template):
    admin = UserFactory(grants=["activities.manage_activity_types"], language="en")
    client.force_login(admin)
    content = client.get("/activities/types/").content.decode()
    assert "Activity templates" in content
    values = {"name_fi": "Syksy", "code": "autumn", "type": activity_type("call").pk, "title": "Autumn", "order": 5}
    client.post("/activities/lists/activity-templates/new/", {**values, "memo": "<div>Note<script>x</script></div>"})
    made = ActivityTemplate.objects.get(code="autumn")
    assert (made.name_en, "Note" in made.memo, "<script" in made.memo) == ("Syksy", True, False)


def test_api_lists_templates(user, template):
    api = APIClient()
    api.force_authenticate(user)
    rows = {row["code"]: row for row in api.get("/api/v1/activity-templates/").json()}
    assert (rows["spring"]["type"], rows["spring"]["title"]) == ("call", "Needs for spring")
