"""What care plans add to other apps and their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.caremodels.enums import FulfilKind
from careplans.caremodels.plugs import Fulfiller
from careplans.plans.bulk import ApproveOperation
from careplans.plans.fulfilment import updates_served
from careplans.plans.models import (
    CareLook,
    CareTouch,
    CustomerAction,
    InactiveSpan,
    ModelStay,
    OccurrenceCorrection,
    OccurrenceDecision,
    PlanApproval,
    PlanException,
    PlanUpdate,
)
from careplans.plans.selectors import all_action_names
from careplans.plans.services.actions import is_own_code
from careplans.plans.services.members import members_queue, uses_of
from careplans.plans.services.stays import models_follow, plans_follow, segments_follow, stays_queue
from core.registry import Command, NavItem, NotificationKind, Tab

METRIC_REFRESHES = (stays_queue,)
FULFILLERS = (Fulfiller(kind=FulfilKind.PLAN.value, label=FulfilKind.PLAN.label, served=updates_served),)
CARE_MODEL_FOLLOWERS = (models_follow,)
SEGMENT_FOLLOWERS = (segments_follow,)
PRIMARY_SCHEME_FOLLOWERS = (plans_follow,)
MEMBER_FOLLOWERS = (members_queue,)
GROUP_USES = (uses_of,)
CARE_CODES = (is_own_code,)
#: What follows from other rows keeps nothing.
FREE_REFERENCES = tuple((model, "customer") for model in (ModelStay, InactiveSpan, PlanApproval, CareLook, CareTouch))
BULK_OPERATIONS = (ApproveOperation(),)

TABS = (
    Tab(
        place="customer", name="care_plan", label=gettext_lazy("Care plan"), url_name="careplans:tab",
        permission="careplans.view_plan", order=50,
    ),
    Tab(
        place="care_plan", name="plan", label=pgettext_lazy("care plan", "Actions"), url_name="careplans:tab",
        permission="careplans.view_plan", order=10,
    ),
)  # fmt: skip
NAV = (
    NavItem(
        name="care_plans", label=gettext_lazy("Care plans"), url_name="careplans:list",
        permission="careplans.view_plan", icon="heart-handshake", section="customers", part="care", order=28,
    ),
    NavItem(
        name="care_approvals", label=gettext_lazy("Care plans to approve"), short=pgettext_lazy("menu", "To approve"),
        url_name="careplans:approvals",
        permission="careplans.approve_plans", icon="checks", section="management", part="care", order=66,
        count=PlanApproval.objects.awaiting, count_query="awaiting=true",
        count_label=gettext_lazy("care plans wait for your decision"),
    ),
    NavItem(
        name="care_exceptions", label=gettext_lazy("Exceptions of care plans"),
        short=pgettext_lazy("menu", "Exceptions"), url_name="careplans:exceptions",
        permission="careplans.decide_exceptions", icon="adjustments", section="customers", part="care", order=29,
        count=PlanException.objects.awaiting, count_query="awaiting=true",
        count_label=gettext_lazy("exceptions wait for your decision"),
    ),
    NavItem(
        name="care_own_actions", label=gettext_lazy("Customer actions to approve"),
        short=pgettext_lazy("menu", "Customer actions"), url_name="careplans:own_waiting",
        permission="careplans.approve_plans", icon="checks", section="customers", part="care", order=29,
        count=CustomerAction.objects.awaiting, count_query="awaiting=true",
        count_label=gettext_lazy("customer actions wait for your decision"),
    ),
)  # fmt: skip
#: The rows of a customer's plan in the history of the customer.
CUSTOMER_HISTORY = (
    PlanApproval, PlanException, CustomerAction, PlanUpdate, OccurrenceDecision, OccurrenceCorrection,
)  # fmt: skip
#: Codes of actions, and kinds of what was done, in words.
HISTORY_WORDS = (
    *((f"careplans.{model.__name__}.code", all_action_names)
      for model in (PlanException, CustomerAction, OccurrenceDecision, OccurrenceCorrection)),
    ("careplans.OccurrenceCorrection.source", lambda kinds: dict(FulfilKind.choices)),
)  # fmt: skip
COMMANDS = (
    Command.opening(NAV[0], keywords="hoitosuunnitelmat asiakashoito care plans"),
    Command.opening(NAV[1], keywords="hyväksyttävät hoitosuunnitelmat approve care plans"),
    Command.opening(NAV[2], keywords="poikkeukset hoitosuunnitelmista exceptions care plans"),
    Command.opening(NAV[3], keywords="asiakaskohtaiset toimet hyväksyttävät approve customer actions care plans"),
)


def _rejected(data: Mapping[str, Any]) -> str:
    return _("%(by)s rejected the care plan of %(customer)s: %(reason)s") % data


def _decided(data: Mapping[str, Any]) -> str:
    if data["status"] == "approved":
        return _("%(by)s approved the exception of the care plan of %(customer)s") % data
    return _("%(by)s rejected the exception of the care plan of %(customer)s") % data


def _action_rejected(data: Mapping[str, Any]) -> str:
    return _("%(by)s rejected the action “%(action)s” of %(customer)s: %(reason)s") % data


def _action_asked(data: Mapping[str, Any]) -> str:
    return _("%(by)s asks you to approve the action “%(action)s” of %(customer)s") % data


NOTIFICATIONS = (
    NotificationKind(
        name="customer_action_asked", label=gettext_lazy("Customer actions to approve"), text=_action_asked,
        icon="heart-handshake",
    ),
    NotificationKind(
        name="plan_rejected", label=gettext_lazy("Care plans rejected"), text=_rejected, icon="heart-handshake"
    ),
    NotificationKind(
        name="plan_exception_decided", label=gettext_lazy("Care plan exceptions decided"), text=_decided,
        icon="heart-handshake",
    ),
    NotificationKind(
        name="customer_action_rejected", label=gettext_lazy("Customer actions rejected"), text=_action_rejected,
        icon="heart-handshake",
    ),
)  # fmt: skip
