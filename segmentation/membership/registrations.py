"""What the app adds: the service of segments, the customer's tab, the list of proposals, conditions, bulk work."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.inline.declarations import Editable
from core.registry import Command, NavItem, NotificationKind, Tab
from core.segments import SegmentService
from segmentation.membership.bulk import SegmentOperation
from segmentation.membership.conditions import CONDITION_FIELDS  # noqa: F401 - read by core.conditions
from segmentation.membership.models import Proposal
from segmentation.membership.services import moves, proposals
from segmentation.membership.services.present import primary_changed
from segmentation.membership.views.segments import SegmentSetView

SEGMENTS = (
    SegmentService(
        segment_of=moves.segment_of,
        segments_of=moves.segments_of,
        segment_set=moves.segment_set,
        segments_set=moves.segments_set,
        customers_added=moves.customers_added,
        customers_left=moves.customers_left,
        customers_returned=moves.customers_returned,
        primary_changed=primary_changed,
        segment_counts=proposals.segment_counts,
        approval_ended=proposals.approval_ended,
    ),
)

INLINE_FIELDS = (
    (
        "customer",
        Editable(
            name="segment", label=_("Segment"), page=SegmentSetView, form_url_name="membership:set", fields=("segment",)
        ),
    ),
)

TABS = (Tab(place="customer", name="segments", label=_("Segments"), url_name="membership:tab", order=51),)

NAV = (
    NavItem(
        name="segment_proposals",
        label=_("Segment proposals"),
        short=pgettext_lazy("menu", "Proposals"),
        url_name="membership:proposals",
        permission="membership.view_proposal",
        icon="tags",
        section="customers",
        part="segmentation",
        order=27,
        count=Proposal.objects.awaiting,
        count_query="awaiting=true",
        count_label=_("segment proposals wait for your decision"),
    ),
)
COMMANDS = (Command.opening(NAV[0], keywords="segmentit ehdotukset esitykset segments proposals"),)
BULK_OPERATIONS = (SegmentOperation(),)


def _with_text(text: Any) -> Any:
    """Return the text of a notification, with the explanation that it may have."""

    def words(data: dict[str, Any]) -> str:
        said = str(text) % data
        return f"{said} {data['text']}" if data.get("text") else said

    return words


def _many_text(data: dict[str, Any]) -> str:
    text = ngettext(
        "%(count)d customer was proposed: segment %(segment)s.",
        "%(count)d customers were proposed: segment %(segment)s.",
        data["count"],
    )
    return text % data


NOTIFICATIONS = (
    NotificationKind(
        name="segment_proposed",
        label=_("Segment proposals"),
        text=lambda data: gettext("%(user)s proposed %(customer)s: segment %(segment)s.") % data,
        icon="tags",
        by_email=True,
        order=47,
    ),
    NotificationKind(
        name="segments_proposed",
        label=_("Segment proposals for many customers"),
        text=_many_text,
        icon="tags",
        order=48,
    ),
    NotificationKind(
        name="segment_approved",
        label=_("Approved segment proposals"),
        text=_with_text(_("%(customer)s: the segment %(segment)s was approved by %(user)s.")),
        icon="tags",
        order=49,
    ),
    NotificationKind(
        name="segment_rejected",
        label=_("Rejected segment proposals"),
        text=_with_text(_("%(customer)s: the segment %(segment)s was rejected by %(user)s.")),
        icon="tags",
        order=49,
    ),
)
