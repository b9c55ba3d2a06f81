"""What care models add to other pages, and what the apps below know of who was served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.caremodels.enums import EventKind, FulfilKind
from careplans.caremodels.fulfilment import (
    activities_served,
    deliveries_of,
    negative_feedback_of,
    offers_served,
    orders_served,
    quiet_since,
    segment_changes_of,
    surveys_served,
)
from careplans.caremodels.models import SkipReason
from careplans.caremodels.plugs import EventSource, Fulfiller
from core.choice_lists import ChoiceForm, ChoiceList
from core.enums import Stance
from core.registry import Command, NavItem, NotificationKind

NAV = (
    NavItem(
        name="care_models", label=gettext_lazy("Care models"), url_name="caremodels:list",
        permission="caremodels.view_models", icon="heart-handshake", section="management", part="care", order=64,
    ),
)  # fmt: skip
COMMANDS = (
    Command.opening(NAV[0], keywords="hoitomallit hoitosuunnitelma toimenpiteet care plans models"),
    Command(
        name="statutory", label=gettext_lazy("Statutory tasks"), url_name="caremodels:statutory", icon="shield-lock",
        permission="caremodels.view_models", keywords="lakisääteiset tehtävät law statutory", order=65,
    ),
    Command(
        name="terms", label=pgettext_lazy("semester", "Terms"), url_name="caremodels:terms", icon="calendar",
        permission="caremodels.view_models", keywords="lukukaudet terms semesters", order=66,
    ),
    Command(
        name="skip_reasons", label=gettext_lazy("Reasons to leave out or postpone"), url_name="activities:types",
        icon="list-check", permission="activities.edit_type", order=67,
        keywords="hyväksytyt syyt poisjättö siirto accepted reasons skip postpone",
    ),
)  # fmt: skip
FULFILLERS = tuple(
    Fulfiller(kind=kind.value, label=kind.label, served=served)
    for kind, served in (
        (FulfilKind.ACTIVITY, activities_served),
        (FulfilKind.OFFER, offers_served),
        (FulfilKind.ORDER, orders_served),
        (FulfilKind.SURVEY, surveys_served),
    )
)
CARE_EVENTS = (
    EventSource(kind=EventKind.SEGMENT_CHANGED.value, events=segment_changes_of),
    EventSource(kind=EventKind.ORDER_DELIVERED.value, events=deliveries_of),
    EventSource(kind=EventKind.NEGATIVE_FEEDBACK.value, events=negative_feedback_of),
    EventSource(kind=EventKind.NO_CONTACT.value, events=quiet_since),
)


def _to_team(data: Mapping[str, Any]) -> str:
    return _("%(by)s asks for your opinion: %(version)s") % data


def _opinion(data: Mapping[str, Any]) -> str:
    if data.get("stance") == Stance.OBJECTS:
        return _("%(by)s objects to this: %(version)s") % data
    return _("%(by)s agrees: %(version)s") % data


def _to_approve(data: Mapping[str, Any]) -> str:
    return _("%(by)s sent %(version)s to be approved") % data


def _returned(data: Mapping[str, Any]) -> str:
    return _("%(by)s sent %(version)s back: %(reason)s") % data


def _approved(data: Mapping[str, Any]) -> str:
    return _("%(by)s approved %(version)s") % data


NOTIFICATIONS = (
    NotificationKind(
        name="care_version_to_team", label=gettext_lazy("Care models to review"), text=_to_team,
        icon="heart-handshake",
    ),
    NotificationKind(
        name="care_version_opinion", label=gettext_lazy("Opinions of the account team about care models"),
        text=_opinion, icon="heart-handshake",
    ),
    NotificationKind(
        name="care_version_to_approve", label=gettext_lazy("Care models to approve"), text=_to_approve,
        icon="heart-handshake", by_email=True,
    ),
    NotificationKind(
        name="care_version_returned", label=gettext_lazy("Care models sent back"), text=_returned, icon="arrow-back-up"
    ),
    NotificationKind(
        name="care_version_approved", label=gettext_lazy("Care models approved"), text=_approved, icon="check"
    ),
)  # fmt: skip


class SkipReasonForm(ChoiceForm):
    class Meta(ChoiceForm.Meta):
        fields = ("name_fi", "name_en", "code", "is_accepted", "order")


CHOICE_LISTS = (ChoiceList("skip-reasons", SkipReason, SkipReasonForm),)
