"""Who may open and change care plans: their part of the tables of pages and endpoints."""

from __future__ import annotations

import datetime as dt
from typing import Any

from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from careplans.caremodels.models import SkipReason
from careplans.caremodels.tests.factories import CareActionFactory, CareModelFactory, approved_version
from careplans.plans.models import (
    CustomerAction,
    CustomerActionResponsible,
    ModelStay,
    OccurrenceCorrection,
    OccurrenceDecision,
    PlanApproval,
    PlanException,
    PlanUpdate,
)
from core import clock
from segmentation.criteria.tests.factories import SegmentFactory
from tests.security.cast import ADMIN, NONE, OWN, READ, WORK

PK = "(?P<pk>[^/.]+)"
PLAN = "customers/<int:pk>/care-plan/"
ACTION = f"{PLAN}actions/<slug:care_code>/"
OCCURRENCE = f"{ACTION}occurrences/<str:care_occurrence>/"
PAGES: dict[str, tuple[str, str]] = {
    PLAN: (READ, NONE),
    ACTION: (READ, NONE),
    f"{OCCURRENCE}skip/": (OWN, OWN),
    f"{OCCURRENCE}postpone/": (OWN, OWN),
    f"{ACTION}done/<slug:care_source>/<int:care_done>/": (OWN, OWN),
    f"{PLAN}exceptions/new/": (OWN, OWN),
    f"{PLAN}own/new/": (OWN, OWN),
    f"{PLAN}updates/new/": (OWN, OWN),
    "care-plans/": (READ, NONE),
    "care-plans/approvals/": (READ, NONE),
    "care-plans/approvals/<int:pk>/approve/": (ADMIN, ADMIN),
    "care-plans/approvals/<int:pk>/reject/": (ADMIN, ADMIN),
    "care-plans/approvals/<int:pk>/ask/": (OWN, OWN),
    "care-plans/exceptions/": (READ, NONE),
    "care-plans/exceptions/<int:pk>/approve/": (ADMIN, ADMIN),
    "care-plans/exceptions/<int:pk>/reject/": (ADMIN, ADMIN),
    "care-plans/exceptions/<int:pk>/end/": (OWN, OWN),
    "care-plans/actions/": (READ, NONE),
    "care-plans/actions/<int:pk>/edit/": (OWN, OWN),
    "care-plans/actions/<int:pk>/approve/": (ADMIN, ADMIN),
    "care-plans/actions/<int:pk>/reject/": (ADMIN, ADMIN),
    "care-plans/actions/<int:pk>/end/": (OWN, OWN),
    "care-plans/actions/<int:pk>/resume/": (OWN, OWN),
    "care-plans/decisions/<int:pk>/undo/": (OWN, OWN),
    "care-plans/corrections/<int:pk>/undo/": (OWN, OWN),
    "care-plans/updates/<int:pk>/remove/": (OWN, OWN),
}
API: dict[str, dict[str, str]] = {
    "^care-plans/$": {"get": READ},
    f"^care-plans/{PK}/$": {"get": READ},
    **{f"^care-plans/{PK}/{name}/$": {"post": OWN} for name in ("skip", "postpone", "correct", "updates")},
    "^care-occurrences/$": {"get": READ},
    "^care-plan-approvals/$": {"get": READ},
    f"^care-plan-approvals/{PK}/$": {"get": READ},
    **{f"^care-plan-approvals/{PK}/{name}/$": {"post": ADMIN} for name in ("approve", "reject")},
    f"^care-plan-approvals/{PK}/ask/$": {"post": OWN},
    "^care-plan-exceptions/$": {"get": READ, "post": WORK},
    f"^care-plan-exceptions/{PK}/$": {"get": READ},
    **{f"^care-plan-exceptions/{PK}/{name}/$": {"post": ADMIN} for name in ("approve", "reject")},
    f"^care-plan-exceptions/{PK}/end/$": {"post": OWN},
    "^customer-care-actions/$": {"get": READ, "post": WORK},
    f"^customer-care-actions/{PK}/$": {"get": READ, "patch": OWN},
    f"^customer-care-actions/{PK}/end/$": {"post": OWN},
    **{f"^customer-care-actions/{PK}/{name}/$": {"post": ADMIN} for name in ("approve", "reject")},
}
KINDS = {
    "care-plans/": "customer",
    "care-plans/approvals/": "plan_approval",
    "care-plans/approvals/<int:pk>/ask/": "rejected_plan",
    "care-plan-approvals/": "plan_approval",
    f"care-plan-approvals/{PK}/ask/": "rejected_plan",
    "care-plan-exceptions/": "plan_exception",
    "care-plans/exceptions/": "plan_exception",
    "customer-care-actions/": "own_action",
    "care-plans/actions/": "own_action",
    "care-plans/decisions/": "care_decision",
    "care-plans/corrections/": "care_correction",
    "care-plans/updates/": "plan_update",
}


