"""The columns of orders and invoice batches, for screen and export."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.tables import Column, Table

CELLS = "orders/orders/cells"
EUROS, DAY = "offers/offers/cells/euros.html", "offers/offers/cells/day.html"

ORDER_TABLE = Table(
    (
        Column("number", _("Number"), link=True),
        Column("title", pgettext_lazy("order", "Title"), link=True, grow=True),
        Column("customer", _("Customer"), template="activities/cells/customer.html"),
        Column(
            "status", _("Status"), template=f"{CELLS}/status.html", export=lambda order: str(order.get_status_display())
        ),
        Column("net", _("Value"), sort="net", numeric=True, template=EUROS),
        Column("owner", _("Account manager"), wide=True),
        Column("type", _("Type"), wide=True),
        Column("date", _("Ordered"), sort="date", template=DAY, wide=True),
        Column("delivery_start", _("Delivery starts"), sort="delivery_start", template=DAY, wide=True),
        Column("delivery_end", _("Delivery ends"), template=DAY, shown=False, wide=True),
        Column("trainer", _("Responsible for the delivery"), shown=False, wide=True),
        Column("place", _("Place"), shown=False, wide=True),
        Column("participants", _("Participants"), numeric=True, shown=False, wide=True),
        Column("contact", _("Contact"), shown=False, wide=True),
        Column("buyer_reference", _("Customer's reference"), shown=False, wide=True),
        Column("vat", _("VAT"), numeric=True, template=EUROS, shown=False, wide=True),
        Column("gross", _("Total with VAT"), numeric=True, template=EUROS, shown=False, wide=True),
        Column("cancel_reason", _("Reason for cancellation"), shown=False, wide=True),
    ),
    "-date",
)

#: The columns of the export; the page has its own layout.
TO_INVOICE_TABLE = Table(
    (
        Column("since", _("In delivery since"), "status_since", sort="status_since"),
        Column("number", _("Number")),
        Column("title", pgettext_lazy("order", "Title")),
        Column("customer", _("Customer")),
        Column("owner", _("Account manager")),
        Column("net", _("Value"), numeric=True),
    ),
    "since",
)

BATCH_TABLE = Table(
    (
        Column("number", _("Number"), link=True),
        Column("created_at", _("Handed over"), sort="created_at", template=DAY),
        Column("day", _("Invoice date"), template=DAY),
        Column("count", _("Invoices"), numeric=True),
        Column("net", _("Total without VAT"), numeric=True, template=EUROS),
        Column("state", _("State"), template=f"{CELLS}/batch_state.html", export=lambda batch: str(batch.state)),
        Column("created_by", _("By"), wide=True),
        Column("vat", _("VAT"), numeric=True, template=EUROS, shown=False, wide=True),
    ),
    "-created_at",
)
