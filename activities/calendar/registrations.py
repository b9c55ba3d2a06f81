"""Navigation, panels, notifications and other registrations of the calendar."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.calendar.invitation_texts import invitation_text
from activities.calendar.services.invitations import (
    INVITATIONS,
    activity_ids_of_invitations,
    has_replies,
    invitation_replies_read,
)
from activities.mail.plugs import MessageHandler
from core.registry import Command, NavItem, NotificationKind, Panel

VIEW = "activities.view_activity"
LOG = "activities.log_activity"

NAV = (
    NavItem(
        name="calendar",
        label=_("Calendar"),
        url_name="calendar:view",
        permission=VIEW,
        icon="calendar",
        order=32,
    ),
    NavItem(name="hours", label=_("Hours"), url_name="calendar:hours", permission=VIEW, icon="clock", order=34),
    NavItem(
        name="team_week",
        label=_("Team week"),
        url_name="calendar:team_week",
        permission=VIEW,
        icon="users-group",
        section="management",
        order=36,
    ),
)


def _answered_text(data: dict[str, Any]) -> str:
    texts = {
        "accepted": gettext("%(who)s will attend: “%(title)s”."),
        "tentative": gettext("%(who)s may attend: “%(title)s”."),
        "declined": gettext("%(who)s will not attend: “%(title)s”."),
    }
    names = {"who": data.get("who", ""), "title": data.get("title", "")}
    return texts.get(data.get("answer", ""), texts["tentative"]) % names


def _failed_text(data: dict[str, Any]) -> str:
    text = gettext("The invitation for %(who)s to “%(title)s” was not sent, or it may not have been.")
    return text % {"who": data.get("who", ""), "title": data.get("title", "")}


NOTIFICATIONS = (
    NotificationKind(
        name="invitation_answered",
        label=_("Answers to invitations"),
        text=_answered_text,
        icon="calendar-event",
        order=58,
    ),
    NotificationKind(
        name="invitation_failed",
        label=_("Invitations that were not sent"),
        text=_failed_text,
        icon="calendar-event",
        order=59,
    ),
)

OUTBOXES = (INVITATIONS,)
SERIES_TRACES = (activity_ids_of_invitations,)
CALENDAR_TEXTS = (invitation_text,)
MESSAGE_HANDLERS = (
    MessageHandler(
        reason="invitation_answer",
        words=_("An answer to an invitation; it has been recorded."),
        handles=has_replies,
        handle=invitation_replies_read,
    ),
)


PANELS = (
    Panel(
        place="start",
        name="start_week",
        label=_("Coming up"),
        url_name="calendar:start_week",
        permission=VIEW,
        order=10,
        aside=True,
        usual=True,
    ),
    Panel(
        place="start",
        name="start_hours",
        label=_("Hours this week"),
        url_name="calendar:start_hours",
        permission=VIEW,
        order=65,
        aside=True,
    ),
    Panel(
        place="activity",
        name="invitations",
        label=_("Invitations"),
        url_name="calendar:invitations",
        permission=VIEW,
        order=30,
        aside=True,
    ),
)

COMMANDS = (
    *(Command.opening(item) for item in NAV),
    Command(
        name="feeds",
        label=_("Subscribe to the calendar"),
        url_name="calendar:feeds",
        permission=VIEW,
        icon="link",
        order=34,
    ),
    Command(
        name="ical_import",
        label=_("Import a calendar file"),
        url_name="calendar:file_import",
        permission=LOG,
        icon="upload",
        order=34,
    ),
)
