"""Where series show on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm.registry import NotificationKind, Panel


def series_stopped(data: dict[str, Any]) -> str:
    reasons = {
        "customer_passive": _("the customer is passive"),
        "type_retired": _("its type is not used any more"),
        "participant_inactive": _("nobody who took part works here any more"),
    }
    reason = reasons.get(data.get("reason", ""), pgettext("series", "nothing is left of it"))
    return _("“%(title)s” recurs no more: %(reason)s.") % {"title": data.get("title", ""), "reason": reason}


PANELS = (
    Panel(
        place="activity",
        name="series",
        label=gettext_lazy("Recurrence"),
        url_name="activities:series",
        permission="activities.view_activity",
        order=20,
        aside=True,
    ),
)

NOTIFICATIONS = (
    NotificationKind(
        name="series_stopped",
        label=gettext_lazy("A recurring activity has stopped"),
        text=series_stopped,
        icon="refresh",
        order=60,
    ),
)
