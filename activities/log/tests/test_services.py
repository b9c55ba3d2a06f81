"""Logging, changing and closing: the rules of domain.md §12 that are the activities' own, and the dates of contact."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import TRANSITIONS, ActivityStatus
from activities.log.models import Activity, Participation
from activities.log.services.activities import activity_change, activity_log, participant_add, participant_remove
from activities.log.services.effects import contact_dates_refresh
from activities.log.services.status import activity_set_status
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from core.choice_lists import choice_set_retired
from core.exceptions import BusinessRuleError, StaleVersionError
from customers.models import CustomerSummary
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


def log(**kwargs):
    given = {"type": activity_type("call"), "title": "Offer discussed", **kwargs}
    given.setdefault("user", UserFactory())
    if "customer" not in given:
        given["customer"] = CustomerFactory()
    return activity_log(**given)


def test_what_has_happened_is_done():
    activity = log(start=timezone.now() - HOUR)
    assert (activity.status, activity.closed_at is not None) == (ActivityStatus.DONE, True)


def test_rule_13_a_future_visit_is_open():
    activity = log(type=activity_type("visit"), goal="Agree on the year", start=timezone.now() + DAY)
    assert (activity.status, activity.closed_at) == (ActivityStatus.OPEN, None)


@pytest.mark.parametrize("goal", ["", "   "])
def test_rule_13_a_visit_needs_a_goal(goal):
    with pytest.raises(BusinessRuleError) as error:
        log(type=activity_type("visit"), goal=goal)
    assert (error.value.code, error.value.field) == ("goal_required", "goal")
    assert not Activity.objects.exists()


def test_a_visit_keeps_its_goal():
    activity = log(type=activity_type("visit"), goal="Agree on the year")
    with pytest.raises(BusinessRuleError, match="goal"):
        activity_change(activity=activity, user=UserFactory(), changes={"goal": ""})


def test_rule_1_the_type_never_changes():
    activity = log()
    with pytest.raises(BusinessRuleError) as error:
        activity_change(activity=activity, user=UserFactory(), changes={"type": activity_type("visit")})
    assert error.value.code == "type_is_fixed"


def test_rule_1_the_same_type_in_a_change_is_no_change():
    activity = log()
    activity_change(activity=activity, user=UserFactory(), changes={"type": activity.type, "title": "New"})
    assert Activity.objects.get().title == "New"


def test_rule_1_the_database_refuses_another_type():
    activity = log()
    with pytest.raises(InternalError), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).update(type=activity_type("visit"))


def test_rule_2_a_passive_customer_takes_no_new_activity():
    with pytest.raises(BusinessRuleError) as error:
        log(customer=CustomerFactory(passive=True))
    assert (error.value.code, error.value.field) == ("customer_passive", "customer")


def test_rule_2_no_activity_is_moved_to_a_passive_customer():
    activity = log()
    with pytest.raises(BusinessRuleError) as error:
        activity_change(activity=activity, user=UserFactory(), changes={"customer": CustomerFactory(passive=True)})
    assert error.value.code == "customer_passive"


def test_rule_12_negative_feedback_stays_open():
    activity = log(type=activity_type("feedback"), keywords=[keyword("negative")], start=timezone.now() - HOUR)
    assert activity.status == ActivityStatus.OPEN


def test_rule_12_positive_feedback_is_done():
    activity = log(type=activity_type("feedback"), keywords=[keyword("positive")], start=timezone.now() - HOUR)
    assert activity.status == ActivityStatus.DONE


def test_rule_12_negative_feedback_is_done_when_settled():
    activity = log(type=activity_type("feedback"), keywords=[keyword("negative")])
    with pytest.raises(BusinessRuleError) as error:
        activity_set_status(activity=activity, status=ActivityStatus.DONE, settlement="  ")
    assert (error.value.code, error.value.field) == ("settlement_required", "settlement")
    done = activity_set_status(activity=activity, status=ActivityStatus.DONE, settlement="A new trainer was named.")
    assert (done.status, done.settlement) == (ActivityStatus.DONE, "A new trainer was named.")


def test_rule_12_done_feedback_cannot_turn_negative_without_a_settlement():
    activity = log(type=activity_type("feedback"), start=timezone.now() - HOUR)
    with pytest.raises(BusinessRuleError, match="resolved"):
        activity_change(activity=activity, user=UserFactory(), changes={"keywords": [keyword("negative")]})
    assert not activity.keywords.exists()


def test_rule_12_negative_feedback_that_is_logged_with_its_settlement_is_done():
    activity = log(
        type=activity_type("feedback"), keywords=[keyword("negative")], settlement="Paid back", start=timezone.now()
    )
    assert activity.status == ActivityStatus.DONE


def test_rule_16_every_participant_has_the_activity_as_own():
    one, two = UserFactory(), UserFactory()
    activity = log(participants=[one, two], start=timezone.now() + DAY)
    for user in (one, two):
        assert list(Activity.objects.of_participant(user)) == [activity]
    assert not Activity.objects.of_participant(activity.created_by).exists()


def test_a_lead_stays_open():
    assert log(type=activity_type("lead"), start=timezone.now() - DAY).status == ActivityStatus.OPEN


def test_who_logs_takes_part_when_nobody_is_named():
    activity = log()
    assert list(activity.users.all()) == [activity.created_by]


def test_a_retired_type_is_refused():
    kind = choice_set_retired(row=activity_type("seminar"), retired=True)
    with pytest.raises(BusinessRuleError) as error:
        log(type=kind)
    assert error.value.code == "type_retired"


def test_a_call_needs_a_customer_and_planning_does_not():
    with pytest.raises(BusinessRuleError, match="customer"):
        log(customer=None)
    assert log(type=activity_type("planning"), customer=None).customer is None


def test_the_end_is_not_before_the_start():
    with pytest.raises(BusinessRuleError) as error:
        log(start=timezone.now(), end=timezone.now() - HOUR)
    assert error.value.code == "end_before_start"


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_a_year_out_of_reach_is_refused(year):
    with pytest.raises(BusinessRuleError) as error:
        log(start=dt.datetime(year, 6, 1, tzinfo=dt.UTC))
    assert error.value.code == "year_out_of_reach"


def test_only_the_types_own_keywords_are_taken():
    with pytest.raises(BusinessRuleError) as error:
        log(keywords=[keyword("negative")])
    assert error.value.code == "keyword_not_of_type"


def test_who_has_left_cannot_join_but_stays_where_he_was():
    gone = UserFactory(is_active=False)
    with pytest.raises(BusinessRuleError) as error:
        log(participants=[gone])
    assert error.value.code == "participant_inactive"
    activity = ActivityFactory(participants=[gone])
    activity_change(activity=activity, user=UserFactory(), changes={"title": "New", "participants": [gone]})
    assert list(activity.users.all()) == [gone]


def test_a_contact_that_one_does_not_see_is_refused():
    with pytest.raises(BusinessRuleError) as error:
        log(contacts=[ContactFactory(is_hidden=True)])
    assert error.value.code == "contact_unknown"


def test_a_change_writes_only_what_it_names():
    activity = log(contacts=[ContactFactory()], memo="Before")
    activity_change(activity=activity, user=UserFactory(), changes={"title": "New"})
    row = Activity.objects.get()
    assert (row.title, row.memo, row.contacts.count(), row.version) == ("New", "Before", 1, 2)


def test_a_change_of_an_older_version_is_refused():
    activity = log()
    activity_change(activity=activity, user=UserFactory(), changes={"title": "First"}, version=1)
    with pytest.raises(StaleVersionError):
        activity_change(activity=activity, user=UserFactory(), changes={"title": "Second"}, version=1)
    assert Activity.objects.get().title == "First"


def test_no_participants_means_the_one_who_changes():
    activity, user = log(), UserFactory()
    activity_change(activity=activity, user=user, changes={"participants": []})
    assert list(activity.users.all()) == [user]


@pytest.mark.parametrize(("old", "new"), list(itertools.product(ActivityStatus, ActivityStatus)))
def test_statuses_follow_the_table(old, new):
    activity = ActivityFactory(status=old)
    if new in (*TRANSITIONS[old], old):
        assert activity_set_status(activity=activity, status=new, reason="Why").status == new
    else:
        with pytest.raises(BusinessRuleError) as error:
            activity_set_status(activity=activity, status=new, reason="Why")
        assert error.value.code == "status_not_allowed"
        assert Activity.objects.get().status == old


def test_every_status_has_its_transitions():
    assert set(TRANSITIONS) == set(ActivityStatus)


def test_a_done_activity_that_is_reopened_is_not_closed():
    activity = log()
    assert activity_set_status(activity=activity, status=ActivityStatus.OPEN, reason="Wrong").closed_at is None


def test_of_two_who_close_the_same_activity_both_succeed():
    activity = log(start=timezone.now() - DAY, status=ActivityStatus.OPEN)
    seen_by_both = Activity.objects.get()
    first = activity_set_status(activity=activity, status=ActivityStatus.DONE)
    second = activity_set_status(activity=seen_by_both, status=ActivityStatus.DONE)
    assert (second.version, second.closed_at) == (first.version, first.closed_at)


def test_work_of_a_passive_customer_stays_as_it_is():
    activity = ActivityFactory(customer=CustomerFactory(passive=True), status=ActivityStatus.OPEN)
    with pytest.raises(BusinessRuleError) as error:
        activity_set_status(activity=activity, status=ActivityStatus.DONE)
    assert error.value.code == "customer_passive"


def test_participants_come_and_go_but_one_stays():
    activity, new = log(), UserFactory()
    participant_add(activity=activity, user=new)
    participant_add(activity=activity, user=new)
    participant_remove(activity=activity, user=activity.created_by)
    assert list(activity.users.all()) == [new]
    with pytest.raises(BusinessRuleError) as error:
        participant_remove(activity=activity, user=new)
    assert error.value.code == "participant_last"


def test_due_follows_start_and_status():
    activity = log(start=timezone.now() + DAY)
    participation = Participation.objects.get()
    assert participation.due_at == activity.start
    moved = activity_change(activity=activity, user=UserFactory(), changes={"start": activity.start - 2 * DAY})
    participation.refresh_from_db()
    assert participation.due_at == moved.start
    activity_set_status(activity=activity, status=ActivityStatus.DONE)
    participation.refresh_from_db()
    assert participation.due_at is None


def summary(customer):
    row = CustomerSummary.objects.get(customer=customer)
    return row.last_contact_at, row.next_contact_at, row.open_activities


def test_logging_refreshes_the_dates_of_contact():
    customer, now = CustomerFactory(), timezone.now()
    log(customer=customer, start=now - 2 * DAY)
    log(customer=customer, start=now - DAY)
    log(customer=customer, start=now + 2 * DAY)
    log(customer=customer, start=now + DAY)
    assert summary(customer) == (now - DAY, now + DAY, 2)


def test_work_that_is_no_contact_does_not_count_as_one():
    customer, now = CustomerFactory(), timezone.now()
    log(customer=customer, type=activity_type("memo"), start=now - DAY)
    log(customer=customer, type=activity_type("planning"), start=now + DAY)
    assert summary(customer) == (None, None, 1)


def test_an_overdue_activity_is_neither_the_last_nor_the_next_contact():
    customer = CustomerFactory()
    ActivityFactory(customer=customer, status=ActivityStatus.OPEN, start=timezone.now() - DAY)
    contact_dates_refresh([customer.pk])
    assert summary(customer) == (None, None, 1)


def test_moving_to_another_customer_refreshes_both():
    old, new, now = CustomerFactory(), CustomerFactory(), timezone.now()
    activity = log(customer=old, start=now - DAY)
    activity_change(activity=activity, user=UserFactory(), changes={"customer": new})
    assert (summary(old), summary(new)) == ((None, None, 0), (now - DAY, None, 0))


def test_refreshing_all_mends_dates_and_dues(monkeypatch):
    monkeypatch.setattr("customers.services.summaries.BATCH", 2)
    activities = ActivityFactory.create_batch(3, status=ActivityStatus.OPEN, start=timezone.now() + DAY)
    Participation.objects.update(due_at=None)
    contact_dates_refresh(None)
    for activity in activities:
        assert summary(activity.customer) == (None, activity.start, 1)
    assert not Participation.objects.filter(due_at=None).exists()


def test_the_nightly_task_refreshes_what_time_has_changed():
    from activities.log.tasks import refresh_summaries

    activity = ActivityFactory(start=timezone.now() - DAY)
    refresh_summaries()
    assert summary(activity.customer) == (activity.start, None, 0)
