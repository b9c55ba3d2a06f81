"""Navigation and commands of schemes and segments."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.registry import Command, NavItem, NotificationKind

NAV = (
    NavItem(
        name="schemes",
        label=_("Segmentation schemes"),
        url_name="schemes:list",
        permission="schemes.edit_scheme",
        icon="tags",
        section="admin",
        order=211,
    ),
)
COMMANDS = (
    Command(
        name="schemes",
        label=_("Segmentation schemes"),
        url_name="schemes:list",
        icon="tags",
        keywords="segmentit segmentointi segmentointimallit segments schemes",
        order=61,
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="segment_rules_asked", label=_("Segment rule changes to approve"), icon="tags", by_email=True,
        order=47,
        text=lambda data: gettext("%(user)s asks you to approve a change of who decides about %(segment)s.") % data,
    ),
    NotificationKind(
        name="segment_rules_approved", label=_("Approved segment rule changes"), icon="tags", order=49,
        text=lambda data: gettext("%(user)s approved the change of who decides about %(segment)s.") % data,
    ),
    NotificationKind(
        name="segment_rules_rejected", label=_("Rejected segment rule changes"), icon="tags", order=49,
        text=lambda data: gettext("%(user)s rejected the change of who decides about %(segment)s.") % data,
    ),
)  # fmt: skip
