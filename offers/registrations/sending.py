"""Where the sending of offers shows: the panel of an offer, what account managers are told, links in messages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.registry import NotificationKind, Panel
from offers.mail_link import link_fill
from offers.services.sending import LINK


def _accepted(data: dict[str, Any]) -> str:
    return _with_comment(_("%(name)s (%(customer)s) accepted the offer %(number)s: %(title)s.") % data, data)


def _declined(data: dict[str, Any]) -> str:
    return _with_comment(_("%(name)s (%(customer)s) declined the offer %(number)s: %(title)s.") % data, data)


def _with_comment(text: str, data: dict[str, Any]) -> str:
    return f"{text} “{data['comment']}”" if data.get("comment") else text


def _expiring(data: dict[str, Any]) -> str:
    return _("The offer %(number)s (%(customer)s) is valid until %(day)s: %(title)s") % _dated(data)


def _expired(data: dict[str, Any]) -> str:
    return _("The offer %(number)s (%(customer)s) expired on %(day)s: %(title)s") % _dated(data)


def _dated(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"day": date_format(dt.date.fromisoformat(data["day"]), "SHORT_DATE_FORMAT")}


PANELS = (
    Panel(
        place="offer",
        name="versions",
        label=gettext_lazy("Versions and sending"),
        url_name="offers:versions",
        permission="offers.view_offer",
        order=30,
    ),
)

MESSAGE_FILLERS = (link_fill,)
MESSAGE_FIELDS = ((LINK, gettext_lazy("recipient's personal link, in the text of a message that sends an offer")),)

NOTIFICATIONS = (
    NotificationKind(
        name="offer_accepted",
        label=gettext_lazy("My offers that were accepted"),
        text=_accepted,
        icon="check",
        by_email=True,
        order=60,
    ),
    NotificationKind(
        name="offer_declined",
        label=gettext_lazy("My offers that were declined"),
        text=_declined,
        icon="x",
        by_email=True,
        order=60,
    ),
    NotificationKind(
        name="offer_expiring",
        label=gettext_lazy("My offers that are about to expire"),
        text=_expiring,
        icon="alarm",
        order=60,
    ),
    NotificationKind(
        name="offer_expired",
        label=gettext_lazy("My offers that have expired"),
        text=_expired,
        icon="hourglass",
        order=60,
    ),
)
