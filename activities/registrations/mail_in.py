"""Where received mail shows on other pages: navigation, commands, notifications."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.selectors_inbox import waiting_count
from crm.registry import Command, NavItem, NotificationKind


def _waiting(user: Any) -> int | str | None:
    count, more = waiting_count(user)
    return f"{count}+" if more else count or None


def _received(data: dict[str, Any]) -> str:
    return gettext("%(sender)s (%(customer)s): %(subject)s") % data


def _bounced(data: dict[str, Any]) -> str:
    return gettext("Not delivered: %(subject)s") % data


NAV = (
    NavItem(
        name="inbox",
        label=_("E-mail inbox"),
        url_name="activities:inbox",
        permission="activities.use_inbox",
        icon="mail",
        order=44,
        count=_waiting,
    ),
)

COMMANDS = (
    Command(
        name="mailboxes",
        label=_("Mailboxes that are read"),
        url_name="activities:mailboxes",
        permission="activities.log_activity",
        icon="mail",
        keywords="sähköposti postilaatikko imap drop",
        order=35,
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="email_received",
        label=_("A message came from a customer"),
        text=_received,
        icon="mail",
        order=60,
    ),
    NotificationKind(
        name="email_bounced",
        label=_("My message was not delivered"),
        text=_bounced,
        icon="alert-triangle",
        order=60,
    ),
)
