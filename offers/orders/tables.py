"""The columns of orders and invoice batches, for screen and export."""

from __future__ import annotations

from django.db.models import Case, F, Q, TextField, Value, When
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core.tables import Column, Table, Total
from offers.offers.tables import SUM_OF_NET, SUM_OF_VAT
from offers.orders import cells


def _state_sql() -> Case:
    """Return the text of :attr:`InvoiceBatch.state`."""
    return Case(
        When(taken_back_at__isnull=False, then=Value(gettext("taken back"))),
        When(fetched_at__isnull=False, then=Value(pgettext("batch", "downloaded"))),
        default=Value(pgettext("batch", "not downloaded yet")),
        output_field=TextField(),
    )


ORDER_TABLE = Table(
    (
        Column("number", _("Number"), link=True),
        Column("title", pgettext_lazy("order", "Title"), link=True, grow=True),
        Column("customer", _("Customer"), cell=core_cells.link, long=True),
        Column(
            "status", _("Status"), cell=cells.status,
            export=lambda order: str(order.get_status_display()),
            sql="get_status_display",
        ),
        Column("net", _("Value"), sort="net", numeric=True, cell=core_cells.euros, total=Total("net", SUM_OF_NET)),
        Column("owner", _("Account manager"), long=True, wide=True),
        Column("type", _("Type"), long=True, wide=True),
        Column("date", _("Ordered"), sort="date", cell=core_cells.day, wide=True),
        Column("delivery_start", _("Delivery starts"), sort="delivery_start", cell=core_cells.day, wide=True),
        Column("delivery_end", _("Delivery ends"), cell=core_cells.day, shown=False, wide=True),
        Column("trainer", _("Responsible for the delivery"), shown=False, wide=True),
        Column("place", _("Place"), shown=False, wide=True),
        Column("participants", _("Participants"), numeric=True, shown=False, wide=True),
        Column("contact", _("Contact"), shown=False, wide=True),
        Column("buyer_reference", _("Customer's reference"), shown=False, wide=True),
        Column("vat", _("VAT"), numeric=True, cell=core_cells.euros, shown=False, wide=True,
               total=Total("vat", SUM_OF_VAT)),
        Column("gross", _("Total with VAT"), numeric=True, cell=core_cells.euros, shown=False, wide=True,
               sql=lambda user: F("net") + F("vat")),
        Column("cancel_reason", _("Reason for cancellation"), shown=False, wide=True),
    ),
    "-date",
    ("customer", "status", "net"),
)  # fmt: skip

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
    ("number", "customer", "net"),
)

BATCH_TABLE = Table(
    (
        Column("number", _("Number"), link=True),
        Column("created_at", _("Handed over"), sort="created_at", cell=core_cells.day),
        Column("day", _("Invoice date"), cell=core_cells.day),
        Column("count", _("Invoices"), numeric=True),
        Column("net", _("Total without VAT"), numeric=True, cell=core_cells.euros,
               total=Total("net", _("Invoices without VAT of the batches that match and were not taken back, in euros"),
                           Q(taken_back_at__isnull=True))),
        Column("state", _("State"), cell=cells.batch_state, export=lambda batch: str(batch.state),
               sql=lambda user: _state_sql()),
        Column("created_by", _("By"), wide=True),
        Column("vat", _("VAT"), numeric=True, cell=core_cells.euros, shown=False, wide=True,
               total=Total("vat", SUM_OF_VAT, Q(taken_back_at__isnull=True))),
    ),
    "-created_at",
    ("day", "state", "net"),
)  # fmt: skip
