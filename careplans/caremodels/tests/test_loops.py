"""Actions that would trigger themselves through a selection: by what it asks, itself or through another one."""

from __future__ import annotations

from typing import Any

import pytest

from activities.log.models import ActivityType
from careplans.caremodels.models import CareAction
from careplans.caremodels.tests.factories import ModelVersionFactory
from careplans.caremodels.validators import check_action
from careplans.plans.tests.world import refused
from customers.selections.tests.conftest import rule, selection_of

pytestmark = pytest.mark.django_db
ACTIVITY = rule("customer.last_contact", when="not_last", days=60)
ORDER = rule("customer.bought", amount="none", when="ever")
NAME = rule("customer.name", op="contains", text="a")


def action(selection: Any, completed_by: str, event: str = "enters_selection") -> CareAction:
    return CareAction(
        version=ModelVersionFactory(), code="loop", name_fi="Silmukka", name_en="Loop", completed_by=[completed_by],
        activity_type=ActivityType.objects.get(code="call"), frequency="event", event=event, selection=selection,
    )  # fmt: skip


@pytest.mark.parametrize("event", ["enters_selection", "leaves_selection"])
@pytest.mark.parametrize(("asked", "kind"), [(ACTIVITY, "activity"), (ORDER, "order")], ids=["activity", "order"])
def test_a_selection_that_asks_about_what_completes_the_action_is_refused(asked, kind, event, owner):
    with refused("triggers_itself", "selection"):
        check_action(action(selection_of(owner, asked), kind, event), ())


def test_also_where_another_selection_asks_for_it(owner):
    inner = selection_of(owner, ACTIVITY, name="Quiet")
    outer = selection_of(owner, NAME, rule("customer.selection", op="is", rows=[inner.pk]), name="Quiet ones")
    with refused("triggers_itself", "selection"):
        check_action(action(outer, "activity"), ())


@pytest.mark.parametrize(("asked", "kind"), [(NAME, "activity"), (ORDER, "activity"), (ACTIVITY, "order")])
def test_a_selection_about_something_else_is_allowed(asked, kind, owner):
    check_action(action(selection_of(owner, asked), kind), ())