def _own_action(customer: Any, text: str) -> CustomerAction:
    row = CustomerAction.objects.create(
        customer=customer, code="own-report", name_fi=f"Raportti{text}"[:120], name_en=f"Report{text}"[:120],
        description_en=f"Report{text}"[:2_000], completed_by=["activity"], frequency="months", count=1,
        activity_type=ActivityType.objects.get(code="call"), first="2026-01-01",
    )  # fmt: skip
    CustomerActionResponsible.objects.create(action=row, role="owner")
    return row


def _approvals(customer: Any, text: str) -> dict[str, Any]:
    """A plan that waits for management, and one that was rejected."""
    waiting, rejected = (
        approved_version(CareModelFactory(segment=SegmentFactory(needs_approval=True))) for _number in range(2)
    )  # fmt: skip
    about: dict[str, Any] = {"customer": customer, "asked_on": "2026-11-01"}
    decided = {"status": "rejected", "decided_on": "2026-11-02", "note": f"No{text}"[:1_000]}
    return {
        "plan_approval": PlanApproval.objects.create(model_version=waiting, **about),
        "rejected_plan": PlanApproval.objects.create(model_version=rejected, **about, **decided),
    }


def careplan_rows(users: dict[str, Any], customer: Any, text: str) -> dict[str, Any]:
    """A model that applies to the customer with a monthly contact, what was done, decided, asked for and approved."""
    today, owner = clock.today(), users["owner"]
    version = approved_version(valid_from=dt.date(2026, 1, 1))
    CareActionFactory(version=version, code="contact", name_en=f"Keep in touch{text}"[:120], is_contact=True)
    ModelStay.objects.create(customer=customer, model=version.model, first="2026-01-01")
    done = activity_log(
        user=owner, type=ActivityType.objects.get(code="call"), customer=customer, title="Called",
        start=clock.now() - dt.timedelta(days=40),
    )  # fmt: skip
    last = (today.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    reason = SkipReason.objects.create(
        code="world", name_fi=f"Asiakas{text}"[:120], name_en=f"Customer{text}"[:120]
    )  # fmt: skip
    about: dict[str, Any] = {"customer": customer, "code": "contact"}
    return {
        "care_code": "contact",
        "care_occurrence": f"calendar:{last}:",
        "care_source": "activity",
        "care_done": done.pk,
        "care_reason": reason,
        "own_action": _own_action(customer, text),
        "plan_exception": PlanException.objects.create(
            kind="left_out", first=today + dt.timedelta(days=100), last=today + dt.timedelta(days=200),
            reason=f"Reason{text}"[:1_000], requested_by=users["colleague"], **about,
        ),
        "care_decision": OccurrenceDecision.objects.create(
            kind="calendar", start="2026-03-31", decision="skip", reason=reason, note=text[:1_000], user=owner,
            entered="2026-03-01", **about,
        ),
        "care_correction": OccurrenceCorrection.objects.create(
            source="activity", fulfilment_id=done.pk, note=text[:1_000], user=owner, **about
        ),
        "plan_update": PlanUpdate.objects.create(
            customer=customer, day="2026-02-01", user=owner, note=text[:4_000], accepted_by=f"Maija{text}"[:200]
        ),
        **_approvals(customer, text),
    }  # fmt: skip
