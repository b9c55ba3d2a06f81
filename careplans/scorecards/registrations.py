"""What scorecards and the customer strategy add to other apps and their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careplans.scorecards.forms import PerspectiveForm
from careplans.scorecards.goals import goals_of_cards
from careplans.scorecards.models import Perspective, Scorecard
from core.choice_lists import ChoiceList
from core.registry import Command, NavItem, NotificationKind, Panel
from segmentation.metrics.value_mode import sees_value

CHOICE_LISTS = (
    ChoiceList(
        "perspectives", Perspective, PerspectiveForm,
        seen=lambda user: Q() if sees_value(user) else Q(is_value=False),
    ),
)  # fmt: skip
CUSTOMER_GOALS = (goals_of_cards,)
NAV = (
    NavItem(
        name="scorecards", label=gettext_lazy("Scorecards"), url_name="scorecards:list",
        permission="scorecards.view_card", icon="target", section="management", part="care", order=69,
        count=Scorecard.objects.awaiting, count_query="awaiting=true",
        count_label=gettext_lazy("waiting for my decision"),
    ),
)  # fmt: skip
COMMANDS = (
    Command.opening(NAV[0], keywords="tuloskortit tuloskortti tavoitteet mittarit scorecards goals"),
    Command(
        name="customer_strategy", label=gettext_lazy("Customer strategy"), url_name="scorecards:strategy",
        icon="target", permission="scorecards.view_strategy", keywords="asiakasstrategia arvot strategy values",
        order=70,
    ),
)  # fmt: skip
PANELS = (
    Panel(
        place="care_plan", name="scorecards", label=gettext_lazy("Scorecards"), url_name="scorecards:customer",
        permission="scorecards.view_panel", order=20,
    ),
)  # fmt: skip


def _card(data: Mapping[str, Any]) -> dict[str, Any]:
    subject = data["subject"] or _("Customer strategy")
    return {**data, "card": _("Scorecard %(year)d: %(subject)s") % {"year": data["year"], "subject": subject}}


def _strategy(data: Mapping[str, Any]) -> dict[str, Any]:
    return {**data, "card": _("Customer strategy, version %d") % data["number"]}


def _to_approve(data: Mapping[str, Any]) -> str:
    return _("%(by)s sent to be approved: %(card)s") % data


def _returned(data: Mapping[str, Any]) -> str:
    return _("%(by)s sent back: %(card)s: %(reason)s") % data


def _approved(data: Mapping[str, Any]) -> str:
    return _("%(by)s approved: %(card)s") % data


def _reopened(data: Mapping[str, Any]) -> str:
    return _("%(by)s opened again: %(card)s: %(reason)s") % data


NOTIFICATIONS = (
    NotificationKind(
        name="scorecard_to_approve", label=gettext_lazy("Scorecards to approve"),
        text=lambda data: _to_approve(_card(data)), icon="target", by_email=True,
    ),
    NotificationKind(
        name="scorecard_returned", label=gettext_lazy("Scorecards sent back"),
        text=lambda data: _returned(_card(data)), icon="arrow-back-up",
    ),
    NotificationKind(
        name="scorecard_approved", label=gettext_lazy("Scorecards approved"),
        text=lambda data: _approved(_card(data)), icon="check",
    ),
    NotificationKind(
        name="scorecard_reopened", label=gettext_lazy("Scorecards opened again"),
        text=lambda data: _reopened(_card(data)), icon="refresh",
    ),
    NotificationKind(
        name="strategy_to_approve", label=gettext_lazy("Versions of the customer strategy to approve"),
        text=lambda data: _to_approve(_strategy(data)), icon="target", by_email=True,
    ),
    NotificationKind(
        name="strategy_returned", label=gettext_lazy("Versions of the customer strategy sent back"),
        text=lambda data: _returned(_strategy(data)), icon="arrow-back-up",
    ),
    NotificationKind(
        name="strategy_approved", label=gettext_lazy("Versions of the customer strategy approved"),
        text=lambda data: _approved(_strategy(data)), icon="check",
    ),
)  # fmt: skip
