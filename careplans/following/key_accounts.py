"""Customers in segments that need approval, each with what management follows, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.text import Truncator

from activities.feedback.models import NpsQuestion
from activities.feedback.selectors import FEEDBACK_TABS
from activities.log.models import Activity
from careplans.adherence.days import plus_days, plus_months
from careplans.adherence.figures import Figures
from careplans.caremodels.models import ModelVersion
from careplans.following.models import CareOccurrence, CareStatus
from careplans.following.parts import PARTS
from careplans.following.plugs import CustomerGoals, goals_of
from careplans.following.strip import Strip, strips_of
from careplans.plans.enums import ApprovalStatus
from careplans.plans.models import ModelStay, PlanApproval
from customers.models import Customer
from segmentation.schemes.models import Segment

#: As many are side by side on the page.
MOST = 30
#: The characters of all goals together that one page of PDF has room for.
PRINTED = 900


@dataclass
class KeyAccount:
    """A customer as management follows it."""

    customer: Any
    strip: Strip
    status: CareStatus | None
    figures: Figures = field(default_factory=Figures)
    open: int = 0
    missed: int = 0
    feedback: int = 0
    nps: int | None = None
    nps_on: dt.date | None = None
    #: Its own goals, and those of the care models.
    own_goals: list[CustomerGoals] = field(default_factory=list)
    #: What management has not approved of its plan, the newest.
    unapproved: PlanApproval | None = None
    goals: list[ModelVersion] = field(default_factory=list)

    @property
    def folded_goals(self) -> list[CustomerGoals]:
        return [goals for goals in self.own_goals if goals.is_folded]

    @property
    def printed_goals(self) -> list[tuple[str, str]]:
        """The beginnings of all goals, as long as the page has room for, with what they are of."""
        own = [(goals.text, str(goals.source)) for goals in self.own_goals]
        found = [*own, *((version.goals, str(version.model)) for version in self.goals)]
        return [(_in_one_line(text, PRINTED // len(found)), source) for text, source in found]


def _in_one_line(text: str, most: int) -> str:
    lines = (line.strip() for line in text.splitlines())
    return Truncator("; ".join(line for line in lines if line)).chars(most)


def key_customers(user: Any) -> QuerySet[Any]:
    """Return the active customers that the user sees in segments that need approval, the largest first."""
    segments = Segment.objects.primary().in_use().filter(needs_approval=True).values_list("pk", flat=True)
    rows = Customer.objects.visible_to(user).active().filter(summary__segment__in=list(segments))
    found: QuerySet[Any] = rows.with_summary().order_by("-summary__ordered_12_months", "pk")
    return found


def accounts_of(customers: Sequence[Any], user: Any, today: dt.date) -> list[KeyAccount]:
    """Return what is followed of these customers."""
    ids = [customer.pk for customer in customers]
    strips, statuses = strips_of(ids, today), CareStatus.objects.in_bulk(ids)
    figures, feedback, scores, goals = _figures(ids, today), _feedback(ids, user), _scores(ids), _goals(ids, today)
    own_goals, unapproved = goals_of(ids, user), _unapproved(ids)
    found = []
    for customer in customers:
        pk = customer.pk
        of_12, is_open, missed = figures.get(pk, (Figures(), 0, 0))
        nps, nps_on = scores.get(pk, (None, None))
        about: dict[str, Any] = {
            "open": is_open,
            "missed": missed,
            "feedback": feedback.get(pk, 0),
            "nps": nps,
            "nps_on": nps_on,
            "own_goals": own_goals.get(pk, []),
            "unapproved": unapproved.get(pk),
        }
        found.append(KeyAccount(customer, strips[pk], statuses.get(pk), of_12, goals=goals.get(pk, []), **about))
    return found


def first_of_12(today: dt.date) -> dt.date:
    """Return the first day of the 12 months that end today."""
    return plus_days(plus_months(today, -12), 1)


def _figures(ids: Sequence[int], today: dt.date) -> dict[int, tuple[Figures, int, int]]:
    """Return the figures of 12 months, how many actions are open now, and how many were missed."""
    since = first_of_12(today)
    rows = CareOccurrence.objects.filter(PARTS["mandatory"], customer__in=ids, last__gte=since).order_by()
    over, is_open = Q(last__lte=today), Q(state="coming", done_on__isnull=True, first__lte=today)
    counts = rows.values_list("customer").annotate(
        done=Count("pk", filter=over & Q(state="done")), late=Count("pk", filter=over & Q(state="late")),
        missed=Count("pk", filter=over & Q(state="missed")), now=Count("pk", filter=is_open),
    )  # fmt: skip
    return {
        customer: (Figures(done, late, missed), now, missed)
        for customer, done, late, missed, now in counts.values_list("customer", "done", "late", "missed", "now")
    }


def _feedback(ids: Sequence[int], user: Any) -> dict[int, int]:
    """Return how much feedback waits for an answer."""
    rows = Activity.objects.visible_to(user).filter(FEEDBACK_TABS["waiting"](user), feedback__isnull=False)
    return dict(rows.filter(customer__in=ids).order_by().values_list("customer").annotate(count=Count("pk")))


def _scores(ids: Sequence[int]) -> dict[int, tuple[int | None, dt.date | None]]:
    """Return the latest NPS score of each customer with its day."""
    rows = NpsQuestion.objects.filter(customer__in=ids, answered_at__isnull=False)
    latest = rows.order_by("customer", "-answered_at").distinct("customer")
    found = latest.values_list("customer", "score", TruncDate("answered_at", tzinfo=timezone.get_default_timezone()))
    return {pk: (score, day) for pk, score, day in found}


def _unapproved(ids: Sequence[int]) -> dict[int, PlanApproval]:
    """Return of each customer the plan that management was asked about last and has not approved.

    Asked is of the models that the customer is under now, and of each the newest request.
    """
    stays = set(ModelStay.objects.filter(customer__in=ids, last__isnull=True).values_list("customer", "model"))
    rows = PlanApproval.objects.filter(customer__in=ids).select_related("model_version").order_by("asked_on", "pk")
    newest = {name: row for row in rows if (name := (row.customer_id, row.model_version.model_id)) in stays}
    waiting = [row for row in newest.values() if row.status != ApprovalStatus.APPROVED]
    return {row.customer_id: row for row in sorted(waiting, key=lambda row: (row.asked_on, row.pk))}


def _goals(ids: Sequence[int], today: dt.date) -> dict[int, list[ModelVersion]]:
    """Return the versions of care models in force that say goals."""
    stays = ModelStay.objects.filter(customer__in=ids, last__isnull=True).order_by("model__order", "model")
    models: dict[int, list[int]] = defaultdict(list)
    for customer, model in stays.values_list("customer", "model"):
        models[customer].append(model)
    versions = ModelVersion.objects.in_force(today).exclude(goals_fi="", goals_en="").select_related("model")
    by_model = {version.model_id: version for version in versions}
    return {pk: [by_model[model] for model in of_one if model in by_model] for pk, of_one in models.items()}
