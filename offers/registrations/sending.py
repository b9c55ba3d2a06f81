"""Where the sending of offers shows: the panel of an offer, what account managers are told, links in messages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.mail import placeholders, private
from crm import registry


def register() -> None:
    panel = registry.Panel(
        name="versions",
        label=gettext_lazy("Versions and sending"),
        url_name="offers:versions",
        permission="offers.view_offer",
        order=30,
    )
    registry.panels.add("offer", panel)
    _register_answer_notifications()
    from offers.mail_link import link_fill
    from offers.services.sending import LINK

    private.fillers.append(link_fill)
    placeholders.ELSEWHERE[LINK] = gettext_lazy(
        "recipient's personal link, in the text of a message that sends an offer"
    )


def _register_answer_notifications() -> None:
    for name, label, text, icon, by_email in (
        ("offer_accepted", gettext_lazy("My offers that were accepted"), _accepted, "check", True),
        ("offer_declined", gettext_lazy("My offers that were declined"), _declined, "x", True),
        ("offer_expiring", gettext_lazy("My offers that are about to expire"), _expiring, "alarm", False),
        ("offer_expired", gettext_lazy("My offers that have expired"), _expired, "hourglass", False),
    ):
        kind = registry.NotificationKind(name=name, label=label, text=text, icon=icon, by_email=by_email, order=60)
        registry.notifications.add("user", kind)


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
