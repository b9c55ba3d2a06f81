"""An occurrence is scheduled once a person has confirmed or set its entry in the calendar."""

from __future__ import annotations

import pytest

from careplans.following.models import CareOccurrence
from careplans.work.services.works import work_confirm
from careplans.work.tests.world import owned, run, work_of

pytestmark = pytest.mark.usefixtures("may")


def scheduled(customer):
    rows = CareOccurrence.objects.filter(customer=customer, state="coming", is_scheduled=True)
    return [str(row.due) for row in rows]


def test_a_confirmed_day_schedules_its_occurrence_and_no_other(owner):
    customer = owned(owner)
    run(customer)
    assert scheduled(customer) == []
    work_confirm(work=work_of(customer))
    run(customer)
    assert scheduled(customer) == ["2026-05-31"]
    work_confirm(work=work_of(customer), confirmed=False)
    run(customer)
    assert scheduled(customer) == []
