"""What criteria add to other pages: navigation, commands, notifications, the customer's panel, conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.enums import Stance
from core.registry import Command, NavItem, NotificationKind, Panel
from segmentation.criteria.conditions import CONDITION_FIELDS, CONDITION_RELATIONS  # noqa: F401 - declared

NAV = (
    NavItem(
        name="suggestions", label=gettext_lazy("Suggestions"), url_name="criteria:suggestions",
        permission="criteria.view_suggestions", icon="bulb", section="customers", part="segmentation", order=36,
    ),
    NavItem(
        name="criteria", label=gettext_lazy("Segmentation criteria"), short=pgettext_lazy("menu", "Criteria"),
        url_name="criteria:list",
        permission="criteria.view_criteria", icon="adjustments", section="management", part="segmentation", order=62,
    ),
)  # fmt: skip
COMMANDS = tuple(Command.opening(item) for item in NAV)


def _reviewed(data: Mapping[str, Any]) -> str:
    return _("%(by)s sent %(criteria)s to be approved") % data


def _to_team(data: Mapping[str, Any]) -> str:
    return _("%(by)s asks for your opinion: %(criteria)s") % data


def _opinion(data: Mapping[str, Any]) -> str:
    said = (
        _("%(by)s objects to this: %(criteria)s")
        if data.get("stance") == Stance.OBJECTS
        else _("%(by)s agrees: %(criteria)s")
    )
    return said % data


def _approved(data: Mapping[str, Any]) -> str:
    return _("%(by)s approved %(criteria)s") % data


def _rejected(data: Mapping[str, Any]) -> str:
    return _("%(by)s rejected %(criteria)s: %(reason)s") % data


NOTIFICATIONS = (
    NotificationKind(
        name="criteria_to_team", label=gettext_lazy("Criteria for the account team"), text=_to_team, icon="adjustments"
    ),
    NotificationKind(
        name="criteria_opinion",
        label=gettext_lazy("Opinions of the account team about criteria"),
        text=_opinion,
        icon="adjustments",
    ),
    NotificationKind(
        name="criteria_reviewed", label=gettext_lazy("Criteria to approve"), text=_reviewed, icon="adjustments"
    ),
    NotificationKind(name="criteria_approved", label=gettext_lazy("Criteria approved"), text=_approved, icon="check"),
    NotificationKind(name="criteria_rejected", label=gettext_lazy("Criteria rejected"), text=_rejected, icon="x"),
)
PANELS = (
    Panel(
        place="customer", name="criteria", label=gettext_lazy("Segment by the criteria"), url_name="criteria:customer",
        permission="criteria.view_suggestions", order=45, aside=True,
    ),
    Panel(
        place="segments", name="segment_criteria", label=gettext_lazy("Segment by the criteria"),
        url_name="criteria:customer", permission="criteria.view_suggestions", order=10,
    ),
    Panel(
        place="segments", name="segment_metrics", label=gettext_lazy("Metrics used by the criteria"),
        url_name="criteria:customer_metrics", permission="criteria.view_suggestions", order=20,
    ),
)  # fmt: skip
