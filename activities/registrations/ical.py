"""Where series, invitations and feeds show on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm import registry


def register() -> None:
    from activities import jobs_ical  # noqa: F401 - its handler registers itself

    _register_panels()
    _register_commands()
    _register_notifications()


def _register_panels() -> None:
    for name, label, order in (
        ("series", gettext_lazy("Recurrence"), 20),
        ("invitations", gettext_lazy("Invitations"), 30),
    ):
        registry.panels.add(
            "activity",
            registry.Panel(
                name=name,
                label=label,
                url_name=f"activities:{name}",
                permission="activities.view_activity",
                order=order,
                aside=True,
            ),
        )


def _register_commands() -> None:
    for name, label, permission, icon in (
        ("feeds", gettext_lazy("Calendar in other programs"), "activities.view_activity", "link"),
        ("ical_import", gettext_lazy("Import a calendar file"), "activities.log_activity", "upload"),
    ):
        registry.commands.add(
            "top",
            registry.Command(
                name=name,
                label=label,
                url_name=f"activities:{name}",
                permission=permission,
                icon=icon,
                order=34,
            ),
        )


def _register_notifications() -> None:
    registry.notifications.add(
        "user",
        registry.NotificationKind(
            name="invitation_answered",
            label=gettext_lazy("An answer to an invitation"),
            text=invitation_answered,
            icon="calendar-event",
            order=58,
        ),
    )
    registry.notifications.add(
        "user",
        registry.NotificationKind(
            name="invitation_failed",
            label=gettext_lazy("Invitations that were not sent"),
            text=invitation_failed,
            icon="calendar-event",
            order=59,
        ),
    )
    registry.notifications.add(
        "user",
        registry.NotificationKind(
            name="series_stopped",
            label=gettext_lazy("A recurring activity has stopped"),
            text=series_stopped,
            icon="refresh",
            order=60,
        ),
    )


def series_stopped(data: dict[str, Any]) -> str:
    reasons = {
        "customer_passive": _("the customer is passive"),
        "type_retired": _("its type is not used any more"),
        "participant_inactive": _("nobody who took part works here any more"),
    }
    reason = reasons.get(data.get("reason", ""), pgettext("series", "nothing is left of it"))
    return _("“%(title)s” recurs no more: %(reason)s.") % {"title": data.get("title", ""), "reason": reason}


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
