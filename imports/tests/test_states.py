"""Every (from, to) pair of an import's states."""

from __future__ import annotations

import itertools

import pytest

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from imports.enums import RUN_TRANSITIONS, RunState
from imports.models import ImportRun
from imports.services import run_start
from imports.tests.test_faults import draft

pytestmark = pytest.mark.django_db


def test_every_state_has_its_transitions():
    assert set(RUN_TRANSITIONS) == set(RunState)


@pytest.mark.parametrize(
    ("state", "dry_run"), list(itertools.product([s for s in RunState if not s.is_underway], [True, False]))
)
def test_start_goes_only_where_the_table_says(state, dry_run):
    user = UserFactory(grants=["imports.run_imports"])
    run = draft(1, user)
    ImportRun.objects.filter(pk=run.pk).update(state=state)
    target = RunState.CHECKING if dry_run else RunState.RUNNING
    if target in RUN_TRANSITIONS[state]:
        assert run_start(run=run, user=user, dry_run=dry_run).state == target
    else:
        with pytest.raises(BusinessRuleError) as error:
            run_start(run=run, user=user, dry_run=dry_run)
        assert error.value.code == "transition"
        run.refresh_from_db()
        assert run.state == state


def test_import_under_way_is_not_started_again():
    user = UserFactory(grants=["imports.run_imports"])
    run = run_start(run=draft(1, user), user=user, dry_run=False)
    with pytest.raises(BusinessRuleError):
        run_start(run=run, user=user, dry_run=False)
