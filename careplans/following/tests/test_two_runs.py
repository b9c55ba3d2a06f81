"""Two runs at the same time leave the occurrences once and the sums right."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from careplans.following.models import CareOccurrence
from careplans.following.services.checks import sums_wrong
from careplans.following.tests.world import owned, primary_model, summed
from careplans.plans.evaluations import care_refresh
from careplans.plans.tests.world import action, day, under, version_of
from tests.security.test_two_connections import at_once


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_add_to_the_same_sums():
    """Four customers with the same sums: January to April missed for each, whoever of the two runs writes them."""
    version = version_of(primary_model())
    action(version)
    owner = UserFactory(role="account_manager")
    ids = [owned(under(version), owner).pk for _number in range(4)]

    def run(part: list[int]):
        return lambda: care_refresh(part, today=day("2026-05-15"))

    assert sorted(at_once(run(ids), run(ids))) == [4, 4]
    assert summed().missed == 16
    assert sorted(at_once(run(ids[:2]), run(ids[1:]))) == [2, 3]
    assert summed().missed == 16
    assert CareOccurrence.objects.filter(state="missed").count() == 16
    assert not sums_wrong()
