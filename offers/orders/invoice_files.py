"""The files of an invoice batch, made from its rows only: CSV for the accounting system, and Finvoice 3.0.

A batch always gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from django.utils import timezone

from core.exports import write_rows
from offers.orders.enums import VatCode
from offers.orders.models import Invoice, InvoiceBatch, InvoiceLine
from offers.products.money import ZERO, Totals, VatSum, cents

#: The column names belong to the file format and do not depend on the user's language.
CSV_COLUMNS = (
    "Erä", "Laskun numero", "Laskun päivä", "Eräpäivä", "Viitenumero", "Asiakasnumero", "Asiakas", "Y-tunnus",
    "Katuosoite", "Postinumero", "Postitoimipaikka", "Maa", "Verkkolaskuosoite", "Välittäjä", "Sähköposti",
    "Asiakkaan viite", "Tilaus", "Tilauksen otsikko", "Rivi", "Tuotekoodi", "Nimike", "Määrä", "Yksikkö",
    "Yksikköhinta", "Alennus %", "Alv %", "Veroton summa", "Laskun veroton summa", "Laskun alv", "Laskun loppusumma",
)  # fmt: skip

CURRENCY = {"AmountCurrencyIdentifier": "EUR"}
DAY = {"Format": "CCYYMMDD"}
#: What XML 1.0 cannot hold; line breaks and tabs become spaces.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

#: Countries as people write them; others have only their name.
COUNTRIES = {
    "FI": ("", "suomi", "finland", "fi"),
    "SE": ("ruotsi", "sverige", "sweden", "se"),
    "NO": ("norja", "norge", "norway", "no"),
    "DK": ("tanska", "danmark", "denmark", "dk"),
    "EE": ("viro", "eesti", "estonia", "ee"),
    "DE": ("saksa", "deutschland", "germany", "de"),
}
#: Units of the default data by UN/ECE Recommendation 20.
UNITS = {
    "kpl": "C62", "h": "HUR", "tunti": "HUR", "pv": "DAY", "päivä": "DAY", "kk": "MON", "kuukausi": "MON",
    "hlö": "IE", "henkilö": "IE", "ryhmä": "10", "km": "KMT",
}  # fmt: skip
SCHEMA = {
    "Version": "3.0",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:noNamespaceSchemaLocation": "Finvoice3.0.xsd",
}
TITLES = {"sv": "FAKTURA", "en": "INVOICE"}
TERMS = {"sv": "{} dagar netto", "en": "{} days net"}
OVERDUE = {"sv": "Dröjsmålsränta", "en": "Interest on late payment"}
#: The note that the VAT Act (section 209 e) and EN 16931 want where the buyer pays the VAT, and its code.
REVERSE_CHARGE, REVERSE_CHARGE_CODE = "Käännetty verovelvollisuus / Reverse charge", "VATEX-EU-AE"
ROUNDING = "Pyöristys"
SEPA_TRANSFER = "58"
#: The addressee when the customer takes no e-invoices: the operator prints them.
PRINTING = "TULOSTUS"
FINNISH_BUSINESS_ID = {"SchemeID": "0212"}
IBAN, BIC = {"IdentificationSchemeName": "IBAN"}, {"IdentificationSchemeName": "BIC"}


def batch_csv(batch: InvoiceBatch) -> bytes:
    """Return the batch as CSV for Finnish Excel: BOM, semicolons, decimal commas, formulas escaped."""
    target = io.BytesIO()
    invoices = batch.invoices.order_by("number").prefetch_related("lines")
    rows = (_csv_row(batch, invoice, line) for invoice in invoices for line in invoice.lines.all())
    write_rows("csv", target, CSV_COLUMNS, rows)
    return target.getvalue()


def _csv_row(batch: InvoiceBatch, invoice: Invoice, line: InvoiceLine) -> list[Any]:
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
        _csv_number(line.quantity),
        line.unit,
        *(_csv_number(value) for value in (line.unit_price, line.discount, line.vat_rate, line.net)),
        *(_csv_number(value) for value in (invoice.net, invoice.vat, invoice.gross)),
    ]


def _csv_number(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


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
    _add_details(root, invoice, invoice.totals, lines)
    for line in lines:
        _add_row(root, line)
    _add_payment(root, invoice)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def add_transmission(
    root: Element, invoice_number: str, made: dt.datetime, seller: dict[str, Any], buyer: dict[str, Any]
) -> None:
    """Add the envelope. An operator that is a bank is identified by its BIC."""
    operator = seller["einvoice_operator"] or seller["bic"]
    details = add(root, "MessageTransmissionDetails")
    sender = add(details, "MessageSenderDetails")
    add(sender, "FromIdentifier", text(seller["einvoice_address"] or party_code(seller["business_id"]), 35, 2))
    add(sender, "FromIntermediator", text(operator, 35, 2))
    receiver = add(details, "MessageReceiverDetails")
    add(receiver, "ToIdentifier", text(buyer["einvoice_address"] or PRINTING, 35, 2))
    to_operator = buyer["einvoice_operator"] if buyer["einvoice_address"] else ""
    add(receiver, "ToIntermediator", text(to_operator or operator, 35, 2))
    message = add(details, "MessageDetails")
    add(message, "MessageIdentifier", text(invoice_number, 48, 2))
    add(message, "MessageTimeStamp", made.isoformat(timespec="seconds"))
    add(message, "SpecificationIdentifier", "EN16931")


def add_seller(root: Element, seller: dict[str, Any], contact: str) -> None:
    party = add(root, "SellerPartyDetails")
    add_if(party, "SellerPartyIdentifier", text(seller["business_id"], 35), FINNISH_BUSINESS_ID)
    for name in pieces(seller["name"], 70, 3):
        add(party, "SellerOrganisationName", name)
    add_if(party, "SellerOrganisationTaxCode", text(seller["vat_number"], 35))
    _add_address(party, "Seller", seller)
    add_if(root, "SellerOrganisationUnitNumber", party_code(seller["business_id"]))
    add_if(root, "SellerContactPersonName", text(contact, 70))
    if seller["phone"] or seller["email"]:
        communication = add(root, "SellerCommunicationDetails")
        add_if(communication, "SellerPhoneNumberIdentifier", text(seller["phone"], 35))
        add_if(communication, "SellerEmailaddressIdentifier", text(seller["email"], 70))
    information = add(root, "SellerInformationDetails")
    add_if(information, "SellerWebaddressIdentifier", text(seller["website"], 70))
    account = add(information, "SellerAccountDetails")
    add(account, "SellerAccountID", text(seller["iban"], 34), IBAN)
    add(account, "SellerBic", text(seller["bic"], 11), BIC)


def add_buyer(root: Element, buyer: dict[str, Any]) -> None:
    add_if(root, "InvoiceRecipientLanguageCode", {"fi": "FI", "sv": "SV", "en": "EN"}.get(buyer["language"], ""))
    party = add(root, "BuyerPartyDetails")
    add_if(party, "BuyerPartyIdentifier", text(buyer["business_id"], 35), FINNISH_BUSINESS_ID)
    for name in pieces(buyer["name"], 70, 3):
        add(party, "BuyerOrganisationName", name)
    add_if(party, "BuyerOrganisationTaxCode", buyer.get("vat_number", ""))
    _add_address(party, "Buyer", buyer)
    add_if(root, "BuyerOrganisationUnitNumber", party_code(buyer["business_id"]))
    add_if(root, "BuyerContactPersonName", text(buyer["contact"], 70))
    if buyer["email"]:
        add(add(root, "BuyerCommunicationDetails"), "BuyerEmailaddressIdentifier", text(buyer["email"], 70))


def _add_address(party: Element, prefix: str, place: dict[str, Any]) -> None:
    address = add(party, f"{prefix}PostalAddressDetails")
    for street in pieces(place["street"], 35, 3):
        add(address, f"{prefix}StreetName", street)
    add(address, f"{prefix}TownName", text(place["city"], 35, 2))
    add(address, f"{prefix}PostCodeIdentifier", text(place["postal_code"], 35, 2))
    country = place.get("country", "")
    add_if(address, "CountryCode", country_code(country))
    add_if(address, "CountryName", text(country, 35))


def _add_details(root: Element, invoice: Invoice, sums: Totals, lines: Sequence[InvoiceLine]) -> None:
    buyer, language = invoice.buyer, invoice.buyer["language"]
    details = add(root, "InvoiceDetails")
    add(details, "InvoiceTypeCode", "INV01", {"CodeListAgencyIdentifier": "SPY"})
    add(details, "InvoiceTypeCodeUN", "380")
    add(details, "InvoiceTypeText", TITLES.get(language, "LASKU"))
    add(details, "OriginCode", "Original")
    add(details, "InvoiceNumber", text(invoice.number, 20))
    add_day(details, "InvoiceDate", invoice.batch.day)
    add(details, "SellerReferenceIdentifier", text(buyer["order"], 70))
    add(details, "SellersBuyerIdentifier", text(buyer["number"], 35))
    add_day(details, "OrderDate", dt.date.fromisoformat(buyer["order_date"]))
    add_if(details, "BuyerReferenceIdentifier", text(buyer["reference"], 70))
    add_amount(details, "RowsTotalVatExcludedAmount", sums.net)
    add_amount(details, "InvoiceTotalVatExcludedAmount", sums.net)
    add_amount(details, "InvoiceTotalVatAmount", sums.vat)
    add_amount(details, "InvoiceTotalVatIncludedAmount", sums.gross)
    for part, code in _vat_parts(sums, lines):
        vat = add(details, "VatSpecificationDetails")
        add_amount(vat, "VatBaseAmount", part.net)
        add(vat, "VatRatePercent", number(part.rate))
        add(vat, "VatCode", code)
        add_amount(vat, "VatRateAmount", part.vat)
        if code == VatCode.REVERSE:
            add(vat, "VatFreeText", REVERSE_CHARGE)
            add(vat, "VatExemptionReasonCode", REVERSE_CHARGE_CODE)
        elif code == VatCode.EXEMPT:
            add_if(vat, "VatFreeText", text(buyer["vat_free"], 70))
    add_if(details, "InvoiceFreeText", text(buyer["order_title"], 512))
    _add_terms(details, invoice, language)


def _vat_parts(sums: Totals, lines: Sequence[InvoiceLine]) -> Iterator[tuple[VatSum, VatCode]]:
    """Return the sums by rate and category: what has no VAT is exempt, or the buyer pays it."""
    for vat_sum in sums.rates:
        if vat_sum.rate:
            yield vat_sum, VatCode.STANDARD
            continue
        for code in (VatCode.EXEMPT, VatCode.REVERSE):
            nets = [line.net for line in lines if not line.vat_rate and line.vat_category == code]
            if nets:
                yield VatSum(vat_sum.rate, sum(nets, ZERO), ZERO), code


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
    add_if(row, "ArticleIdentifier", text(line.code, 70))
    add(row, "ArticleName", text(line.name, 100))
    codes = {"QuantityUnitCode": text(line.unit, 14), "QuantityUnitCodeUN": unit_code(line.unit)}
    add(row, "InvoicedQuantity", number(line.quantity), {name: code for name, code in codes.items() if code})
    add_amount(row, "UnitPriceAmount", line.unit_price)
    add(row, "RowPositionIdentifier", str(line.position))
    add_if(row, "RowFreeText", text(line.name, 512) if len(line.name) > 100 else "")
    _add_discount(row, line)
    add(row, "RowVatRatePercent", number(line.vat_rate))
    add(row, "RowVatCode", line.vat_category)
    add_amount(row, "RowVatExcludedAmount", line.net)


def _add_discount(row: Element, line: InvoiceLine) -> None:
    """Add the discount of a row, and the cent by which a part of an order line may differ from its own amount."""
    full = cents(line.quantity * line.unit_price)
    reduction = full - line.net
    if reduction < 0:
        charge = add(row, "RowChargeDetails")
        add(charge, "ReasonText", ROUNDING)
        add_amount(charge, "Amount", -reduction)
    elif reduction or line.discount:
        add_if(row, "RowDiscountPercent", number(line.discount) if line.discount else "")
        add_amount(row, "RowDiscountAmount", reduction)
        add_amount(row, "RowDiscountBaseAmount", full)
        add_if(row, "RowDiscountTypeText", "" if line.discount else ROUNDING)


def _add_payment(root: Element, invoice: Invoice) -> None:
    seller = invoice.batch.seller
    epi = add(root, "EpiDetails")
    identification = add(epi, "EpiIdentificationDetails")
    add_day(identification, "EpiDate", invoice.batch.day)
    add(identification, "EpiReference", token(invoice.buyer["reference"], 35))
    parties = add(epi, "EpiPartyDetails")
    add(add(parties, "EpiBfiPartyDetails"), "EpiBfiIdentifier", text(seller["bic"], 11), BIC)
    beneficiary = add(parties, "EpiBeneficiaryPartyDetails")
    add(beneficiary, "EpiNameAddressDetails", text(seller["name"], 35, 2))
    add(beneficiary, "EpiAccountID", text(seller["iban"], 34), IBAN)
    payment = add(epi, "EpiPaymentInstructionDetails")
    add(payment, "EpiPaymentInstructionId", text(invoice.number, 35))
    add(payment, "EpiRemittanceInfoIdentifier", invoice.reference, {"IdentificationSchemeName": "SPY"})
    add(payment, "EpiInstructedAmount", amount(invoice.net + invoice.vat), CURRENCY)
    add(payment, "EpiCharge", "SHA", {"ChargeOption": "SHA"})
    add_day(payment, "EpiDateOptionDate", invoice.due)
    add(payment, "EpiPaymentMeansCode", SEPA_TRANSFER)


def text(value: object, maximum: int, minimum: int = 0) -> str:
    """Return one line of valid XML text, cut at ``maximum`` characters and filled up to ``minimum``."""
    clean = " ".join(_FORBIDDEN.sub("", str(value or "")).split())[:maximum].rstrip()
    return clean.ljust(minimum, "–") if minimum else clean


def token(value: object, maximum: int) -> str:
    """Return a text as an NMTOKEN: spaces, signs and foreign letters become hyphens."""
    return re.sub(r"[^0-9A-Za-zÅÄÖåäö._:-]+", "-", text(value, maximum)).strip("-")


def pieces(value: object, maximum: int, count: int) -> list[str]:
    """Return a text in at most ``count`` parts of at most ``maximum`` characters, the first at least two long."""
    whole = text(value, maximum * count)
    parts = [whole[start : start + maximum].strip() for start in range(0, len(whole), maximum)]
    long = [part for part in parts if len(part) > 1]
    return long or [text(whole, maximum, 2)]


def amount(value: Decimal) -> str:
    return f"{cents(value):.2f}".replace(".", ",")


def number(value: Decimal) -> str:
    """Return a quantity or a percentage without trailing zeros."""
    plain = f"{value:.2f}".rstrip("0").rstrip(".")
    return plain.replace(".", ",")


def country_code(name: str) -> str:
    return next((code for code, names in COUNTRIES.items() if name.strip().casefold() in names), "")


def unit_code(unit: str) -> str:
    return UNITS.get(unit.strip().rstrip(".").casefold(), "")


def party_code(business_id: str) -> str:
    """Return the OVT code of a Finnish organisation: its e-invoice address unless it has given another one."""
    digits = "".join(filter(str.isdigit, business_id))
    return f"0037{digits}" if len(digits) == 8 else ""


def add(parent: Element, name: str, value: str = "", attributes: dict[str, str] | None = None) -> Element:
    """Add an element with its text; a mandatory one can be empty."""
    element = SubElement(parent, name, attributes or {})
    element.text = value or None
    return element


def add_if(parent: Element, name: str, value: str, attributes: dict[str, str] | None = None) -> None:
    """Add an element if its value is not empty."""
    if value:
        add(parent, name, value, attributes)


def add_amount(parent: Element, name: str, value: Decimal) -> None:
    add(parent, name, amount(value), CURRENCY)


def add_day(parent: Element, name: str, value: dt.date) -> None:
    add(parent, name, f"{value:%Y%m%d}", DAY)
