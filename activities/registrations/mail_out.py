"""Where written messages show on other pages: the message of an activity, writing to ticked rows, commands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.enums import EMAIL
from activities.models import Activity
from activities.selectors_inbox import activity_ids_of_messages, activity_ids_with, message_bodies
from activities.services.mail_out import MESSAGES
from activities.text_sources import TextSource
from activities.type_details import TypeDetails
from crm.registry import BulkAction, Command, NotificationKind, Panel

SEND = "activities.send_email"


def _failed(data: dict[str, Any]) -> str:
    return gettext("“%(subject)s” was not sent, or not to everybody.") % data


def _thread(activity: Activity) -> int | None:
    message = getattr(activity, "email", None)
    return message.thread_id if message else None


PANELS = (
    Panel(
        place="activity",
        name="message",
        label=_("Message"),
        url_name="activities:message",
        permission="activities.view_message",
        order=4,
    ),
)

BULK_ACTIONS = (
    BulkAction(
        place="contacts",
        name="email",
        label=_("E-mail"),
        url_name="activities:compose_contacts",
        permission=SEND,
        icon="mail",
    ),
    BulkAction(
        place="customers",
        name="email",
        label=_("E-mail"),
        url_name="activities:compose_customers",
        permission=SEND,
        icon="mail",
    ),
)

#: On top and among the links of one's profile.
SETTINGS = (
    Command(
        name="email_templates",
        label=_("E-mail templates"),
        url_name="activities:email_templates",
        permission=SEND,
        icon="file-text",
        keywords="viestipohjat sähköposti",
        order=45,
    ),
    Command(
        name="mail_settings",
        label=_("E-mail settings"),
        url_name="activities:mail_settings",
        permission=SEND,
        icon="settings",
        keywords="allekirjoitus signature sähköposti",
        order=45,
    ),
)
COMMANDS = (
    Command(
        name="compose",
        label=_("Write an e-mail"),
        url_name="activities:compose",
        permission=SEND,
        icon="mail",
        keywords="sähköposti viesti e-mail message",
        order=45,
    ),
    *SETTINGS,
    *(replace(command, place="profile") for command in SETTINGS),
)

NOTIFICATIONS = (
    NotificationKind(
        name="email_failed",
        label=_("A message of yours was not sent"),
        text=_failed,
        icon="mail",
        order=45,
    ),
)

RICH_TEXTS = (
    "activities.EmailTemplate.body_fi",
    "activities.EmailTemplate.body_en",
    "activities.EmailMessage.body",
)
OUTBOXES = (MESSAGES,)
SERIES_TRACES = (activity_ids_of_messages,)
TEXT_SOURCES = (TextSource(activity_ids=activity_ids_with, texts=message_bodies),)
TYPE_DETAILS = (
    TypeDetails(
        code=EMAIL,
        label=_("e-mail"),
        group=_thread,
        group_related=("email",),
        upload_label=_("Add e-mail"),
        upload_url_name="activities:capture",
        is_written=True,
    ),
)
