"""One clock: moments in UTC, days in the organisation's or the user's time zone, and a way to stop it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.utils import timezone

from core import clock
from core.commands import DatedCommand

LATE = dt.datetime(2026, 11, 28, 22, 30, tzinfo=dt.UTC)  # half past midnight in Helsinki, evening in New York


def test_it_is_the_time_of_the_computer():
    before = timezone.now()
    assert before <= clock.now() <= timezone.now()
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_the_organisations_day_is_the_same_for_everybody_and_the_users_is_their_own():
    with clock.frozen(LATE), timezone.override("America/New_York"):
        assert (clock.today(), clock.user_today()) == (dt.date(2026, 11, 29), dt.date(2026, 11, 28))
        assert clock.day_of(LATE - dt.timedelta(hours=1)) == dt.date(2026, 11, 28)


def test_a_frozen_clock_stands_still_and_goes_on_afterwards():
    with clock.frozen(LATE):
        assert clock.now() == clock.now() == LATE
        with clock.frozen(dt.date(2024, 2, 29)):
            assert (clock.today(), clock.now().hour) == (dt.date(2024, 2, 29), 10)
        assert clock.now() == LATE
    assert clock.now() != LATE


def test_an_error_inside_leaves_no_frozen_clock():
    with pytest.raises(ZeroDivisionError), clock.frozen(LATE):
        _ = 1 / 0
    assert clock.now() != LATE


class Told(DatedCommand):
    def handle(self, *args, **options):
        return clock.today().isoformat()


@pytest.mark.parametrize(("given", "expected"), [(["--today", "2024-02-29"], "2024-02-29"), ([], "2026-11-29")])
def test_a_command_works_as_of_a_day(given, expected, capsys):
    with clock.frozen(LATE):
        call_command(Told(), *given)
    assert capsys.readouterr().out.strip() == expected
