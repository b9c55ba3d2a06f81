"""Where the hand-over to invoicing shows on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from crm.registry import Command, NavItem
from offers.selectors_orders import to_invoice_count

VIEW_INVOICING = "offers.view_invoicing"


def _to_invoice(user: Any) -> str | None:
    count, more = to_invoice_count(user)
    return f"{count}+" if more else str(count) if count else None


NAV = (
    NavItem(
        name="invoicing",
        label=gettext_lazy("Invoicing"),
        url_name="offers:invoicing",
        permission=VIEW_INVOICING,
        icon="file-invoice",
        order=56,
        count=_to_invoice,
    ),
)

COMMANDS = (
    *(Command.opening(item) for item in NAV),
    Command(
        name="invoice_batches",
        label=gettext_lazy("Batches of invoices"),
        url_name="offers:invoice_batches",
        permission=VIEW_INVOICING,
        icon="file-invoice",
        order=57,
    ),
)
