"""Default data of the annual clock: the rhythm of an educational institution, which people change as they like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.log.models import ActivityType
from careplans.caremodels.defaults import models_add
from careplans.caremodels.enums import FulfilKind, Scope
from careplans.caremodels.services.actions import responsible_set
from careplans.caremodels.validators import check_action, who_of
from careplans.clock.models import InternalAction
from core import clock
from core.defaults import read
from core.exceptions import BusinessRuleError
from segmentation.schemes.models import Scheme
from segmentation.schemes.services.sets import set_codes

RHYTHM = "omn_rhythm"
#: The sets that can be added later, by name.
CLOCK_SETS: dict[str, Any] = {
    "omn-rhythm": gettext_lazy("Educational institution: its internal events of the year"),
    "tku": gettext_lazy("City's service centre: the annual clock of its customers"),
}


def load_rhythm() -> None:
    """Add the internal events of an educational institution to a database with its schemes."""
    if Scheme.objects.filter(code__in=set_codes("omn")).exists():
        events_add()


@transaction.atomic
def events_add() -> list[InternalAction]:
    """Add the default internal events of which the code is free; return them."""
    taken = set(InternalAction.objects.values_list("code", flat=True))
    types = {kind.code: kind for kind in ActivityType.objects.filter(needs_customer=False)}
    rows = enumerate(read("careclock", RHYTHM)["events"], 1)
    return [_add(row, types, order * 10) for order, row in rows if row["code"] not in taken]


def _add(row: Mapping[str, Any], types: Mapping[str, ActivityType], order: int) -> InternalAction:
    fields = dict(row)
    keys, kind = fields.pop("responsible"), types.get(fields.pop("activity_type"))
    action = InternalAction(
        **fields, activity_type=kind, scope=Scope.INTERNAL, completed_by=[FulfilKind.ACTIVITY.value],
        first=clock.today(), order=order,
    )  # fmt: skip
    chosen = [kind] if kind else []
    check_action(action, chosen)
    action.save()
    action.types.set(chosen)
    responsible_set(cast("Any", action).responsible, who_of(keys))
    return action


@transaction.atomic
def clock_set_add(*, name: str) -> int:
    """Add a set of default data that is not here yet; return how many events or care models were added.

    Raises at ``name``: ``unknown_set``, ``nothing_to_add``.
    """
    adds: dict[str, Callable[[], list[Any]]] = {"omn-rhythm": events_add, "tku": lambda: list(models_add("tku"))}
    if name not in adds:
        raise BusinessRuleError("unknown_set", _("There is no such set."), field="name")
    added = adds[name]()
    if not added:
        text = _("Everything of the set is here already.")
        if name == "tku" and not Scheme.objects.filter(code="portfolio").exists():
            text = _(
                "Add first the schemes of the city's service centre on the page Segmentation schemes: "
                "the clock is that of their portfolios."
            )
        raise BusinessRuleError("nothing_to_add", text, field="name")
    return len(added)


SETS: dict[str, Callable[[], None]] = {"omn-rhythm": load_rhythm}
