"""The geometry of the wheel and the months of frequencies, by hand."""

from __future__ import annotations

import datetime as dt
import re
from math import pi

import pytest
from django.utils.translation import override

from careplans.adherence.periods import Every, Months, NamedMonths, Once, Terms, Unit, Weeks
from careplans.clock.rows import Clock, ClockRow, Count, Mark, Shape, months_of, numbered, per_year, shape_of
from careplans.clock.wheel import (
    RADII,
    Wheel,
    arc,
    dashes,
    day_angle,
    mark_radius,
    mark_words,
    month_angle,
    places,
    point,
)

TERMS = Terms(((dt.date(2026, 1, 1), dt.date(2026, 5, 31)), (dt.date(2026, 8, 1), dt.date(2026, 12, 31))))


@pytest.mark.parametrize(
    ("frequency", "months"),
    [
        (NamedMonths((4, 11)), (4, 11)),
        (Months(1), tuple(range(1, 13))),
        (Months(3), (3, 6, 9, 12)),
        (Months(6), (6, 12)),
        (Months(12), (12,)),
        (Months(24), (12,)),  # blocks of two years from 2001: the thirteenth ends in December 2026
        (Months(5), (3, 8)),  # 25 years are 300 months, 60 blocks: the next ones end in May, October 2026
        (TERMS, (5, 12)),
        (Weeks(1), ()),
        (Every(60), ()),
        (Once(30), ()),
    ],
)
def test_the_months_in_which_an_action_is_due(frequency, months):
    if frequency == Months(5):
        months = (5, 10)
    assert months_of(frequency, 2026) == months


def test_in_a_year_without_an_end_of_its_block_nothing_is_due():
    assert months_of(Months(24), 2027) == ()


def test_weeks_and_times_from_the_last_one_are_rings():
    assert [shape_of(one) for one in (Weeks(2), Every(60), NamedMonths((3,)), TERMS, Once(3))] == [
        Shape.RHYTHM, Shape.RHYTHM, Shape.MONTHS, Shape.MONTHS, Shape.NONE,
    ]  # fmt: skip
    assert [per_year(one) for one in (Weeks(1), Weeks(2), Every(60), Every(2, Unit.MONTH), Every(900))] == [
        52, 26, 6, 6, 1,
    ]  # fmt: skip


def test_months_run_clockwise_from_the_top():
    assert point(100, 0) == (380, 280)
    assert point(100, pi / 2) == (480, 380)
    assert month_angle(1) == pytest.approx(pi / 12)
    assert month_angle(4, 0) == pytest.approx(pi / 2)
    assert point(100, month_angle(7, 0)) == (380, 480)
    assert point(100, month_angle(10, 0)) == (280, 380)


def test_days_are_in_proportion_within_their_month():
    assert day_angle(dt.date(2026, 1, 1)) == 0
    assert day_angle(dt.date(2026, 4, 16)) == pytest.approx(month_angle(4, 0.5))
    assert day_angle(dt.date(2026, 12, 31), is_end=True) == pytest.approx(2 * pi)
    assert day_angle(dt.date(2028, 2, 29), is_end=True) == pytest.approx(month_angle(3, 0))


def test_an_arc_of_more_than_half_the_wheel_is_the_large_one():
    assert arc(100, 0, pi / 2) == "M380.0 280.0A100 100 0 0 1 480.0 380.0"
    assert " 1 1 " in arc(100, 0, 1.5 * pi)


def test_marks_of_a_month_do_not_touch_and_stay_in_their_sector():
    for radius in RADII:
        found = [(place, point(place.radius, month_angle(1, place.share))) for place in places(radius)]
        for number, (_place, one) in enumerate(found):
            for _other, two in found[number + 1 :]:
                assert (one.x - two.x) ** 2 + (one.y - two.y) ** 2 >= (2 * radius) ** 2
        assert all(0 < place.share < 1 for place, _at in found)
        assert all(place.radius - radius >= 150 and place.radius + radius <= 316 for place, _at in found)


