"""Where the hand-over to invoicing shows on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from crm import registry

VIEW_INVOICING = "offers.view_invoicing"


def register() -> None:
    entry: dict[str, Any] = {
        "name": "invoicing",
        "label": gettext_lazy("Invoicing"),
        "url_name": "offers:invoicing",
        "permission": VIEW_INVOICING,
        "icon": "file-invoice",
        "order": 56,
    }
    registry.nav.add("main", registry.NavItem(**entry, count=_to_invoice))
    registry.commands.add("top", registry.Command(**entry))
    batches = entry | {"name": "invoice_batches", "label": gettext_lazy("Batches of invoices"), "order": 57}
    registry.commands.add("top", registry.Command(**batches | {"url_name": "offers:invoice_batches"}))


def _to_invoice(user: Any) -> str | None:
    from offers.selectors_orders import to_invoice_count

    count, more = to_invoice_count(user)
    return f"{count}+" if more else str(count) if count else None
