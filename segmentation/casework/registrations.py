"""What segmentation work adds to other pages: advice, navigation, panels, notifications, bulk operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.bulk.operations import RunPage
from core.registry import Command, NavItem, NotificationKind, Panel
from core.segments import SegmentAdvice
from segmentation.casework.bulk import AcceptOperation, AskOperation, KeepOperation, segments_of_run
from segmentation.casework.models import Override
from segmentation.casework.selectors import own_suggestions
from segmentation.casework.services import advice
from segmentation.criteria.plugs import Refusals

SEGMENT_ADVICE = (SegmentAdvice(suggested=advice.suggested, against=advice.against, decided=advice.decided),)
SUGGESTION_REFUSALS = (Refusals(rows=Override.objects.in_force),)
BULK_OPERATIONS = (AcceptOperation(), AskOperation(), KeepOperation())
BULK_RUN_PAGES = (RunPage(label=_("Progress by owner"), url_name="casework:run_owners", fits=segments_of_run),)

NAV = (
    NavItem(
        name="segment_work",
        label=_("Segmentation work"),
        short=pgettext_lazy("menu", "Work waiting"),
        url_name="casework:work",
        permission="casework.view_work",
        icon="list-check",
        section="customers",
        part="segmentation",
        order=26,
        count=own_suggestions,
        count_query="mine=true&tab=differs",
        count_label=_("customers of yours have another segment by the criteria"),
    ),
    NavItem(
        name="segment_reviews",
        label=_("Segment reviews"),
        short=pgettext_lazy("menu", "Reviews"),
        url_name="casework:reviews",
        permission="casework.view_review",
        icon="checklist",
        section="management",
        part="segmentation",
        order=63,
    ),
)
COMMANDS = (
    Command.opening(NAV[0], keywords="segmentointityöt segmentit ehdotukset suggestions segments work"),
    Command.opening(NAV[1], keywords="segmenttien vuosikatselmus katselmukset yearly review"),
)
PANELS = (
    Panel(
        place="start",
        name="start_segment_work",
        label=_("Segmentation work"),
        url_name="casework:start_work",
        permission="casework.view_work",
        order=38,
    ),
    Panel(
        place="start",
        name="start_segment_proposals",
        label=pgettext_lazy("panel", "Segment proposals waiting"),
        url_name="casework:start_proposals",
        permission="membership.view_proposal",
        order=39,
    ),
    Panel(
        place="customer",
        name="segment_work",
        label=_("Segment to decide"),
        url_name="casework:customer",
        permission="casework.view_work",
        order=44,
        aside=True,
    ),
)

Text = Callable[[Mapping[str, Any]], str]


def _started(data: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(title)s: %(count)d customer of yours waits for your answer.",
        "%(title)s: %(count)d customers of yours wait for your answer.",
        data["count"],
    )
    return text % data


def _waiting(data: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(count)d proposal of a segment has waited for your decision for %(days)d working days.",
        "%(count)d proposals of segments have waited for your decision for %(days)d working days.",
        data["count"],
    )
    return text % data


def _answered(data: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(person)s answered about segments: %(count)d suggestion.",
        "%(person)s answered about segments: %(count)d suggestions.",
        data["count"],
    )
    return text % data


NOTIFICATIONS = (
    NotificationKind(
        name="proposals_wait", label=_("Reminders about segment proposals"), text=_waiting, icon="tags",
        by_email=True, order=48,
    ),
    NotificationKind(
        name="review_started", label=_("Segment reviews to answer"), text=_started, icon="checklist", by_email=True,
        order=50,
    ),
    NotificationKind(
        name="review_answered", label=_("Segment reviews to decide"), icon="checklist", order=50,
        text=lambda data: gettext("%(title)s: every customer has an answer.") % data,
    ),
    NotificationKind(
        name="review_decided", label=_("Decided segment reviews"), icon="checklist", order=50,
        text=lambda data: gettext("%(user)s decided %(title)s.") % data,
    ),
    NotificationKind(
        name="inquiry_answered", label=_("Answers of former owners"), text=_answered, icon="message", order=50,
    ),
)  # fmt: skip
