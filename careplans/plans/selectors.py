"""Reads of care plans that lists and API share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Max, OuterRef, prefetch_related_objects

from accounts.models import User
from careplans.caremodels.models import CareAction, StatutoryTask
from careplans.plans.models import CustomerAction, ModelStay, PlanApproval, PlanUpdate
from careplans.plans.plan import PlanView
from careplans.plans.words import exception_words
from customers.contact_search import exists_for_each
from customers.models import Customer, Position, Responsibility
from customers.search import pick


def plan_customers(user: Any) -> Any:
    """Return the customers of which ``PlanFilter`` makes the list of care plans."""
    return Customer.objects.visible_to(user).active()


def customers_to_plan_for(user: Any) -> Any:
    """Return the customers of which the user may change the plan (``careplans.plans.permissions.changes``)."""
    return plan_customers(user) if user.has_perm("careplans.manage_plans") else Customer.objects.editable_by(user)


def customers_with_plans(user: Any) -> Any:
    """Return the active customers that a care model applies to."""
    return under_models(plan_customers(user))


def under_models(customers: Any) -> Any:
    """Return the customers that a care model applies to."""
    return cared_for(customers, ModelStay.objects.filter(last__isnull=True))


def cared_for(customers: Any, rows: Any) -> Any:
    """Return the customers of ``rows``: a list begins with few by their ids, and asks each customer where many are."""
    picked = pick(customers, rows.order_by().values("customer"))[1]
    return customers.filter(exists_for_each(rows.filter(customer=OuterRef("pk")))) if picked is None else picked


def vacant_roles(customer: Customer, plan: PlanView) -> set[int]:
    """Return the recipients of the plan that nobody at the customer is: roles of contacts, in at most one query."""
    asked = {line.action.source.recipient_role_id for line in plan.lines if line.is_in_force} - {None}
    if not asked:
        return set()
    held = Position.objects.current().filter(customer=customer, role__in=asked).values_list("role", flat=True)
    return {role for role in asked if role is not None} - set(held)


def unheld(customer: Customer, plan: PlanView) -> set[str]:
    """Return the keys of those responsible in the plan that nobody is today, in at most three queries."""
    asked = {key for line in plan.lines if line.is_in_force for key in line.action.responsible}
    named: dict[str, set[str]] = defaultdict(set)
    for key in asked:
        kind, _colon, name = key.partition(":")
        named[kind].add(name)
    people, held = User.objects.active(), set()
    if named["role"]:
        rows = Responsibility.objects.current().filter(customer=customer, user__is_active=True)
        held |= {f"role:{role}" for role in rows.values_list("role", flat=True)}
    if named["group"]:
        groups = people.filter(groups__name__in=named["group"]).values_list("groups__name", flat=True)
        held |= {f"group:{name}" for name in groups.distinct()}
    if named["team"]:
        teams = people.filter(teams__in=named["team"]).values_list("teams", flat=True)
        held |= {f"team:{pk}" for pk in teams.distinct()}
    return asked - held


def with_plans(customers: Iterable[Any]) -> list[Any]:
    """Return customers with what lists show of their plans: models, whether management is waited for, last update."""
    rows = list(customers)
    ids = [row.pk for row in rows]
    models: dict[int, list[Any]] = {}
    stays = ModelStay.objects.filter(customer__in=ids, last__isnull=True).select_related("model")
    for stay in stays.order_by("model__order", "model"):
        models.setdefault(stay.customer_id, []).append(stay.model)
    waiting = set(PlanApproval.objects.waiting().filter(customer__in=ids).values_list("customer", flat=True))
    updates = PlanUpdate.objects.filter(customer__in=ids).order_by().values("customer")
    newest = dict(updates.annotate(day=Max("day")).values_list("customer", "day"))
    for row in rows:
        row.plan_models, row.plan_waits = models.get(row.pk, []), row.pk in waiting
        row.plan_updated = newest.get(row.pk)
    return rows


def action_names(codes: Collection[str]) -> dict[str, str]:
    """Return the names of actions by their codes, as the newest versions of care models have them."""
    names = {row.code: str(row) for row in StatutoryTask.objects.filter(code__in=codes)}
    return {**names, **_newest(CareAction, codes)}


def all_action_names(codes: Collection[str]) -> dict[str, str]:
    """Return the names of actions by their codes, those of single customers too where all of a code have one name."""
    known = action_names(codes)
    own: dict[str, set[str]] = {}
    rows = CustomerAction.objects.filter(code__in=set(codes) - known.keys()).order_by()
    for row in rows.distinct("code", "name_fi", "name_en"):
        own.setdefault(row.code, set()).add(str(row))
    return {**{code: next(iter(names)) for code, names in own.items() if len(names) == 1}, **known}


def _newest(model: Any, codes: Collection[str]) -> dict[str, str]:
    newest = model.objects.filter(code__in=codes).order_by("code", "-pk").distinct("code")
    return {row.code: str(row) for row in newest}


def with_words(exceptions: list[Any]) -> list[Any]:
    """Return exceptions with the name of their action and what they ask for instead, read for all at once."""
    prefetch_related_objects(exceptions, "responsible__group", "responsible__team")
    codes = {row.code for row in exceptions}
    names = action_names(codes)
    customers = {row.customer_id for row in exceptions}
    actions = CustomerAction.objects.filter(customer__in=customers, code__in=codes).order_by("pk")
    own = {(action.customer_id, action.code): str(action) for action in actions}
    for row in exceptions:
        row.action_name = names.get(row.code) or own.get((row.customer_id, row.code), row.code)
        row.what = exception_words(row)
    return exceptions
