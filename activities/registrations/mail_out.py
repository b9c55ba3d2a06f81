"""Where written messages show on other pages: the message of an activity, writing to ticked rows, commands."""

from __future__ import annotations

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm import registry

SEND = "activities.send_email"


def register() -> None:
    panel = registry.Panel(
        name="message", label=_("Message"), url_name="activities:message", permission="activities.view_message", order=5
    )
    registry.panels.add("activity", panel)
    for place in ("contacts", "customers"):
        action = registry.BulkAction(
            name="email", label=_("E-mail"), url_name=f"activities:compose_{place}", permission=SEND, icon="mail"
        )
        registry.bulk_actions.add(place, action)
    _register_commands()
    registry.notifications.add(
        "user",
        registry.NotificationKind(
            name="email_failed",
            label=_("A message of yours was not sent"),
            text=lambda data: _now("“%(subject)s” was not sent, or not to everybody.") % data,
            icon="mail",
            by_email=False,
            order=50,
        ),
    )


def _register_commands() -> None:
    for name, label, icon, keywords in (
        ("compose", _("Write an e-mail"), "mail", "sähköposti viesti e-mail message"),
        ("email_templates", _("E-mail templates"), "file-text", "viestipohjat sähköposti"),
        ("mail_settings", _("E-mail settings"), "settings", "allekirjoitus signature sähköposti"),
    ):
        command = registry.Command(
            name=name,
            label=label,
            url_name=f"activities:{name}",
            permission=SEND,
            icon=icon,
            keywords=keywords,
            order=45,
        )
        registry.commands.add("top", command)
        if name != "compose":
            registry.commands.add("profile", command)
