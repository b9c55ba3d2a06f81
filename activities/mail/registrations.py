"""The navigation, panels, commands, notifications and other registrations of mail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.urls import ResolverMatch, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.log.models import Activity
from activities.log.plugs import TextSource, TypeDetails
from activities.mail.bulk import EmailContacts, EmailCustomers, FileMessages, IgnoreMessages
from activities.mail.conditions import CONDITION_FIELDS  # noqa: F401 - declared
from activities.mail.enums import EMAIL, ON_THEIR_WAY
from activities.mail.metrics import METRIC_SOURCES, METRICS  # noqa: F401 - declared
from activities.mail.models import EmailMessage, MailboxReference
from activities.mail.selectors import activity_ids_of_messages, activity_ids_with, message_bodies, waiting_for
from activities.mail.services.messages import MESSAGES
from core.permissions import allowed
from core.registry import Command, NavItem, NotificationKind, Panel, SearchHit
from customers.models import Customer
from customers.page_commands import subject_near

SEND = "mail.send_email"
CONDITION_REFERENCES = (MailboxReference,)


def _received(data: dict[str, Any]) -> str:
    return gettext("%(sender)s (%(customer)s): %(subject)s") % data


def sending_words(activity: Any) -> str:
    """Return that the message of an activity is on its way, or nothing."""
    message = EmailMessage.objects.filter(activity=activity).only("state").first()
    return gettext("sending…") if message and message.state in ON_THEIR_WAY else ""


def _thread(activity: Activity) -> int | None:
    message = getattr(activity, "email", None)
    return message.thread_id if message else None


PANELS = (
    Panel(
        place="start",
        name="start_inbox",
        label=_("E-mail inbox"),
        url_name="mail:start_inbox",
        permission="mail.use_inbox",
        order=38,
    ),
    Panel(
        place="activity",
        name="message",
        label=_("Message"),
        url_name="mail:message",
        permission="mail.view_message",
        order=4,
    ),
)
BULK_OPERATIONS = (EmailCustomers(), EmailContacts(), FileMessages(), IgnoreMessages())
#: Commands that are also links of the profile page.
SETTINGS = (
    Command(
        name="email_templates",
        label=_("E-mail templates"),
        url_name="mail:templates",
        permission=SEND,
        icon="file-text",
        keywords="viestipohjat sähköposti",
        order=45,
    ),
    Command(
        name="mail_settings",
        label=_("E-mail settings"),
        url_name="mail:settings",
        permission=SEND,
        icon="settings",
        keywords="allekirjoitus signature sähköposti",
        order=45,
    ),
)
RICH_TEXTS = (
    "mail.EmailTemplate.body_fi",
    "mail.EmailTemplate.body_en",
    "mail.EmailMessage.body",
)


def page_commands(user: Any, match: ResolverMatch) -> list[SearchHit]:
    """Return the command that writes to the customer or contact of the open page."""
    subject = subject_near(user, match)
    if subject is None or not allowed(user, SEND):
        return []
    about = "customer" if isinstance(subject, Customer) else "contact"
    url = reverse("mail:compose", query={about: subject.pk})
    return [SearchHit(gettext("Write an e-mail: %s") % subject, "", url, "mail")]


PAGE_COMMANDS = (page_commands,)
OUTBOXES = (MESSAGES,)
SERIES_TRACES = (activity_ids_of_messages,)
TEXT_SOURCES = (TextSource(activity_ids=activity_ids_with, texts=message_bodies),)
COMMANDS = (
    Command(
        name="mailboxes",
        label=_("Mailboxes"),
        url_name="mail:mailboxes",
        permission="activities.log_activity",
        icon="mail",
        keywords="sähköposti postilaatikko imap drop",
        order=35,
    ),
    Command(
        name="compose",
        label=_("Write an e-mail"),
        url_name="mail:compose",
        permission=SEND,
        icon="mail",
        keywords="sähköposti viesti e-mail message",
        order=45,
    ),
    *SETTINGS,
    *(replace(command, place="profile") for command in SETTINGS),
)


NAV = (
    NavItem(
        name="inbox",
        label=_("E-mail inbox"),
        url_name="mail:inbox",
        permission="mail.use_inbox",
        icon="mail",
        order=44,
        count=waiting_for,
        count_label=_("waiting to be filed"),
    ),
)


TYPE_DETAILS = (
    TypeDetails(
        code=EMAIL,
        label=_("e-mail"),
        group=_thread,
        group_related=("email",),
        upload_label=_("Add e-mail"),
        upload_url_name="mail:capture",
        is_written=True,
        pending=sending_words,
    ),
)


NOTIFICATIONS = (
    NotificationKind(
        name="email_received",
        label=_("Message received from a customer"),
        text=_received,
        icon="mail",
        order=60,
    ),
    NotificationKind(
        name="email_bounced",
        label=_("My message was not delivered"),
        text=lambda data: gettext("Not delivered: %(subject)s") % data,
        icon="alert-triangle",
        order=60,
    ),
    NotificationKind(
        name="email_failed",
        label=_("My message was not sent"),
        text=lambda data: gettext("“%(subject)s” was not sent to all recipients.") % data,
        icon="mail",
        order=45,
    ),
)
