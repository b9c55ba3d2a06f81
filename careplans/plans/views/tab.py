"""The customer's tab *Care plan*, and the page of one of its actions with why each thing done counts or does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from activities.log.models import Activity
from careplans.adherence.actions import Scope
from careplans.adherence.days import Span
from careplans.adherence.matching import Reason, Verdict
from careplans.adherence.occurrences import Key, Occurrence, State
from careplans.adherence.periods import Kind
from careplans.caremodels.frequencies import untracked_words
from careplans.plans import words
from careplans.plans.approval_days import is_held, stretch_of
from careplans.plans.enums import ExceptionStatus
from careplans.plans.models import (
    CustomerAction,
    ModelStay,
    OccurrenceCorrection,
    OccurrenceDecision,
    PlanApproval,
    PlanException,
    PlanUpdate,
)
from careplans.plans.plan import Line, PlanView, plan_of
from careplans.plans.selectors import unheld, vacant_roles
from careplans.plans.services.occurrences import decisions_of
from core import clock
from core.permissions import allowed
from core.registry import placed_panels
from core.tabs import tabs_of
from customers.models import Customer
from customers.views.tabs import CustomerTabView

VIEW, EDIT = "careplans.view_plan", "careplans.edit_plan"
DECIDE = "careplans.decide_occurrence"
#: Rows of occurrences and of things done that a page shows, and of coming occurrences.
MOST_ROWS, MOST_COMING = 60, 6


def encoded(key: Key) -> str:
    """Return what names an occurrence of an action in an address."""
    return f"{key.kind.value}:{key.start}:{key.event}"


def decoded(code: str, text: str) -> Key:
    """Return the key that an address names. Raise 404 if it is none."""
    kind, _colon, rest = text.partition(":")
    start, _colon, event = rest.partition(":")
    try:
        return Key(code, Kind(kind), dt.date.fromisoformat(start), event)
    except ValueError:
        raise Http404 from None


@dataclass(frozen=True)
class Lacking:
    """What a plan names and nobody is: roles of contacts as recipients, keys of those responsible."""

    recipients: Collection[int]
    responsible: Collection[str]


class PlanTab(CustomerTabView):
    """The plan of a customer: figures, approval, actions, exceptions."""

    tab = "care_plan"
    permission_required = VIEW
    content_template = "careplans/tab.html"

    @cached_property
    def plan(self) -> PlanView:
        return plan_of(self.object, clock.today())

    @cached_property
    def lacking(self) -> Lacking:
        return Lacking(vacant_roles(self.object, self.plan), unheld(self.object, self.plan))

    def get_tab_context(self) -> dict[str, Any]:
        customer, plan, today = self.object, self.plan, clock.today()
        return {
            "customer": customer,
            "parts": tabs_of("care_plan", customer, self.user, "plan"),
            "plan": plan,
            "adherence": words.percent_words(plan.figures.adherence),
            "adherence_12": words.percent_words(plan.figures_12.adherence),
            "next_due": plan.next_due,
            "sections": [section for section in _sections(plan, today, self.lacking) if section["rows"]],
            "conflicts": [_conflict(line) for line in plan.conflicts],
            "ended": [(line, words.when_words(line.action)) for line in plan.ended],
            "may_edit": allowed(self.user, EDIT, customer),
            **placed_panels("care_plan", self.user, customer),
            **_about(customer, self.user, plan),
        }


def _sections(plan: PlanView, today: dt.date, lacking: Lacking) -> list[dict[str, Any]]:
    """Return the tables of actions by their direction."""
    named = (
        (_("Toward the customer"), Scope.CUSTOMER),
        (_("Internal"), Scope.INTERNAL),
        (_("Statutory tasks"), Scope.STATUTORY),
    )
    return [
        {"title": title, "rows": [line_row(line, today, lacking) for line in plan.of(scope)]} for title, scope in named
    ]


def line_row(line: Line, today: dt.date, lacking: Lacking) -> dict[str, Any]:
    """Return an action of a plan as its table shows it: what, when, who, recipient, where, and how it is now."""
    kind, word = words.line_state(line, today)
    return {
        "line": line,
        "action": line.action.source,
        "when": words.when_words(line.action),
        "who": words.who_has_words(line.action),
        "to_whom": words.to_whom_words(line.action),
        "is_vacant": line.is_in_force and line.action.source.recipient_role_id in lacking.recipients,
        "is_unheld": line.is_in_force and set(line.action.responsible) <= set(lacking.responsible),
        "origin": words.origin_words(line.action),
        "adherence": words.percent_words(line.figures.adherence),
        "state_kind": kind,
        "state": word,
        "untracked": untracked_words(line.action.source),
    }


def _conflict(line: Line) -> dict[str, Any]:
    return {
        "line": line,
        "applies": words.origin_words(line.action),
        "when": words.when_words(line.action),
        "others": [
            (words.origin_words(one), words.when_words(one), words.why_first(line.action, one)) for one in line.others
        ],
    }


def _about(customer: Customer, user: Any, plan: PlanView) -> dict[str, Any]:
    """Return what is beside the actions: models, approvals, exceptions, own actions, updates."""
    today, names = plan.day, {line.code: str(line.action.source) for line in plan.lines}
    approvals = PlanApproval.objects.filter(customer=customer).select_related(
        "model_version__model", "decided_by", "asked_by", "customer"
    )
    exceptions = PlanException.objects.filter(customer=customer).exclude(last__lt=today)
    exceptions = exceptions.exclude(status=ExceptionStatus.REJECTED)
    shown = exceptions.select_related("requested_by", "customer").prefetch_related(
        "responsible__group", "responsible__team"
    )
    own = CustomerAction.objects.filter(customer=customer).exclude(last__lt=today).order_by("first", "pk")
    stretch = stretch_of(customer.pk, today)
    return {
        "stays": ModelStay.objects.filter(customer=customer, last__isnull=True).select_related(
            "model__segment", "model__node"
        ),
        "approvals": [_approval(one, user) for one in approvals[:10]],
        "exceptions": [_exception(one, customer, user, names.get(one.code, one.code), stretch) for one in shown],
        "own_actions": [_own_action(one, customer, user, stretch) for one in own],
        "updates": PlanUpdate.objects.filter(customer=customer).select_related("user")[:5],
    }


def _approval(approval: PlanApproval, user: Any) -> dict[str, Any]:
    return {
        "row": approval,
        "may_decide": allowed(user, "careplans.decide_approval", approval),
        "may_ask": allowed(user, "careplans.ask_approval", approval),
    }


def _exception(
    exception: PlanException, customer: Customer, user: Any, name: str, stretch: Span | None
) -> dict[str, Any]:
    exception.customer = customer  # whether it needs approval is asked once
    decided = exception.decided_on if exception.by_management else None
    return {
        "is_held": not exception.is_requested and is_held(stretch, decided),
        "row": exception,
        "name": name,
        "what": words.exception_words(exception),
        "may_decide": allowed(user, "careplans.decide_exception", exception),
    }


def _own_action(action: CustomerAction, customer: Customer, user: Any, stretch: Span | None) -> dict[str, Any]:
    action.customer = customer
    waits = is_held(stretch, action.approved_on)
    return {"row": action, "waits": waits, "may_decide": waits and allowed(user, "careplans.decide_action", action)}


def replaced_by(exception: PlanException) -> list[tuple[PlanException, str]]:
    """Return what is in force on the days of an exception and ends when it is approved, in words."""
    rows = PlanException.objects.on_days_of(exception).in_force()
    rows = rows.prefetch_related("responsible__group", "responsible__team").order_by("first")
    return [(row, words.exception_words(row)) for row in rows]


class ActionView(PlanTab):
    """One action of the plan: its occurrences, what was done, why it counts or not, and what people decided."""

    content_template = "careplans/action.html"

    @cached_property
    def line(self) -> Line:
        line = self.plan.line(self.kwargs["care_code"])
        if line is None:
            raise Http404
        return line

    def get_tab_context(self) -> dict[str, Any]:
        line, customer, today = self.line, self.object, clock.today()
        may_edit = allowed(self.user, EDIT, customer)
        may_decide = may_edit or allowed(self.user, DECIDE, customer)
        manages = self.user.has_perm("careplans.manage_plans")
        verdicts, shown = self.plan.verdicts(line.code), shown_of(line)
        activities = _activities(verdicts[:MOST_ROWS], self.user)
        corrections = OccurrenceCorrection.objects.filter(customer=customer, code=line.code).select_related("user")
        by_name = {(one.source, one.fulfilment_id): one for one in corrections}
        return {
            "customer": customer,
            "row": line_row(line, today, self.lacking),
            "line": line,
            "adherence_12": words.percent_words(line.figures_12.adherence),
            "occurrences": [_occurrence(one, manages, activities) for one in shown[:MOST_ROWS]],
            "verdicts": [_verdict(one, activities, by_name) for one in verdicts[:MOST_ROWS]],
            "is_cut": len(shown) > MOST_ROWS or len(verdicts) > MOST_ROWS,
            "most": MOST_ROWS,
            "decisions": OccurrenceDecision.objects.filter(customer=customer, code=line.code)
            .select_related("reason", "user")
            .order_by("-entered", "-pk")[:MOST_ROWS],
            "may_edit": may_edit,
            "may_decide": may_decide and line.action.scope is not Scope.STATUTORY,
            "may_undo": may_decide,
            "manages": manages,
        }


def shown_of(line: Line) -> list[Occurrence]:
    """Return the occurrences of an action without those that come long after the next one."""
    coming = [one for one in line.occurrences if one.state is State.COMING]
    return [one for one in line.occurrences if one not in coming[:-MOST_COMING]]


def _activities(verdicts: list[Verdict], user: Any) -> dict[int, Activity]:
    """Return the activities among what was done that the user may see, by id."""
    ids = [one.fulfilment.id for one in verdicts if one.fulfilment.source == "activity"]
    rows = Activity.objects.visible_to(user).filter(pk__in=ids).select_related("type")
    return {row.pk: row for row in rows}


def _occurrence(occurrence: Occurrence, manages: bool, activities: dict[int, Activity]) -> dict[str, Any]:
    """Return an occurrence as the table shows it, with what may be decided about it."""
    kind, word = words.state_of(occurrence)
    done = occurrence.completed_by
    return {
        "row": occurrence,
        "key": encoded(occurrence.key),
        "state_kind": kind,
        "state": word,
        "done": done,
        "activity": activities.get(done.id) if done and done.source == "activity" else None,
        **decisions_of(occurrence, manages=manages),
    }


def _verdict(verdict: Verdict, activities: dict[int, Activity], corrections: dict[Any, Any]) -> dict[str, Any]:
    """Return something done as the table shows it, with why it counts or does not."""
    done = verdict.fulfilment
    kind, word = words.REASONS[verdict.reason]
    return {
        "done": done,
        "what": words.done_words(done.source),
        "activity": activities.get(done.id) if done.source == "activity" else None,
        "kind": kind,
        "why": word,
        "occurrence": verdict.occurrence,
        "correction": corrections.get(done.name),
        "may_correct": verdict.reason is not Reason.NOT_UNDER,
    }
