"""Where invitations and feeds show on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.mail.handlers import MessageHandler
from activities.services.invitation_mails import INVITATIONS
from activities.services.invitations import activity_ids_of_invitations, has_replies, invitation_replies_read
from crm.registry import Command, NotificationKind, Panel


def invitation_answered(data: dict[str, Any]) -> str:
    texts = {
        "accepted": _("%(who)s comes: “%(title)s”."),
        "tentative": _("%(who)s may come: “%(title)s”."),
        "declined": _("%(who)s does not come: “%(title)s”."),
    }
    words = {"who": data.get("who", ""), "title": data.get("title", "")}
    return texts.get(data.get("answer", ""), texts["tentative"]) % words


def invitation_failed(data: dict[str, Any]) -> str:
    text = _("The invitation of %(who)s to “%(title)s” was not sent, or it is not known whether it was.")
    return text % {"who": data.get("who", ""), "title": data.get("title", "")}


PANELS = (
    Panel(
        place="activity",
        name="invitations",
        label=gettext_lazy("Invitations"),
        url_name="activities:invitations",
        permission="activities.view_activity",
        order=30,
        aside=True,
    ),
)

COMMANDS = (
    Command(
        name="feeds",
        label=gettext_lazy("Calendar in other programs"),
        url_name="activities:feeds",
        permission="activities.view_activity",
        icon="link",
        order=34,
    ),
    Command(
        name="ical_import",
        label=gettext_lazy("Import a calendar file"),
        url_name="activities:ical_import",
        permission="activities.log_activity",
        icon="upload",
        order=34,
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="invitation_answered",
        label=gettext_lazy("An answer to an invitation"),
        text=invitation_answered,
        icon="calendar-event",
        order=58,
    ),
    NotificationKind(
        name="invitation_failed",
        label=gettext_lazy("Invitations that were not sent"),
        text=invitation_failed,
        icon="calendar-event",
        order=59,
    ),
)

OUTBOXES = (INVITATIONS,)
SERIES_TRACES = (activity_ids_of_invitations,)
MESSAGE_HANDLERS = (
    MessageHandler(
        reason="invitation_answer",
        words=gettext_lazy("An answer to an invitation: it has been read."),
        handles=has_replies,
        handle=invitation_replies_read,
    ),
)
