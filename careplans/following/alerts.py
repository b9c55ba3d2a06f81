"""Alerts from care plans: what asks for attention, who has it, and the list that shows exactly these rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Count, F, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from careplans.caremodels.models import CareAction, CareModel, ModelVersion
from careplans.following.enums import Direction, OccurrenceState
from careplans.following.models import CareOccurrence, CareStatus, CareSum
from careplans.following.permissions import keepers
from careplans.plans.alerts import old_plans, unaccepted_plans
from careplans.plans.selectors import action_names
from careplans.work.weekly import Told, WeekPart
from core import clock
from customers.models import Customer
from customers.state_filters import ALL_STATES, may_see_inactive

#: Of each person so many rows are named in the weekly summary.
NAMED = 3


@dataclass(frozen=True)
class Alert:
    """A kind of what asks for attention. ``owner`` and ``name`` are the columns of who has it and what it is called.

    ``url_name`` with ``query`` is the list of exactly these rows of all; with ``mine=true`` those of the user.
    """

    kind: str
    label: Any
    definition: Any
    rows: Callable[[], Any]
    owner: str
    name: str
    order: tuple[str, ...]
    url_name: str
    query: str
    is_of_people: bool = False

    def url(self, *, mine: bool = True, owner: int | None = None) -> str:
        whose = f"owner={owner}&" if owner else "mine=true&" if mine else ""
        return f"{reverse(self.url_name)}?{whose}{self.query}"

    def of(self, user: Any) -> Any:
        """Return the user's rows, of active customers, which all see."""
        return self.rows().filter(**{self.owner: user.pk})


def _overdue() -> Any:
    return CareStatus.objects.overdue().filter(customer__state="active")


def _old() -> Any:
    return Customer.objects.active().filter(pk__in=old_plans().order_by().values("customer"))


def _unaccepted() -> Any:
    return Customer.objects.active().filter(pk__in=unaccepted_plans().order_by().values("customer"))


def _unheeded() -> Any:
    return CareOccurrence.objects.unheeded().filter(customer__state="active")


ALERTS: dict[str, Alert] = {
    alert.kind: alert
    for alert in (
        Alert(
            "overdue", _("Contact overdue"),
            _("A time for contact in the care plan is over and nothing completed it."), _overdue,
            "customer__summary__owner", "customer__name", ("overdue_since", "customer"), "carefollow:customers",
            "overdue=true",
        ),
        Alert(
            "unaccepted", _("Plans that management has not approved"),
            _("The customer is in a segment that needs approval, and no plan has been approved for it since."),
            _unaccepted, "summary__owner", "name", ("sort_key", "pk"), "careplans:list", "unaccepted=true",
        ),
        Alert(
            "old", _("Plans that are over a year old"),
            _(
                "The plan has not been reviewed for a year: of customers in segments that need approval, and of "
                "those of which it has been reviewed before."
            ),
            _old, "summary__owner", "name", ("sort_key", "pk"), "careplans:list", "old=true",
        ),
        Alert(
            "unheeded", _("Actions missed again and again"),
            _("A mandatory action toward the customer was missed three times in a row."), _unheeded, "user",
            "customer__name", ("last", "pk"), "carefollow:occurrences", "unheeded=true", is_of_people=True,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class NeverDone:
    """A mandatory action of a model that nobody has completed for any customer in a year."""

    name: str
    model: Any
    missed: int
    url: str


def never_done(user: Any) -> list[NeverDone]:
    """Return the mandatory actions of models in force that were missed and never completed in a year.

    Those missed most often come first. Actions of single customers are none of a model.
    """
    last = clock.today()
    first = last - relativedelta(years=1) + dt.timedelta(days=1)
    asked = CareAction.objects.filter(version__in=ModelVersion.objects.in_force(last)).values_list(
        "version__model", "code"
    )
    present = set(asked)
    rows = CareSum.objects.filter(day__gte=first, is_mandatory=True, care_model__isnull=False)
    rows = rows.exclude(scope=Direction.STATUTORY)
    sums = {f"n_{name}": Sum(name) for name in ("done", "late", "missed", "already_done")}
    found: Any = rows.order_by().values("code", "care_model").annotate(**sums)
    found = found.filter(n_done=0, n_late=0, n_already_done=0, n_missed__gt=0).order_by("-n_missed", "code")
    idle = [row for row in found if (row["care_model"], row["code"]) in present]
    names = action_names({row["code"] for row in idle})
    models = CareModel.objects.in_bulk({row["care_model"] for row in idle})
    period = {"state": OccurrenceState.MISSED, "last_from": first.isoformat(), "last_to": last.isoformat()}
    return [
        NeverDone(
            str(names.get(row["code"], row["code"])), models.get(row["care_model"]), row["n_missed"],
            reverse("carefollow:occurrences", query={**_of_row(row, user), **period}),
        )
        for row in idle
    ]  # fmt: skip


def _of_row(row: Any, user: Any) -> dict[str, Any]:
    """Return the filters of the occurrences of an action of a model."""
    state = {"customer_state": ALL_STATES} if may_see_inactive(user) else {}
    return {"code": row["code"], "care_model": row["care_model"], **state}


def by_person(alert: Alert) -> dict[int, Told]:
    """Return how many rows each person has, and the first ones by name, in two queries."""
    rows = alert.rows().filter(**{f"{alert.owner}__isnull": False})
    counts = dict(rows.order_by().values_list(alert.owner).annotate(number=Count("pk")))
    names = dict(_first_names(alert, rows)) if counts else {}
    return {person: Told(number, names.get(person, [])) for person, number in counts.items()}


def _first_names(alert: Alert, rows: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the first names of each person."""
    place = Window(RowNumber(), partition_by=F(alert.owner), order_by=list(alert.order))
    found: dict[int, list[str]] = {}
    firsts = rows.annotate(place=place).filter(Q(place__lte=NAMED)).order_by(alert.owner, "place")
    for person, name in firsts.values_list(alert.owner, alert.name):
        found.setdefault(person, []).append(name)
    yield from found.items()


def _never_done_told() -> dict[int, Told]:
    """Return for all who keep care plans what nobody has completed in a year."""
    number = len(never_done(None))
    return dict.fromkeys(keepers(), Told(number, [])) if number else {}


def _part(alert: Alert) -> WeekPart:
    return WeekPart(
        name=alert.kind,
        label=alert.label,
        found=lambda: by_person(alert),
        url=lambda person: alert.url(owner=person),
        is_own=alert.is_of_people,
    )


WEEK_PARTS = (
    *map(_part, ALERTS.values()),
    WeekPart(
        name="never_done", label=_("Actions that nobody has completed in a year"), found=_never_done_told,
        url=lambda person: f"{reverse('carefollow:alerts')}?all=on", is_own=True,
    ),
)  # fmt: skip
