"""Where received mail shows on other pages: navigation, commands, notifications."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm import registry


def register() -> None:
    registry.nav.add(
        "main",
        registry.NavItem(
            name="inbox",
            label=_("E-mail inbox"),
            url_name="activities:inbox",
            permission="activities.use_inbox",
            icon="mail",
            order=44,
            count=_waiting,
        ),
    )
    registry.commands.add(
        "top",
        registry.Command(
            name="mailboxes",
            label=_("Mailboxes that are read"),
            url_name="activities:mailboxes",
            permission="activities.log_activity",
            icon="mail",
            keywords="sähköposti postilaatikko imap drop",
            order=35,
        ),
    )
    for name, label, text, icon in (
        ("email_received", _("A message came from a customer"), _("%(sender)s (%(customer)s): %(subject)s"), "mail"),
        ("email_bounced", _("My message was not delivered"), _("Not delivered: %(subject)s"), "alert-triangle"),
    ):
        registry.notifications.add(
            "user", registry.NotificationKind(name=name, label=label, text=_filled(text), icon=icon, order=60)
        )


def _filled(text: Any) -> Any:
    return lambda data: str(text) % data


def _waiting(user: Any) -> int | str | None:
    from activities.selectors_inbox import waiting_count

    count, more = waiting_count(user)
    return f"{count}+" if more else count or None
