"""Customers under care models, and what is done for them, through the real services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from careplans.adherence.evaluation import Evaluation, evaluate
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import CareModel, ModelVersion
from careplans.caremodels.tests.factories import CareActionFactory, CareModelFactory, approved_version
from careplans.plans.plan import PlanView, plan_of
from careplans.plans.records import records
from careplans.plans.services.stays import stays_refresh
from core.exceptions import BusinessRuleError
from customers.enums import BranchPurpose
from customers.models import ClassificationBranch, ClassificationNode, Customer
from customers.tests.factories import CustomerFactory, NodeFactory
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.membership.models import Membership

ZONE = ZoneInfo("Europe/Helsinki")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(on: str, time: str = "12:00") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{on}T{time}").replace(tzinfo=ZONE)


def member(customer: Customer, segment: Any, start: str, end: str = "") -> Membership:
    """Give a customer a membership at noon of a day, until noon of another."""
    begins = at(start)
    scheme = segment.scheme
    return Membership.objects.create(
        customer=customer, segment=segment, scheme=scheme, is_exclusive=scheme.is_exclusive, decided_at=begins,
        period=DateTimeTZRange(begins, at(end) if end else None, "[)"),
    )  # fmt: skip


def version_of(model: CareModel | None = None, since: str = "2026-01-01", **about: Any) -> ModelVersion:
    """Return a version of a model that is in force from a day."""
    return approved_version(model, valid_from=day(since), **about)


def replaced_version_of(model: CareModel, last: str) -> ModelVersion:
    """Return the first version of a model, which another one has followed."""
    version = version_of(model)
    version.valid_to, version.status = day(last), VersionStatus.REPLACED
    version.save()
    return version


def approval_model() -> CareModel:
    """Return a model of a segment that needs approval."""
    return CareModelFactory(segment=SegmentFactory(needs_approval=True, scheme__feeds_care_models=True))


def action(version: ModelVersion, code: str = "contact", types: Any = (), **about: Any) -> Any:
    """Add an action to a version: a monthly contact unless said otherwise."""
    row = CareActionFactory(version=version, code=code, **{"is_contact": True, **about})
    row.types.set([kind(one) for one in types])
    return row


def kind(code: str) -> ActivityType:
    return ActivityType.objects.get(code=code)


def under(version: ModelVersion, since: str = "2026-01-01", customer: Customer | None = None) -> Customer:
    """Return a customer in the segment of a model since a day."""
    customer = customer or CustomerFactory()
    member(customer, version.model.segment, since)
    stays_refresh([customer.pk])
    return customer


def log(customer: Customer, on: str, code: str = "call", *, user: Any, **about: Any) -> Any:
    """Log something done at noon of a day."""
    about = {"title": "Talked", "start": at(on), **about}
    return activity_log(user=user, type=kind(code), customer=customer, **about)


def evaluated(customer: Customer, on: str, until: str = "") -> Evaluation:
    found = records([customer.pk], day(on))[customer.pk]
    return evaluate(found, day(on), day(until) if until else None)


def plan(customer: Customer, on: str) -> PlanView:
    return plan_of(customer, day(on))


def states(evaluation: Evaluation, code: str = "contact") -> list[tuple[str, str]]:
    """Return the last days and the states of the occurrences of an action."""
    return [(str(one.last), one.state.value) for one in evaluation.occurrences[code]]


def over(evaluation: Evaluation, code: str = "contact") -> list[str]:
    """Return the last days of the windows that are over."""
    return [last for last, state in states(evaluation, code) if state != "coming"]


def reasons(evaluation: Evaluation, code: str = "contact") -> Mapping[str, str]:
    """Return by day why what was done counts or does not."""
    found = [verdict for verdict in evaluation.verdicts if verdict.code == code]
    return {str(verdict.fulfilment.day): verdict.reason.value for verdict in found}


def contact_role(code: str = "buyer") -> ClassificationNode:
    return NodeFactory(branch=ClassificationBranch.objects.get(purpose=BranchPurpose.CONTACT_ROLE), code=code)


def refused(code: str, field: str | None = None) -> Any:
    """Expect a broken rule with this code, at this field if one is given."""

    class Expect:
        def __enter__(self) -> None:
            self.raises = pytest.raises(BusinessRuleError)
            self.info = self.raises.__enter__()

        def __exit__(self, *error: Any) -> bool:
            handled = self.raises.__exit__(*error)
            assert self.info.value.code == code
            assert field is None or self.info.value.field == field
            return bool(handled)

    return Expect()
