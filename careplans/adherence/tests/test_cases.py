"""Cases computed by hand from docs/careplans.md; the arithmetic is in the comments.

2026-01-01 is a Thursday: ISO week 1 is 29 December to 4 January, and 2026 has a week 53, 28 December to 3 January 2027.
Unless a case says otherwise an interval of 60 days has 12 days before and after (60 ÷ 5). Counted from 1 January 2026
it is due on 2 March (31 + 28 + 2 = day 61), in the window of 18 February (2 March − 12) to 14 March (+ 12).
"""

from __future__ import annotations

import pytest

from careplans.adherence.evaluation import evaluate
from careplans.adherence.tests import calendar_cases, interval_cases
from careplans.adherence.tests.build import Case, day, lines

CASES = [*calendar_cases.CASES, *interval_cases.CASES]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    assert tuple(lines(evaluate(case.record, day(case.day)))) == case.expected


def test_no_case_is_there_twice() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 20
