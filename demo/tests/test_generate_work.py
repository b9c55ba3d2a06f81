"""Activities in full, made up: memos, encounters, threads, feedback, leads, series, hours. No database here."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import pytest

from activities.leads.enums import LeadState
from core import richtext
from core.working_days import working_days_after
from demo.generate import rows
from demo.generate.builder import WEEK
from demo.generate.feedback import tone_of
from demo.tests.test_generate import TODAY, made, make_world, of


@pytest.fixture(scope="module")
def everything() -> list[rows.Row]:
    return made(400)


@pytest.fixture(scope="module")
def work(everything) -> dict[int, rows.ActivityRow]:
    return {row.id: row for row in of(rows.ActivityRow, everything)}


def day(moment: str) -> dt.date:
    return dt.date.fromisoformat(moment[:10])


def test_memos_are_rich_text_that_cleaning_leaves_as_it_is(work):
    memos = {row.memo for row in work.values() if row.memo}
    assert any("<h1>" in memo and "<ul>" in memo for memo in memos)
    assert all(richtext.clean(memo) == memo for memo in list(memos)[:500])


def test_encounters_tell_of_what_has_happened(everything, work):
    encounters = of(rows.EncounterRow, everything)
    assert {row.critical_moment for row in encounters} == {"", "positive", "negative"}
    assert all(work[row.activity_id].status == "done" and row.matters for row in encounters)


def test_follow_ups_come_after_what_they_follow(work):
    followed = [row for row in work.values() if row.follows_id]
    assert {row.follow_kind for row in followed} == {"follow_up", "heard_on"}
    assert all(row.start[:10] >= work[row.follows_id].start[:10] for row in followed)


def test_every_feedback_has_its_fields_and_every_answer_an_author(everything, work):
    kind = make_world().kinds["feedback"].id
    feedback = of(rows.FeedbackRow, everything)
    assert {row.activity_id for row in feedback} == {pk for pk, row in work.items() if row.type_id == kind}
    assert all(bool(row.answer) == bool(row.answered_at) == bool(row.answered_by_id) for row in feedback)


def test_answers_are_due_in_two_working_days(everything, work):
    asked = [row for row in of(rows.FeedbackRow, everything) if row.answer_due]
    assert asked
    assert all(day(row.answer_due) == working_days_after(day(work[row.activity_id].start), 2) for row in asked)


def test_some_feedback_waits_and_some_is_late_and_told_onwards(everything):
    waiting = [row for row in of(rows.FeedbackRow, everything) if row.answer_due and not row.answered_at]
    assert any(day(row.answer_due) >= TODAY for row in waiting)
    assert any(day(row.answer_due) < TODAY and row.escalated_at for row in waiting)


def test_nps_answers_are_feedback_of_the_tone_of_their_score(everything, work):
    world = make_world()
    keywords = defaultdict(set)
    for row in of(rows.ActivityKeywordRow, everything):
        keywords[row.activity_id].add(row.keyword_id)
    answered = [row for row in of(rows.NpsRow, everything) if row.score is not None]
    assert {tone_of(score) for score in (6, 7, 8, 9)} == {"negative", "", "positive"}
    assert len({row.score for row in answered}) > 5
    assert all(work[row.feedback_id].title.startswith(f"NPS {row.score}/10") for row in answered)
    assert {len(keywords[row.feedback_id]) for row in answered if row.score in (7, 8)} <= {0}
    assert all(keywords[row.feedback_id] for row in answered if row.score not in (7, 8)), world.keywords


def test_nps_questions_are_of_this_year_and_the_one_before_it(everything):
    ages = [(TODAY - day(row.asked_at)).days for row in of(rows.NpsRow, everything)]
    assert min(ages) < 90
    assert sum(age > 365 for age in ages) > len(ages) / 5
    assert max(ages) <= 730


def test_unanswered_nps_questions_have_no_feedback(everything):
    assert any(row.score is None for row in of(rows.NpsRow, everything))
    assert all((row.score is None) == (row.answered_at is None) for row in of(rows.NpsRow, everything))


def test_leads_are_in_all_their_states_with_the_status_of_each(everything, work):
    statuses = defaultdict(set)
    for row in of(rows.LeadRow, everything):
        statuses[row.state].add(work[row.activity_id].status)
    done = {state: {"done"} for state in ("customer", "offer", "closed")}
    assert statuses == {"untaken": {"open"}, "taken": {"in_progress"}} | done
    assert set(statuses) == set(LeadState)


def test_who_took_a_lead_up_takes_part_in_it(everything):
    people = defaultdict(set)
    for row in of(rows.ParticipationRow, everything):
        people[row.activity_id].add(row.user_id)
    assert all(row.taken_by_id in people[row.activity_id] for row in of(rows.LeadRow, everything) if row.taken_by_id)


def test_threads_answer_back_and_forth(everything, work):
    threads = defaultdict(list)
    for row in of(rows.MessageRow, everything):
        threads[row.thread_id].append(row)
    long = [messages for messages in threads.values() if len(messages) > 2]
    assert long
    for messages in long:
        assert [row.direction for row in messages[:2]] in (["in", "out"], ["out", "in"])
        assert messages[1].in_reply_to == messages[0].message_id
        assert [row.date for row in messages] == sorted(row.date for row in messages)
    ids = [row.message_id for messages in threads.values() for row in messages]
    assert len(set(ids)) == len(ids)
    assert {row.id for row in of(rows.ThreadRow, everything)} == set(threads)


def test_every_message_has_a_recipient_and_those_of_strangers_wait_without_an_activity(everything):
    messages = of(rows.MessageRow, everything)
    assert {row.message_id for row in of(rows.RecipientRow, everything)} == {row.id for row in messages}
    inbox = [row for row in messages if row.state == "inbox"]
    assert inbox
    assert all((row.activity_id is None) == (row.state == "inbox") for row in messages)


def test_series_have_each_occurrence_once(everything, work):
    series = {row.id for row in of(rows.SeriesRow, everything)}
    met = Counter((row.series_id, row.series_start) for row in work.values() if row.series_id)
    assert {key for key, _start in met} == series
    assert set(met.values()) == {1}


def test_the_monthly_call_is_on_the_second_tuesday(everything, work):
    monthly = {row.id for row in of(rows.SeriesRow, everything) if "2TU" in row.rule}
    days = [day(row.start) for row in work.values() if row.series_id in monthly]
    assert days
    assert all(date.weekday() == 1 and 8 <= date.day <= 14 for date in days)


def test_nobody_has_more_hours_a_week_than_a_week_has(everything, work):
    hours: Counter[tuple[int, dt.date]] = Counter()
    first = {}
    for row in of(rows.ParticipationRow, everything):
        first.setdefault(row.activity_id, row.user_id)
    for pk, row in work.items():
        when = day(row.start)
        hours[first[pk], when - dt.timedelta(when.weekday())] += row.hours or 0
    assert max(hours.values()) <= WEEK


def test_those_who_record_all_work_have_full_weeks(everything, work):
    manager = make_world().staff["account_manager"][0]
    mine = {row.activity_id for row in of(rows.ParticipationRow, everything) if row.user_id == manager}
    last = TODAY - dt.timedelta(days=TODAY.weekday() + 7)
    sums: Counter[dt.date] = Counter()
    for pk in mine:
        when = day(work[pk].start)
        sums[when - dt.timedelta(when.weekday())] += work[pk].hours or 0
    assert all(sums[last - dt.timedelta(weeks=week)] > 15 for week in range(8))
