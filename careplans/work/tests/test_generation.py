"""Generated work: one open activity for each customer and action, and what becomes of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation, Reminder
from activities.log.services.activities import activity_change
from activities.log.services.status import activity_set_status
from careplans.caremodels.models import CareSettings, SkipReason
from careplans.plans.models import CareLook
from careplans.plans.services.occurrences import decision_undo, occurrence_postpone, occurrence_skip
from careplans.plans.services.stays import stays_refresh
from careplans.plans.tests.world import action, at, day, kind, log, version_of
from careplans.work.models import Absence, AbsenceKind, CareWork
from careplans.work.services.absences import absence_add
from careplans.work.services.works import work_confirm
from careplans.work.tests.world import TODAY, generated, may, owned, people_of, run, states_of, work_of
from core import clock
from core.working_days import is_working_day
from customers.models import Responsibility

__all__ = ["may"]
pytestmark = pytest.mark.usefixtures("may")


def local_day(activity: Activity) -> dt.date:
    return clock.day_of(activity.start)


# What is made


def test_the_open_occurrence_is_a_whole_day_in_the_calendar_of_the_owner(owner):
    customer = owned(owner)
    run(customer)
    work = work_of(customer)
    act = work.activity
    assert (work.due, work.person, work.is_scheduled) == (day("2026-05-31"), owner, False)
    assert (act.is_all_day, act.status, act.type.code, act.created_by) == (True, "open", "call", None)
    assert people_of(act) == [owner.pk]
    assert TODAY <= local_day(act) <= work.last
    assert act.title == work.written_title


def test_its_participant_has_the_times_that_any_other_would_have(owner, colleague):
    customer = owned(owner)
    run(customer)
    act = work_of(customer).activity
    generated_one = act.participations.get(user=owner)
    other = Participation.objects.create(activity=act, user=colleague)
    other.refresh_from_db()
    assert (other.start_at, other.due_at) == (act.start, act.end)
    assert (generated_one.start_at, generated_one.due_at) == (other.start_at, other.due_at)


def test_a_second_run_writes_nothing(owner):
    customer = owned(owner)
    run(customer)
    before = list(CareWork.objects.values()), list(Activity.objects.values())
    run(customer)
    run(customer)
    assert (list(CareWork.objects.values()), list(Activity.objects.values())) == before


def test_it_is_made_without_notifications_and_reminders(owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        run(owned(owner))
    assert not Notification.objects.exists()
    assert not Reminder.objects.exists()


def test_a_visit_has_the_description_as_its_goal_and_the_memo_template_of_the_action(owner):
    about: dict[str, Any] = {
        "description_en": "Needs of the autumn",
        "memo_en": "Needs:",
        "activity_type": kind("visit"),
    }
    customer = owned(owner, **about)
    run(customer)
    act = work_of(customer).activity
    assert (act.type.code, act.goal) == ("visit", "Needs of the autumn")
    assert "Needs:" in act.memo


def test_what_offers_complete_makes_no_activity(owner):
    customer = owned(owner, completed_by=["offer"])
    run(customer)
    assert not CareWork.objects.exists()


def test_a_window_beyond_the_horizon_makes_nothing_until_it_comes_near(owner):
    customer = owned(owner, frequency="named", months=[10], count=None)
    run(customer)
    assert not generated(customer)
    assert CareLook.objects.get(customer=customer).next_look <= day("2026-07-03")
    run(customer, on=day("2026-07-03"))
    assert work_of(customer).due == day("2026-10-31")


def test_days_are_spread_over_the_working_days_of_the_window(owner):
    version = version_of()
    action(version, types=["call"])
    customers = [owned(owner, version=version) for _number in range(12)]
    run(*customers)
    days = [local_day(work_of(one).activity) for one in customers]
    assert all(is_working_day(one) for one in days)
    assert max(days.count(one) for one in days) == 2  # eleven working days are left of May


def test_days_on_which_the_person_is_away_and_holidays_are_avoided(owner):
    absence(owner, "2026-05-18", "2026-05-29")
    customer = owned(owner)
    run(customer)
    assert local_day(work_of(customer).activity) == TODAY


def absence(person: Any, first: str, last: str, **about: Any) -> Absence:
    row = Absence(
        person=person, first=day(first), last=day(last), kind=AbsenceKind.objects.get(code="holiday"), **about
    )
    return absence_add(absence=row, user=None)


def test_work_moves_away_from_a_new_absence(owner):
    customer = owned(owner)
    run(customer)
    taken = local_day(work_of(customer).activity)
    absence(owner, taken.isoformat(), taken.isoformat())
    run(customer)
    assert local_day(work_of(customer).activity) > taken


# Whose it is


def test_a_customer_without_an_owner_is_on_the_list_of_the_key_account_manager(keeper):
    UserFactory(role="key_account_manager")
    customer = owned(None)
    run(customer)
    work = work_of(customer)
    assert (work.person, work.list_key) == (None, "group:key_account_manager")
    assert people_of(work.activity) == []


def test_a_deactivated_owner_has_no_work(owner, keeper):
    owner.is_active = False
    owner.save()
    customer = owned(owner)
    run(customer)
    assert work_of(customer).person == keeper


def test_another_owner_gets_the_work_with_one_notice(owner, colleague):
    version = version_of()
    action(version, types=["call"])
    customers = [owned(owner, version=version) for _number in range(3)]
    run(*customers)
    Responsibility.objects.update(user=colleague)
    run(*customers)
    assert {work_of(one).person for one in customers} == {colleague}
    assert people_of(work_of(customers[0]).activity) == [colleague.pk]
    assert [row.data for row in Notification.objects.filter(user=colleague)] == [{"count": 3}]
    assert not Notification.objects.filter(user=owner).exists()


def test_what_a_person_has_edited_stays_when_the_owner_changes(owner, colleague, director):
    customer = owned(owner)
    run(customer)
    changes = {
        "title": "About the spring",
        "place": "Nokia",
        "start": at("2026-05-20", "13:00"),
        "participants": [owner, director],
    }
    activity_change(activity=work_of(customer).activity, user=owner, changes=changes)
    Responsibility.objects.update(user=colleague)
    run(customer)
    act = work_of(customer).activity
    assert (act.title, act.place, act.start) == ("About the spring", "Nokia", at("2026-05-20", "13:00"))
    assert people_of(act) == sorted([colleague.pk, director.pk])


# What is done


def test_the_generated_activity_is_done_as_any_other(owner):
    customer = owned(owner, since="2026-01-01")
    run(customer)
    work = work_of(customer)
    act = activity_change(activity=work.activity, user=owner, changes={"start": at("2026-05-15", "10:00")})
    activity_set_status(activity=act, status=ActivityStatus.DONE, user=owner)
    run(customer)
    assert states_of(customer) == [("2026-05-31", "done"), ("2026-06-30", "open")]


def test_done_on_its_day_without_a_time_counts_too(owner):
    customer = owned(owner)
    run(customer)
    act = work_of(customer).activity
    with clock.frozen(at(local_day(act).isoformat(), "15:00")):
        activity_set_status(activity=act, status=ActivityStatus.DONE, user=owner)
    run(customer, on=local_day(act))
    assert states_of(customer)[0] == ("2026-05-31", "done")


def test_another_activity_takes_the_place_of_an_untouched_one(owner):
    customer = owned(owner)
    run(customer)
    act = work_of(customer).activity
    done = log(customer, "2026-05-14", user=owner)
    run(customer)
    assert not Activity.objects.filter(pk=act.pk).exists()
    row = CareWork.objects.get(customer=customer, state="replaced")
    assert (row.replaced_by, row.activity) == (done, None)
    assert work_of(customer).due == day("2026-06-30")


def test_another_activity_closes_an_edited_one_with_a_link(owner):
    customer = owned(owner)
    run(customer)
    act = activity_change(activity=work_of(customer).activity, user=owner, changes={"title": "About the spring"})
    done = log(customer, "2026-05-14", user=owner)
    run(customer)
    act.refresh_from_db()
    row = CareWork.objects.get(activity=act)
    assert (act.status, row.state, row.replaced_by) == ("cancelled", "replaced", done)
    assert act.status_changes.get().reason


def test_what_somebody_has_set_a_reminder_for_is_not_removed(owner):
    customer = owned(owner)
    run(customer)
    act = work_of(customer).activity
    Reminder.objects.create(activity=act, user=owner, minutes_before=10, due_at=act.start)
    log(customer, "2026-05-14", user=owner)
    run(customer)
    act.refresh_from_db()
    assert act.status == "cancelled"


def test_missed_work_is_closed_when_the_next_window_opens(owner):
    customer = owned(owner)
    run(customer)
    act = work_of(customer).activity
    run(customer, on=day("2026-06-01"))
    act.refresh_from_db()
    assert act.status == "cancelled"
    assert states_of(customer) == [("2026-05-31", "missed"), ("2026-06-30", "open")]


def test_cancelled_work_is_no_contact_and_completes_nothing(owner):
    customer = owned(owner)
    run(customer)
    run(customer, on=day("2026-06-01"))
    run(customer, on=day("2026-07-01"))
    assert [state for _due, state in states_of(customer)] == ["missed", "missed", "open"]
    customer.summary.refresh_from_db()
    assert customer.summary.last_contact_at is None


def test_what_is_scheduled_in_the_next_window_is_for_the_next_time(owner):
    customer = owned(owner)
    run(customer)
    act = activity_change(activity=work_of(customer).activity, user=owner, changes={"start": at("2026-06-10", "13:00")})
    run(customer, on=day("2026-06-01"))
    work = work_of(customer)
    assert (work.activity, work.due, work.is_scheduled) == (act, day("2026-06-30"), True)


# Decisions


def reason() -> SkipReason:
    return SkipReason.objects.filter(is_accepted=True).first() or SkipReason.objects.create(
        code="asked", name_fi="Pyysi", name_en="Asked"
    )


def test_work_that_is_left_out_is_closed_and_never_made_again(owner):
    customer = owned(owner)
    run(customer)
    occurrence_skip(customer=customer, key=work_of(customer).key, reason=reason(), user=owner)
    for on in ("2026-05-16", "2026-05-17", "2026-05-18"):
        run(customer, on=day(on))
    assert states_of(customer) == [("2026-05-31", "skipped"), ("2026-06-30", "open")]


def test_a_skip_that_is_taken_back_asks_for_it_again(owner):
    customer = owned(owner)
    run(customer)
    skip = occurrence_skip(customer=customer, key=work_of(customer).key, reason=reason(), user=owner)
    run(customer, on=day("2026-05-16"))
    decision_undo(decision=skip, user=owner)
    run(customer, on=day("2026-05-16"))
    assert work_of(customer).due == day("2026-05-31")


def test_a_postponement_moves_it(owner):
    customer = owned(owner)
    run(customer)
    occurrence_postpone(customer=customer, key=work_of(customer).key, to=day("2026-06-18"), reason=reason(), user=owner)
    run(customer)
    work = work_of(customer)
    assert work.due == day("2026-06-18")
    assert day("2026-06-14") <= local_day(work.activity) <= day("2026-06-18")


def test_a_customer_that_becomes_inactive_has_its_work_closed_with_the_reason(owner):
    customer = owned(owner)
    run(customer)
    act = work_of(customer).activity
    customer.state = "passive"
    customer.save()
    stays_refresh([customer.pk])
    run(customer)
    act.refresh_from_db()
    assert (act.status, act.status_changes.get().reason) == ("cancelled", "Asiakas on passiivinen.")
    assert not CareWork.objects.filter(customer=customer, state="open").exists()


def test_a_changed_frequency_moves_it(owner):
    version = version_of()
    row = action(version, types=["call"])
    customer = owned(owner, version=version)
    run(customer)
    act = work_of(customer).activity
    row.count, row.unit, row.frequency = 3, "month", "months"
    row.save()
    run(customer)
    work = work_of(customer)
    assert (work.activity, work.due) == (act, day("2026-06-30"))
    assert len(generated(customer)) == 1


def test_an_action_that_is_not_in_the_plan_any_more_is_closed_not_deleted(owner):
    version = version_of()
    row = action(version, types=["call"])
    customer = owned(owner, version=version)
    run(customer)
    act = work_of(customer).activity
    row.delete()
    run(customer)
    act.refresh_from_db()
    assert act.status == "cancelled"
    assert states_of(customer) == [("2026-05-31", "ended")]


# Scheduled


def test_it_is_scheduled_by_a_time_a_confirmation_or_another_day(owner):
    version = version_of()
    action(version, types=["call"])
    timed, confirmed, moved = (owned(owner, version=version) for _number in range(3))
    run(timed, confirmed, moved)
    activity_change(activity=work_of(timed).activity, user=owner, changes={"start": at("2026-05-20", "13:00")})
    work_confirm(work=work_of(confirmed))
    activity_change(activity=work_of(moved).activity, user=owner, changes={"start": at("2026-05-28", "00:00")})
    run(timed, confirmed, moved)
    assert [work_of(one).is_scheduled for one in (timed, confirmed, moved)] == [True, True, True]
    assert work_of(moved).activity.is_all_day
    assert not work_of(timed).activity.is_all_day


def test_the_number_of_queries_does_not_grow_with_customers(owner, django_assert_max_num_queries):
    version = version_of()
    action(version, types=["call"])
    run(owned(owner, version=version))
    many = [owned(owner, version=version) for _number in range(15)]
    with django_assert_max_num_queries(75):
        run(*many)


# Bad input


def test_a_shorter_horizon_takes_back_what_nobody_has_touched_until_it_comes_near(owner):
    customer = owned(owner, frequency="named", months=[10], count=None)
    run(customer, on=day("2026-07-03"))
    assert len(generated(customer)) == 1
    CareSettings.objects.update(work_ahead=7)
    run(customer, on=day("2026-07-04"))
    assert not generated(customer)
    run(customer, on=day("2026-09-25"))
    assert (work_of(customer).due, len(generated(customer))) == (day("2026-10-31"), 1)


def test_where_everybody_is_away_the_work_has_a_working_day_all_the_same(owner):
    kind_of = AbsenceKind.objects.first()
    Absence.objects.create(person=owner, first=day("2026-05-01"), last=day("2029-04-30"), kind=kind_of)
    customer = owned(owner)
    run(customer)
    assert work_of(customer).written_day == TODAY
