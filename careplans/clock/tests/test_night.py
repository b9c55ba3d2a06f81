"""The night by hand: ``refresh_care_plans --today`` brings work into calendars as of a day."""

from __future__ import annotations

from django.core.management import call_command

from accounts.tests.factories import UserFactory
from careplans.plans.tests.world import day
from careplans.work.models import CareWork
from careplans.work.tests.world import may, owned, work_of

__all__ = ["may"]


def test_the_night_of_a_day_brings_what_is_due_then_into_the_calendar(may, capsys):
    owner = UserFactory()
    customer = owned(owner, frequency="every", count=30, unit="day")
    assert not CareWork.objects.filter(customer=customer).exists()
    call_command("refresh_care_plans", today=day("2026-05-18"))
    work = work_of(customer)
    assert (work.person, work.activity.is_all_day) == (owner, True)
    assert work.written_day >= day("2026-05-18")
    assert "1 open generated activities" in capsys.readouterr().out


def test_a_second_night_of_the_same_day_adds_nothing(may):
    owned(UserFactory())
    call_command("refresh_care_plans", today=day("2026-05-18"))
    before = list(CareWork.objects.values())
    call_command("refresh_care_plans", today=day("2026-05-18"))
    assert list(CareWork.objects.values()) == before != []
