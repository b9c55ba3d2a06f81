"""Finvoice documents: envelope, parties, details with VAT by rate, rows, payment (Epi), and the ZIP of a batch."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from django.utils import timezone

from offers.orders.finvoice.parties import BIC, IBAN, add_buyer, add_seller, add_transmission
from offers.orders.finvoice.values import CURRENCY as EUR
from offers.orders.finvoice.values import add, add_amount, add_day, add_if, amount, number, text, unit_code
from offers.orders.models import Invoice, InvoiceBatch, InvoiceLine
from offers.products.money import Totals, cents, totals

SCHEMA = {
    "Version": "3.0",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:noNamespaceSchemaLocation": "Finvoice3.0.xsd",
}
TITLES = {"sv": "FAKTURA", "en": "INVOICE"}
TERMS = {"sv": "{} dagar netto", "en": "{} days net"}
OVERDUE = {"sv": "Dröjsmålsränta", "en": "Interest on late payment"}
#: VAT categories by UNTDID 5305: standard rates and what is exempt.
TAXED, EXEMPT = "S", "E"
SEPA_TRANSFER = "58"


def batch_zip(batch: InvoiceBatch) -> bytes:
    """Return the invoices of a batch as a ZIP, one file each; all have the timestamp of the batch."""
    made = timezone.localtime(batch.created_at)
    stamp = (max(made.year, 1980), made.month, made.day, made.hour, made.minute, made.second)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for invoice in batch.invoices.order_by("number").prefetch_related("lines"):
            invoice.batch = batch
            archive.writestr(zipfile.ZipInfo(f"{invoice.number}.xml", stamp), invoice_xml(invoice))
    return target.getvalue()


def invoice_xml(invoice: Invoice) -> bytes:
    """Return an invoice as a Finvoice 3.0 document. Texts are cut to the lengths that the schema gives."""
    seller, buyer, lines = invoice.batch.seller, invoice.buyer, list(invoice.lines.all())
    root = Element("Finvoice", SCHEMA)
    add_transmission(root, invoice.number, timezone.localtime(invoice.batch.created_at), seller, buyer)
    add_seller(root, seller, buyer["seller_contact"])
    add_buyer(root, buyer)
    _add_details(root, invoice, totals((line.net, line.vat_rate) for line in lines))
    for line in lines:
        _add_row(root, line)
    _add_payment(root, invoice)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add_details(root: Element, invoice: Invoice, sums: Totals) -> None:
    buyer, language = invoice.buyer, invoice.buyer["language"]
    details = add(root, "InvoiceDetails")
    add(details, "InvoiceTypeCode", "INV01", {"CodeListAgencyIdentifier": "SPY"})
    add(details, "InvoiceTypeCodeUN", "380")
    add(details, "InvoiceTypeText", TITLES.get(language, "LASKU"))
    add(details, "OriginCode", "Original")
    add(details, "InvoiceNumber", text(invoice.number, 20))
    add_day(details, "InvoiceDate", invoice.batch.day)
    add(details, "SellerReferenceIdentifier", text(buyer["order"], 35))
    add(details, "SellersBuyerIdentifier", text(buyer["number"], 35))
    add_day(details, "OrderDate", dt.date.fromisoformat(buyer["order_date"]))
    add_if(details, "BuyerReferenceIdentifier", text(buyer["reference"], 35))
    add_amount(details, "RowsTotalVatExcludedAmount", sums.net)
    add_amount(details, "InvoiceTotalVatExcludedAmount", sums.net)
    add_amount(details, "InvoiceTotalVatAmount", sums.vat)
    add_amount(details, "InvoiceTotalVatIncludedAmount", sums.gross)
    _add_vat(details, sums, buyer["vat_free"])
    add_if(details, "InvoiceFreeText", text(buyer["order_title"], 512))
    _add_terms(details, invoice, language)


def _add_vat(details: Element, sums: Totals, free_text: str) -> None:
    for rate in sums.rates:
        vat = add(details, "VatSpecificationDetails")
        add_amount(vat, "VatBaseAmount", rate.net)
        add(vat, "VatRatePercent", number(rate.rate))
        add(vat, "VatCode", _vat_code(rate.rate))
        add_amount(vat, "VatRateAmount", rate.vat)
        if not rate.rate:
            add_if(vat, "VatFreeText", text(free_text, 70))


def _vat_code(rate: Decimal) -> str:
    return TAXED if rate else EXEMPT


def _add_terms(details: Element, invoice: Invoice, language: str) -> None:
    terms = add(details, "PaymentTermsDetails")
    days = (invoice.due - invoice.batch.day).days
    add(terms, "PaymentTermsFreeText", TERMS.get(language, "{} pv netto").format(days))
    add_day(terms, "InvoiceDueDate", invoice.due)
    percent = Decimal(invoice.batch.seller["overdue_percent"])
    if percent:
        fine = add(terms, "PaymentOverDueFineDetails")
        interest = f"{OVERDUE.get(language, 'Viivästyskorko')} {number(percent)} %"
        add(fine, "PaymentOverDueFineFreeText", interest)
        add(fine, "PaymentOverDueFinePercent", number(percent))


def _add_row(root: Element, line: InvoiceLine) -> None:
    row = add(root, "InvoiceRow")
    add_if(row, "ArticleIdentifier", text(line.code, 35))
    add(row, "ArticleName", text(line.name, 100))
    add(row, "InvoicedQuantity", number(line.quantity), _unit(line.unit))
    add_amount(row, "UnitPriceAmount", line.unit_price)
    add(row, "RowPositionIdentifier", str(line.position))
    add_if(row, "RowFreeText", text(line.name, 512) if len(line.name) > 100 else "")
    if line.discount:
        full = cents(line.quantity * line.unit_price)
        add(row, "RowDiscountPercent", number(line.discount))
        add_amount(row, "RowDiscountAmount", full - line.net)
        add_amount(row, "RowDiscountBaseAmount", full)
    add(row, "RowVatRatePercent", number(line.vat_rate))
    add(row, "RowVatCode", _vat_code(line.vat_rate))
    add_amount(row, "RowVatExcludedAmount", line.net)


def _unit(unit: str) -> dict[str, str]:
    codes = {"QuantityUnitCode": text(unit, 14), "QuantityUnitCodeUN": unit_code(unit)}
    return {name: code for name, code in codes.items() if code}


def _add_payment(root: Element, invoice: Invoice) -> None:
    seller = invoice.batch.seller
    epi = add(root, "EpiDetails")
    identification = add(epi, "EpiIdentificationDetails")
    add_day(identification, "EpiDate", invoice.batch.day)
    add(identification, "EpiReference", text(invoice.buyer["reference"], 35))
    parties = add(epi, "EpiPartyDetails")
    add(add(parties, "EpiBfiPartyDetails"), "EpiBfiIdentifier", text(seller["bic"], 11), BIC)
    beneficiary = add(parties, "EpiBeneficiaryPartyDetails")
    add(beneficiary, "EpiNameAddressDetails", text(seller["name"], 35, 2))
    add(beneficiary, "EpiAccountID", text(seller["iban"], 34), IBAN)
    payment = add(epi, "EpiPaymentInstructionDetails")
    add(payment, "EpiPaymentInstructionId", text(invoice.number, 35))
    add(payment, "EpiRemittanceInfoIdentifier", invoice.reference, {"IdentificationSchemeName": "SPY"})
    add(payment, "EpiInstructedAmount", amount(invoice.net + invoice.vat), EUR)
    add(payment, "EpiCharge", "SHA", {"ChargeOption": "SHA"})
    add_day(payment, "EpiDateOptionDate", invoice.due)
    add(payment, "EpiPaymentMeansCode", SEPA_TRANSFER)
