"""An occurrence is edited when it differs from what its series gave it: edited ones stay, untouched ones go."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries
from activities.log.services.activities import activity_change, participant_add
from activities.log.services.follow_ups import FollowUp, follow_ups_log
from activities.log.services.series import series_continue, series_make
from activities.log.services.series_changes import series_change, series_end
from activities.log.tests.factories import ActivityFactory, activity_type, keyword
from core import clock
from core.exceptions import BusinessRuleError
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = dt.datetime(2026, 11, 28, 12, tzinfo=HELSINKI)
TUESDAY = dt.datetime(2026, 12, 1, 9, tzinfo=HELSINKI)
WEEK = dt.timedelta(weeks=1)


@pytest.fixture(autouse=True)
def on_28_november_2026():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


def weekly(owner, rule="FREQ=WEEKLY;COUNT=3", **fields):
    first = ActivityFactory(
        type=activity_type("planning"), title="ES", created_by=owner, participants=[owner], customer=None,
        status=ActivityStatus.OPEN, channel="", start=TUESDAY, end=TUESDAY + dt.timedelta(hours=1), **fields,
    )  # fmt: skip
    return list(series_make(activity=first, user=owner, rule=rule).activities.order_by("start"))


def left(series):
    return [(row.start.astimezone(HELSINKI).day, row.title) for row in series.activities.order_by("start")]


# The four reproductions of the review


def test_ending_keeps_the_edited_second_and_removes_the_untouched_third(owner):
    rows = weekly(owner)
    edit = {"title": "EDITED by hand", "goal": "important goal", "place": "Hotel"}
    activity_change(activity=rows[1], user=owner, changes=edit)
    result = series_end(activity=rows[0], user=owner)
    assert (result.removed, result.kept) == (1, 1)
    assert left(rows[0].series) == [(1, "ES"), (8, "EDITED by hand")]


def test_this_and_following_with_another_rule_keeps_the_edited_third(owner):
    rows = weekly(owner)
    activity_change(activity=rows[2], user=owner, changes={"title": "EDITED"})
    result = series_change(activity=rows[1], user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=3")
    assert left(rows[0].series) == [(1, "ES"), (11, "ES"), (15, "EDITED"), (18, "ES"), (25, "ES")]
    assert (result.kept, result.removed, result.made) == (1, 0, 2)


def test_ending_after_a_change_from_january_on_removes_all_that_follows_and_keeps_the_edited(owner):
    rows = weekly(owner, "FREQ=WEEKLY;COUNT=12")
    activity_change(activity=rows[2], user=owner, changes={"title": "EDITED"})  # 15.12.
    january = next(row for row in rows if row.start.astimezone(HELSINKI).month == 1)
    series_change(activity=january, user=owner, changes={"title": "January", "at": dt.time(14)})
    result = series_end(activity=rows[1], user=owner)
    assert left(rows[0].series) == [(1, "ES"), (8, "ES"), (15, "EDITED")]
    assert (result.removed, result.kept) == (9, 1)
    series_end(activity=rows[1], user=owner)
    assert left(rows[0].series) == [(1, "ES"), (8, "ES"), (15, "EDITED")]


def test_ending_on_the_page_leaves_no_untouched_follower(owner):
    rows = weekly(owner, "FREQ=WEEKLY;COUNT=4")
    for row, title in zip(rows[2:], ("Own 1", "Own 2"), strict=True):
        activity_change(activity=row, user=owner, changes={"title": title})
    page = Client()
    page.force_login(owner)
    assert page.post(reverse("activities:series_end", args=[rows[0].pk])).status_code == 302
    assert left(rows[0].series) == [(1, "ES"), (15, "Own 1"), (22, "Own 2")]


# Every field of its own

EDITS = {
    "title": {"title": "Own"},
    "goal": {"goal": "Own"},
    "place": {"place": "Own"},
    "channel": {"channel": "video"},
    "memo": {"memo": "<p>Prepared</p>"},
    "hours": {"hours": Decimal(2)},
    "settlement": {"settlement": "Own"},
    "start": {"start": TUESDAY + WEEK + dt.timedelta(minutes=15), "end": TUESDAY + WEEK + dt.timedelta(minutes=75)},
    "end": {"end": TUESDAY + WEEK + dt.timedelta(minutes=90)},
    "no end": {"end": None},
    "customer": lambda: {"customer": CustomerFactory()},
    "participants": lambda: {"participants": [UserFactory()]},
    "contacts": lambda: {"contacts": [ContactFactory()]},
    "keywords": lambda: {"keywords": [keyword(activity_type("planning").keywords.first().code)]},
}


@pytest.mark.parametrize("name", [name for name in EDITS if name != "keywords"])
def test_an_occurrence_with_a_field_of_its_own_is_kept(owner, name):
    changes = EDITS[name]() if callable(EDITS[name]) else EDITS[name]
    rows = weekly(owner)
    activity_change(activity=rows[1], user=owner, changes=changes)
    assert series_end(activity=rows[0], user=owner).kept == 1
    assert [row.pk for row in rows[0].series.activities.order_by("pk")] == [rows[0].pk, rows[1].pk]


def test_one_that_somebody_has_joined_or_that_has_a_follow_up_is_kept(owner):
    rows = weekly(owner, "FREQ=WEEKLY;COUNT=4")
    participant_add(activity=rows[1], user=UserFactory())
    follow_ups_log(activity=rows[2], user=owner, agreed=[FollowUp("Call", dt.date(2026, 12, 20))])
    assert series_end(activity=rows[0], user=owner).removed == 1
    assert {*rows[0].series.activities.all()} == {*rows[:3]}


def test_an_edit_that_was_taken_back_leaves_it_untouched(owner):
    rows = weekly(owner)
    activity_change(activity=rows[1], user=owner, changes={"title": "Own"})
    activity_change(activity=rows[1], user=owner, changes={"title": "ES"})
    assert series_end(activity=rows[0], user=owner).removed == 2


def test_new_occurrences_have_the_content_of_the_series_though_all_were_edited(owner):
    rows = weekly(owner, "FREQ=WEEKLY")
    for row in rows:
        activity_change(activity=row, user=owner, changes={"title": "Own"})
    series_continue(now=NOW + dt.timedelta(weeks=2))
    titles = [row.title for row in rows[0].series.activities.order_by("start")]
    assert titles[-2:] == ["ES", "ES"]


def test_an_edited_first_stays_where_it_is_when_the_rule_of_all_changes(owner):
    rows = weekly(owner)
    activity_change(activity=rows[0], user=owner, changes={"title": "Own"})
    series_change(activity=rows[1], user=owner, changes={}, rule="FREQ=WEEKLY;BYDAY=TH;COUNT=2", whole=True)
    assert left(rows[0].series) == [(1, "Own"), (3, "ES"), (10, "ES")]


def test_the_page_of_a_change_opens_an_occurrence_that_is_there(owner):
    rows = weekly(owner)
    page = Client()
    page.force_login(owner)
    content = {
        "scope": "all", "title": "ES", "at": "09:00", "minutes": "60", "place": "", "participants": [owner.pk],
        "repeat": "weekly", "days": ["TH"], "times": "2", "version": rows[1].version,
    }  # fmt: skip
    answer = page.post(reverse("activities:series_change", args=[rows[1].pk]), content)
    assert answer.status_code == 302
    assert page.get(answer["Location"]).status_code == 200


def test_a_series_of_an_older_version_keeps_what_was_edited_before(owner):
    rows = weekly(owner, "FREQ=WEEKLY;COUNT=4")
    activity_change(activity=rows[1], user=owner, changes={"title": "Own"})
    participant_add(activity=rows[2], user=UserFactory())
    Activity.objects.update(series_content=None)
    ActivitySeries.objects.update(contents=[])
    assert series_end(activity=rows[0], user=owner).removed == 1
    assert {*rows[0].series.activities.all()} == {*rows[:3]}


# A series of one (L11)


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;UNTIL=20200101", "FREQ=DAILY;UNTIL=20201231T235959Z", "FREQ=WEEKLY;COUNT=1",
             "FREQ=DAILY;UNTIL=20261201", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"],
)  # fmt: skip
def test_a_rule_without_a_second_occurrence_is_refused(owner, rule):
    with pytest.raises(BusinessRuleError) as caught:
        weekly(owner, rule)
    assert caught.value.code == "rule_of_one"
    assert not ActivitySeries.objects.exists()


def test_a_series_of_one_is_refused_in_words_on_the_page_and_in_the_api(owner):
    first = ActivityFactory(created_by=owner, participants=[owner], status=ActivityStatus.OPEN, start=TUESDAY)
    page = Client()
    page.force_login(owner)
    sentence = "The recurrence ends before its second occurrence"
    shown = page.post(reverse("activities:repeat", args=[first.pk]), {"repeat": "daily", "times": "1"})
    assert (shown.status_code, sentence in shown.content.decode()) == (422, True)
    body = {"rrule": "FREQ=DAILY;UNTIL=20200101"}
    answer = page.post(f"/api/v1/activities/{first.pk}/repeat/", body, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "rule_of_one")
    assert sentence in str(answer.json())


# Random edits and changes against a plain model

NAMES = ("title", "goal", "place")


@dataclass
class Plain:
    """An occurrence of the model: what it has, what the series gave it, its own time and that of the rule."""

    slot: dt.datetime
    start: dt.datetime
    has: dict[str, str]
    gave: dict[str, str] = field(default_factory=dict)

    @property
    def is_edited(self):
        return self.has != self.gave or self.start != self.slot

    @property
    def line(self):
        return (self.start, self.slot, *(self.has[name] for name in NAMES))


class PlainSeries:
    """A weekly series of the model."""

    def __init__(self, count):
        content = {"title": "ES", "goal": "", "place": ""}
        self.content = content
        self.rows = [Plain(time, time, {**content}, {**content}) for time in self._days(TUESDAY, 1, count)]

    def _days(self, begin, weekday, count):
        first = begin + dt.timedelta(days=(weekday - begin.weekday()) % 7)
        return [first + number * WEEK for number in range(count)]

    def ordered(self):
        return sorted(self.rows, key=lambda row: (row.start, row.slot))

    def coming(self, chosen, whole):
        return [row for row in self.ordered() if whole or row.start >= chosen.start or row is chosen]

    def change(self, chosen, name, value, whole):
        for row in self.coming(chosen, whole):
            if row is chosen or row.has[name] == row.gave[name]:
                row.has[name] = value
            row.gave[name] = value
        self.content[name] = value

    def another_rule(self, chosen, weekday, count, whole):
        first, *others = self.coming(chosen, whole)
        begin = self._days(first.slot, weekday, 1)[0]
        moves = first is chosen or not first.is_edited
        self.rows = [row for row in self.rows if row is first or row not in others or row.is_edited]
        taken = {row.slot for row in self.rows if not (moves and row is first)}
        free = [time for time in self._days(begin, weekday, count) if time not in taken]
        if moves:
            at = free.pop(0) if free else None
            if at is None:
                return False
            first.start = at if first.start == first.slot else first.start
            first.slot = at
        elif not free:
            return False
        self.rows += [Plain(time, time, {**self.content}, {**self.content}) for time in free]
        return True

    def end(self, chosen):
        self.rows = [row for row in self.rows if row.start < chosen.start or row is chosen or row.is_edited]


@st.composite
def steps(draw):
    kind = draw(st.sampled_from(("edit", "edit", "move", "change", "rule", "end")))
    return (
        kind, draw(st.integers(0, 9)), draw(st.sampled_from(NAMES)), draw(st.sampled_from(("A", "B", "C"))),
        draw(st.booleans()), draw(st.integers(0, 6)), draw(st.integers(1, 5)),
    )  # fmt: skip


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(count=st.integers(2, 6), moves=st.lists(steps(), min_size=1, max_size=6))
def test_random_edits_and_changes_of_a_series_agree_with_a_plain_model(owner, count, moves):
    series = weekly(owner, f"FREQ=WEEKLY;COUNT={count}")[0].series
    plain = PlainSeries(count)
    serial = itertools.count(1)
    for kind, place, name, value, whole, weekday, times in moves:
        rows = list(series.activities.order_by("start", "series_start"))
        chosen, row = plain.ordered()[place % len(rows)], rows[place % len(rows)]
        if kind == "edit":
            activity_change(activity=row, user=owner, changes={name: value})
            chosen.has[name] = value
        elif kind == "move":
            delta = dt.timedelta(minutes=next(serial))
            activity_change(activity=row, user=owner, changes={"start": row.start + delta, "end": row.end + delta})
            chosen.start += delta
        elif kind == "change":
            series_change(activity=row, user=owner, changes={name: value}, whole=whole)
            plain.change(chosen, name, value, whole)
        elif kind == "end":
            series_end(activity=row, user=owner)
            plain.end(chosen)
        else:
            before = ActivitySeries.objects.get(pk=series.pk).rule
            rule = f"FREQ=WEEKLY;BYDAY={('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')[weekday]};COUNT={times}"
            if rule == before:
                continue
            possible = plain.another_rule(chosen, weekday, times, whole)
            if not possible:
                return
            series_change(activity=row, user=owner, changes={}, rule=rule, whole=whole)
        found = [
            (one.start, one.series_start, one.title, one.goal, one.place)
            for one in series.activities.order_by("start", "series_start")
        ]
        assert found == [one.line for one in plain.ordered()]
