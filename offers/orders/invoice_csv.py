"""An invoice batch as CSV for the accounting system, a row for each invoice line, from the rows of the batch only."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from core.exports import write_rows
from offers.orders.models import Invoice, InvoiceBatch, InvoiceLine

#: The column names belong to the file format and do not depend on the user's language.
COLUMNS = (
    "Erä", "Laskun numero", "Laskun päivä", "Eräpäivä", "Viitenumero", "Asiakasnumero", "Asiakas", "Y-tunnus",
    "Katuosoite", "Postinumero", "Postitoimipaikka", "Maa", "Verkkolaskuosoite", "Välittäjä", "Sähköposti",
    "Asiakkaan viite", "Tilaus", "Tilauksen otsikko", "Rivi", "Tuotekoodi", "Nimike", "Määrä", "Yksikkö",
    "Yksikköhinta", "Alennus %", "Alv %", "Veroton summa", "Laskun veroton summa", "Laskun alv", "Laskun loppusumma",
)  # fmt: skip


def batch_csv(batch: InvoiceBatch) -> bytes:
    """Return the batch as CSV for Finnish Excel: BOM, semicolons, decimal commas, formulas escaped."""
    target = io.BytesIO()
    invoices = batch.invoices.order_by("number").prefetch_related("lines")
    write_rows(
        "csv", target, COLUMNS, (_row(batch, invoice, line) for invoice in invoices for line in invoice.lines.all())
    )
    return target.getvalue()


def _row(batch: InvoiceBatch, invoice: Invoice, line: InvoiceLine) -> list[Any]:
    buyer = invoice.buyer
    of_buyer = (
        *("number", "name", "business_id", "street", "postal_code", "city", "country"),
        *("einvoice_address", "einvoice_operator", "email", "reference", "order", "order_title"),
    )
    return [
        batch.number,
        invoice.number,
        f"{batch.day:%d.%m.%Y}",
        f"{invoice.due:%d.%m.%Y}",
        invoice.reference,
        *(buyer[name] for name in of_buyer),
        line.position,
        line.code,
        line.name,
        _number(line.quantity),
        line.unit,
        *(_number(value) for value in (line.unit_price, line.discount, line.vat_rate, line.net)),
        *(_number(value) for value in (invoice.net, invoice.vat, invoice.gross)),
    ]


def _number(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")
