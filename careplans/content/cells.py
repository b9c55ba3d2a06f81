"""Cells of the lists of needs and charges."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from careplans.content.composing import euros_change
from careplans.content.enums import NeedStatus
from careplans.content.providers import yes_no
from careplans.content.selectors import customers_of
from core.html import html, safe
from core.templatetags import portaali

#: How many customers a cell names.
MOST = 3
TONES = {
    NeedStatus.OPEN: "warn", NeedStatus.DECLINED: "muted", NeedStatus.LEAD: "ok", NeedStatus.OFFER: "ok",
    NeedStatus.JOINED: "muted",
}  # fmt: skip


def need_status(value: Any, row: Any) -> SafeString:
    return portaali.status(TONES[NeedStatus(row.status)], row.get_status_display())


def customers(value: Any, row: Any) -> SafeString:
    found = customers_of(row)
    links = ((reverse("carecontent:tab", args=[one.customer_id]), one.customer) for one in found[:MOST])
    if not found:
        return SafeString("–")
    shown = format_html_join(", ", '<a href="{}">{}</a>', links)
    more = f" +{len(found) - MOST}" if len(found) > MOST else ""
    return html('<span class="cell-names">{}{}</span>', shown, more)


def answer(value: bool | None, row: Any) -> str:
    return yes_no(value)


def change(value: Any, row: Any) -> SafeString:
    if value is None:
        return SafeString("–")
    return safe(euros_change(value))


def charge_customer(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.customer)