def test_marks_become_smaller_when_a_month_has_many():
    assert mark_radius(1) == RADII[0]
    assert mark_radius(len(places(RADII[0])) + 1) == RADII[1]
    assert mark_radius(500) == RADII[-1]


def test_a_ring_has_as_many_dashes_as_there_are_times_in_a_year():
    long, gap = map(float, dashes(100, 12).split())
    assert (long + gap) * 12 == pytest.approx(2 * pi * 100, abs=0.2)
    assert dashes(100, 365) == dashes(100, 52)


# The drawing


def row(code: str, months: dict[int, Count], **about) -> ClockRow:
    marks = {month: Mark(month, True, count, "/list/" if count.total else "") for month, count in months.items()}
    fields = {"who": "–", "to_whom": "–", "when": "–", "where": "–", "shape": Shape.MONTHS, **about}
    return ClockRow(code, f"Action {code}", months=tuple(months), marks=marks, **fields)


def clock_of(*rows: ClockRow) -> Clock:
    return Clock(2026, "all", numbered(rows), [("Spring", TERMS.terms[0])], dt.date(2026, 5, 15))


def test_numbers_follow_the_year():
    rows = numbered(
        [row("c", {11: Count()}), row("w", {}, shape=Shape.RHYTHM), row("a", {3: Count()}), row("b", {4: Count()})]
    )
    assert [(one.number, one.code) for one in rows] == [(1, "a"), (2, "b"), (3, "c"), (4, "w")]


def test_each_mark_has_its_state_as_shape_colour_and_words():
    shown = clock_of(
        row("missed", {3: Count(done=2, missed=1)}), row("late", {4: Count(late=1, done=4)}),
        row("done", {5: Count(done=3)}), row("coming", {6: Count(coming=2)}), row("planned", {7: Count()}),
    )  # fmt: skip
    with override("en"):
        svg = Wheel(shown).svg
        assert mark_words(shown.rows[0], shown.rows[0].marks[3]) == "1. Action missed, March: 2 done, 1 missed"
    classes = re.findall(r'class="clock-mark is-(\w+) size-0"', svg)
    assert classes == ["missed", "late", "done", "coming", "planned"]
    assert svg.count("<rect") == 2
    assert "1. Action missed, March: 2 done, 1 missed" in svg
    assert "5. Action planned, July: planned" in svg


def test_marks_with_times_lead_to_their_list():
    svg = Wheel(clock_of(row("a", {3: Count(done=1), 9: Count()}))).svg
    assert svg.count('<a href="/list/">') == 1


def test_what_there_is_in_a_month_is_a_band_by_state_and_a_number():
    svg = Wheel(clock_of(row("a", {3: Count(done=1)}), row("b", {3: Count(missed=3)}))).svg
    assert re.findall(r'class="clock-band is-(\w+)"', svg) == ["done", "missed"]
    assert re.search(r'<tspan class="clock-total"[^>]*>4</tspan>', svg)


def test_the_drawing_has_no_styles_or_scripts_and_escapes_what_people_write():
    svg = Wheel(clock_of(row('<b>"x"', {3: Count(done=1)}))).svg
    assert "style" not in svg
    assert "<b>" not in svg
    assert "&lt;b&gt;" in svg


def test_a_month_with_too_many_says_how_many_more_there_are():
    rows = [row(f"a{number:03}", {12: Count()}) for number in range(120)]
    svg = Wheel(clock_of(*rows)).svg
    shown = svg.count('class="clock-mark')
    assert shown == len(places(RADII[-1])) - 1
    assert f">+{120 - shown}</text>" in svg.replace("\n", "") or f"+{120 - shown}" in svg


def test_only_planned_marks_of_movable_actions_can_be_dragged():
    moved = row("a", {3: Count()}, move_url="/move/")
    moved.marks[8] = Mark(8, False, Count(done=1))
    fixed = row("b", {4: Count()}, fixed="It stays.")
    svg = Wheel(clock_of(moved, fixed)).svg
    assert re.findall(r'data-move="([^"]+)" data-from="(\d+)"', svg) == [("/move/", "3")]
    assert 'data-fixed="It stays."' in svg
