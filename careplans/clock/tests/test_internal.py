"""Internal events: their times, the work that they make, what completes it, changes, retirement."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import TeamFactory, UserFactory
from activities.feedback.models import Feedback
from activities.log.models import Activity, ActivityType, Participation
from activities.log.services.activities import activity_change
from activities.log.services.status import activity_set_status
from activities.mail.models import EmailMessage, EmailThread
from careplans.clock.defaults import clock_set_add, events_add
from careplans.clock.generation import work_refresh
from careplans.clock.listed import events_of
from careplans.clock.models import InternalAction, InternalWork
from careplans.clock.services.internal import (
    internal_done,
    internal_done_remove,
    internal_restore,
    internal_retire,
    internal_save,
)
from careplans.clock.services.works import internal_claim, internal_release, works_to_leaders
from careplans.clock.tests.world import event
from careplans.following.models import CareOccurrence
from careplans.plans.tests.world import at, day
from careplans.work.models import Absence, AbsenceKind
from core import clock
from core.exceptions import BusinessRuleError
from core.models import Document

pytestmark = pytest.mark.usefixtures("may")


def code_of(call: Any, **about: Any) -> str:
    with pytest.raises(BusinessRuleError) as refused:
        call(**about)
    return refused.value.code


def on(text: str) -> Any:
    return clock.frozen(at(text))


def states(user: Any, code: str = "review", year: int = 2026) -> list[tuple[str, str]]:
    return [(str(row.occurrence.due), row.state) for row in events_of(user, year, code=code)]


def open_work(code: str = "review") -> InternalWork:
    return InternalWork.objects.get(code=code, state="open")


# Times


def test_the_times_of_an_event_are_those_of_the_same_evaluation(owner):
    row = event(frequency="months", count=3)
    internal_done(action=row, day=day("2026-02-10"), user=owner)
    assert states(owner) == [
        ("2026-03-31", "done"), ("2026-06-30", "coming"), ("2026-09-30", "coming"), ("2026-12-31", "coming"),
    ]  # fmt: skip


def test_what_was_not_done_is_missed_and_done_after_it_late(owner):
    row = event()
    for on_day in ("2026-01-20", "2026-03-02", "2026-03-05"):
        internal_done(action=row, day=day(on_day), user=owner)
    assert states(owner)[:4] == [
        ("2026-01-31", "done"), ("2026-02-28", "late"), ("2026-03-31", "done"), ("2026-04-30", "missed"),
    ]  # fmt: skip


def test_figures_of_customers_do_not_know_of_it(owner):
    internal_done(action=event(), day=day("2026-05-04"), user=owner)
    assert not CareOccurrence.objects.exists()


# Work in calendars


def test_one_activity_without_a_customer_is_open_for_the_next_time(owner):
    event(person=owner, responsible=(), place="Room 1", description_en="Go through it.")
    work = open_work()
    act = work.activity
    assert (act.customer, act.is_all_day, act.place, act.title) == (None, True, "Room 1", "Event review")
    assert list(act.users.all()) == [owner]
    assert str(work.due) == "2026-05-31"
    assert day("2026-05-15") <= clock.day_of(act.start) <= day("2026-05-31")


def test_a_second_run_writes_nothing(owner, django_assert_num_queries):
    event(person=owner, responsible=())
    before = list(Activity.objects.values())
    work_refresh()
    work_refresh()
    assert list(Activity.objects.values()) == before
    assert InternalWork.objects.count() == 1


def test_a_second_run_writes_nothing_of_what_is_overdue(owner):
    event(person=owner, responsible=(), frequency="named", months=[1])
    with on("2026-06-10"):
        InternalWork.objects.all().delete()  # as when the event is entered after its time
        work_refresh()
        before, work = list(Activity.objects.values()), open_work()
        assert work.last < day("2026-06-10") <= work.written_day
        for _run in range(3):
            work_refresh()
        assert list(Activity.objects.values()) == before


def test_when_it_is_done_the_next_one_comes(owner):
    event(person=owner, responsible=())
    activity_set_status(activity=open_work().activity, status="in_progress", user=owner)
    act = Activity.objects.get()
    Activity.objects.filter(pk=act.pk).update(status="done", start=at("2026-05-15"))
    work_refresh()
    assert str(open_work().due) == "2026-06-30"
    assert InternalWork.objects.get(activity=act).state == "done"
    assert ("2026-05-31", "done") in states(owner)


def test_entered_as_done_it_takes_the_place_of_the_entry(owner):
    row = event(person=owner, responsible=())
    former = open_work().activity
    internal_done(action=row, day=day("2026-05-14"), user=owner)
    assert not Activity.objects.filter(pk=former.pk).exists()
    assert str(open_work().due) == "2026-06-30"


def test_an_edited_entry_is_cancelled_with_the_reason_and_not_removed(owner):
    row = event(person=owner, responsible=())
    former = open_work().activity
    activity_change(activity=former, user=owner, changes={"place": "Elsewhere"})
    internal_done(action=row, day=day("2026-05-14"), user=owner)
    former.refresh_from_db()
    assert former.status == "cancelled"
    assert former.status_changes.first().reason == "Toinen toimenpide on kirjattu tästä tapahtumasta."


def test_what_was_missed_is_closed_when_the_next_window_opens(owner):
    event(person=owner, responsible=())
    former = open_work().activity
    with on("2026-06-02"):
        work_refresh()
        former.refresh_from_db()
        assert former.status == "cancelled"
        assert InternalWork.objects.get(activity=former).state == "missed"
        assert str(open_work().due) == "2026-06-30"


def test_a_day_that_a_person_has_set_stays(owner):
    event(person=owner, responsible=())
    act = open_work().activity
    activity_change(
        activity=act, user=owner, changes={"start": at("2026-05-27", "09:00"), "is_all_day": False}
    )  # fmt: skip
    work_refresh()
    act.refresh_from_db()
    assert (act.start, act.is_all_day) == (at("2026-05-27", "09:00"), False)


def test_work_moves_away_from_an_absence(owner):
    event(person=owner, responsible=())
    act = open_work().activity
    away = clock.day_of(act.start)
    Absence.objects.create(person=owner, first=away, last=away, kind=AbsenceKind.objects.all()[0])
    work_refresh()
    act.refresh_from_db()
    assert clock.day_of(act.start) != away


def test_another_person_takes_over_the_entry(owner, colleague):
    row = event(person=owner, responsible=())
    act = open_work().activity
    row.person = colleague
    internal_save(action=row, responsible=())
    assert list(act.users.all()) == [colleague]


def test_a_deactivated_person_leaves_it_to_the_group(owner, director):
    event(person=owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    work_refresh()
    assert open_work().person == director


# Shared lists


@pytest.fixture
def team(owner, colleague) -> Any:
    return TeamFactory(members=[owner, colleague], leader=colleague)


def test_several_people_have_it_on_their_list_until_one_claims_it(team, owner, reader):
    event(responsible=[f"team:{team.pk}"])
    work = open_work()
    assert (work.person, work.list_key, work.activity.users.count()) == (None, f"team:{team.pk}", 0)
    assert code_of(internal_claim, work=work, user=reader) == "not_on_list"
    internal_claim(work=work, user=owner)
    work_refresh()
    assert (open_work().person, list(work.activity.users.all())) == (owner, [owner])
    internal_release(work=work, user=owner)
    assert open_work().person is None


def test_what_nobody_claims_is_given_to_the_leader(team, colleague):
    event(responsible=[f"team:{team.pk}"])
    assert works_to_leaders(day("2026-05-18")) == 0
    assert works_to_leaders(day("2026-05-20")) == 1
    work_refresh()
    assert open_work().person == colleague


def test_a_group_without_people_leaves_it_to_the_key_account_manager(keeper):
    event(responsible=["group:inno"])
    assert open_work().person == keeper


# Rules


@pytest.mark.parametrize(
    ("about", "responsible", "code"),
    [
        ({"frequency": "once", "count": 5}, ("group:management",), "not_recurring"),
        ({}, (), "no_responsible"),
        ({}, ("role:owner",), "role_for_customer"),
        ({}, ("group:nobody",), "unknown_responsible"),
        ({"count": 0}, ("group:management",), "frequency_number"),
        ({"frequency": "named", "count": None, "months": [13]}, ("group:management",), "no_such_month"),
        ({"first": dt.date(2026, 5, 14)}, ("group:management",), "past_day"),
        ({"code": "taken"}, ("group:management",), "code_taken"),
    ],
)
def test_what_cannot_be_is_refused(about, responsible, code):
    event("taken")
    with pytest.raises(BusinessRuleError) as refused:
        event(**{"code": "new", **about}, responsible=responsible)
    assert refused.value.code == code
    assert not InternalAction.objects.filter(code="new").exists()


def test_a_type_that_needs_a_customer_is_refused():
    call = ActivityType.objects.get(code="call")
    with pytest.raises(BusinessRuleError) as refused:
        event(activity_type=call)
    assert refused.value.code == "needs_customer"


def test_other_times_begin_today_and_what_was_due_stays(owner):
    row = event()
    row.count = 3
    internal_save(action=row, responsible=["group:management"])
    assert [due for due, _state in states(owner)] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-06-30", "2026-09-30", "2026-12-31",
    ]  # fmt: skip


def test_another_name_changes_the_event_itself():
    row = event()
    row.name_en = "Another"
    internal_save(action=row, responsible=["group:management"])
    assert InternalAction.objects.get(code="review").name_en == "Another"


def test_retired_with_its_reason_it_closes_its_work_and_keeps_what_was(owner):
    row = event(person=owner, responsible=())
    act = open_work().activity
    assert code_of(internal_retire, action=row, reason=" ") == "reason_required"
    internal_retire(action=row, reason="Nobody needs it.")
    act.refresh_from_db()
    row.refresh_from_db()
    assert (act.status, row.ended_reason, str(row.last)) == ("cancelled", "Nobody needs it.", "2026-05-14")
    assert [due for due, _state in states(owner)] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_restored_on_the_same_day_it_is_as_before_and_later_it_begins_anew(owner):
    row = event(person=owner, responsible=())
    internal_retire(action=row, reason="A mistake.")
    internal_restore(action=row)
    row.refresh_from_db()
    assert (row.last, row.ended_reason) == (None, "")
    internal_retire(action=row, reason="A break.")
    with on("2026-08-03"):
        again = internal_restore(action=row)
        assert (again.pk != row.pk, str(again.first)) == (True, "2026-08-03")
        assert code_of(internal_restore, action=row) == "not_retired"
        assert states(owner)[-5:][0] == ("2026-08-31", "coming")


def test_entering_as_done_can_be_taken_back(owner):
    row = event()
    act = internal_done(action=row, day=day("2026-04-20"), user=owner)
    assert ("2026-04-30", "done") in states(owner)
    internal_done_remove(work=act.internal_work)
    assert ("2026-04-30", "missed") in states(owner)
    assert not Activity.objects.filter(pk=act.pk).exists()


@pytest.mark.parametrize("referring", ["document", "feedback", "email", "edit"])
def test_what_has_been_added_to_since_is_not_taken_back(owner, referring):
    act = internal_done(action=event(), day=day("2026-04-20"), user=owner)
    if referring == "document":
        Document.objects.create(target=act, name="a.pdf", media_type="application/pdf", size=1)
    elif referring == "feedback":
        Feedback.objects.create(activity=act)
    elif referring == "email":
        thread = EmailThread.objects.create()
        EmailMessage.objects.create(activity=act, thread=thread, direction="out", state="sent", message_id="a@b")
    else:
        activity_change(activity=act, user=owner, changes={"place": "Elsewhere"})
    assert code_of(internal_done_remove, work=act.internal_work) == "has_changed"
    assert Activity.objects.filter(pk=act.pk, internal_work__state="done").exists()


def test_taking_back_twice_is_refused(owner):
    act = internal_done(action=event(), day=day("2026-04-20"), user=owner)
    first, second = InternalWork.objects.get(activity=act), InternalWork.objects.get(activity=act)
    internal_done_remove(work=first)
    assert code_of(internal_done_remove, work=second) == "has_changed"


def test_days_that_are_ahead_or_before_the_event_are_refused(owner):
    row = event()
    assert code_of(internal_done, action=row, day=day("2026-05-16"), user=owner) == "future_day"
    assert code_of(internal_done, action=row, day=day("2025-12-31"), user=owner) == "before_beginning"


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_number_of_runs_give_the_same_work(owner, colleague, seed):
    row = event(person=owner, responsible=())
    days = ["2026-02-10", "2026-04-20", "2026-05-14"]
    steps = [lambda text=text: internal_done(action=row, day=day(text), user=owner) for text in days]
    steps += [work_refresh, work_refresh, lambda: InternalAction.objects.filter(pk=row.pk).update(person=colleague)]
    random.Random(seed).shuffle(steps)
    for step in steps:
        step()
    work_refresh()
    work = open_work()
    assert (str(work.due), work.person, list(work.activity.users.all())) == ("2026-06-30", colleague, [colleague])
    assert [state for _due, state in states(owner)[:5]] == ["missed", "done", "missed", "done", "done"]
    assert Participation.objects.filter(activity=work.activity).count() == 1


# Default data


def test_the_rhythm_of_the_institution_is_added_once_in_both_languages():
    added = events_add()
    assert len(added) == 16
    assert all(row.name_fi != row.name_en and row.description_fi and row.description_en for row in added)
    assert {row.code: row.months for row in added if row.months}["scorecards"] == [1, 12]
    assert events_add() == []
    assert code_of(clock_set_add, name="omn-rhythm") == "nothing_to_add"
    assert code_of(clock_set_add, name="tku") == "nothing_to_add"  # its schemes are not here
    assert code_of(clock_set_add, name="other") == "unknown_set"


def test_the_work_of_the_defaults_comes_into_calendars_or_onto_lists():
    UserFactory(role="key_account_manager")
    events_add()
    work_refresh()
    assert InternalWork.objects.filter(state="open").count() >= 5
    assert not Activity.objects.filter(internal_work__isnull=False, customer__isnull=False).exists()
