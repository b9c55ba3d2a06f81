"""The rules of Finvoice 3.0 that our invoices must hold: order and length of elements, forms of values, sums.

Written down from the published schema and implementation guidelines for the elements that we use; an element that is
not here is a fault. ``breaches`` returns what is wrong, in sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

AMOUNT, EPI_AMOUNT = r"-?[0-9]{1,15}(,[0-9]{2,5})?", r"-?[0-9]{1,15},[0-9]{2}"
PERCENT, DAY = r"[1-9]?[0-9]{1,2}(,[0-9]{1,3})?", r"[0-9]{8}"
QUANTITY = r"-?[0-9]{1,10}(,[0-9]{1,4})?"
ADDRESS = "CountryCode?:2-2 CountryName?:0-35"


#: Element → its children in their order; ``?`` may be left out, ``+`` comes once or more, ``*`` any number of times;
#: ``:2-35`` is the length of a text, ``=`` the form of a value.
STRUCTURE: dict[str, str] = {
    "Finvoice": (
        "MessageTransmissionDetails SellerPartyDetails SellerOrganisationUnitNumber?:0-35 "
        "SellerContactPersonName?:0-70 SellerCommunicationDetails? SellerInformationDetails? "
        "InvoiceRecipientLanguageCode?:2-2 BuyerPartyDetails "
        "BuyerOrganisationUnitNumber?:0-35 BuyerContactPersonName?:0-70 BuyerCommunicationDetails? InvoiceDetails "
        "InvoiceRow+ EpiDetails"
    ),
    "MessageTransmissionDetails": "MessageSenderDetails MessageReceiverDetails MessageDetails",
    "MessageSenderDetails": "FromIdentifier:2-35 FromIntermediator:2-35",
    "MessageReceiverDetails": "ToIdentifier:2-35 ToIntermediator:2-35",
    "MessageDetails": "MessageIdentifier:2-48 MessageTimeStamp=TIME SpecificationIdentifier?:1-35",
    "SellerPartyDetails": (
        "SellerPartyIdentifier?:0-35 SellerOrganisationName+:2-70 SellerOrganisationTaxCode?:0-35 "
        "SellerPostalAddressDetails?"
    ),
    "SellerPostalAddressDetails": (
        f"SellerStreetName+:2-35 SellerTownName:2-35 SellerPostCodeIdentifier:2-35 {ADDRESS}"
    ),
    "SellerCommunicationDetails": "SellerPhoneNumberIdentifier?:0-35 SellerEmailaddressIdentifier?:0-70",
    "SellerInformationDetails": "SellerWebaddressIdentifier?:0-70 SellerAccountDetails*",
    "SellerAccountDetails": "SellerAccountID=IBAN SellerBic=BIC",
    "BuyerPartyDetails": (
        "BuyerPartyIdentifier?:0-35 BuyerOrganisationName+:2-70 BuyerOrganisationTaxCode?:0-35 "
        "BuyerPostalAddressDetails?"
    ),
    "BuyerPostalAddressDetails": f"BuyerStreetName+:2-35 BuyerTownName:2-35 BuyerPostCodeIdentifier:2-35 {ADDRESS}",
    "BuyerCommunicationDetails": "BuyerEmailaddressIdentifier?:0-70",
    "InvoiceDetails": (
        "InvoiceTypeCode=TYPE InvoiceTypeCodeUN?=UN InvoiceTypeText:1-35 OriginCode=ORIGIN InvoiceNumber:1-20 "
        "InvoiceDate=DAY SellerReferenceIdentifier?:0-70 SellersBuyerIdentifier?:0-35 OrderDate?=DAY "
        "BuyerReferenceIdentifier?:0-70 RowsTotalVatExcludedAmount?=AMOUNT InvoiceTotalVatExcludedAmount?=AMOUNT "
        "InvoiceTotalVatAmount?=AMOUNT InvoiceTotalVatIncludedAmount=AMOUNT VatSpecificationDetails* "
        "InvoiceFreeText*:0-512 PaymentTermsDetails*"
    ),
    "VatSpecificationDetails": (
        "VatBaseAmount?=AMOUNT VatRatePercent?=PERCENT VatCode?=VAT VatRateAmount?=AMOUNT VatFreeText*:0-70 "
        "VatExemptionReasonCode?=VATEX"
    ),
    "PaymentTermsDetails": "PaymentTermsFreeText*:0-70 InvoiceDueDate?=DAY PaymentOverDueFineDetails?",
    "PaymentOverDueFineDetails": "PaymentOverDueFineFreeText*:0-70 PaymentOverDueFinePercent?=PERCENT",
    "InvoiceRow": (
        "ArticleIdentifier?:0-70 ArticleName?:0-100 InvoicedQuantity*=QUANTITY UnitPriceAmount?=AMOUNT "
        "RowPositionIdentifier?:0-35 RowFreeText*:0-512 RowDiscountPercent?=PERCENT RowDiscountAmount?=AMOUNT "
        "RowDiscountBaseAmount?=AMOUNT RowDiscountTypeText?:0-35 RowChargeDetails* "
        "RowVatRatePercent?=PERCENT RowVatCode?=VAT RowVatExcludedAmount?=AMOUNT"
    ),
    "RowChargeDetails": "ReasonText?:1-70 Amount?=AMOUNT",
    "EpiDetails": "EpiIdentificationDetails EpiPartyDetails EpiPaymentInstructionDetails",
    "EpiIdentificationDetails": "EpiDate=DAY EpiReference=NMTOKEN",
    "EpiPartyDetails": "EpiBfiPartyDetails EpiBeneficiaryPartyDetails",
    "EpiBfiPartyDetails": "EpiBfiIdentifier?=BIC",
    "EpiBeneficiaryPartyDetails": "EpiNameAddressDetails?:2-35 EpiAccountID=IBAN",
    "EpiPaymentInstructionDetails": (
        "EpiPaymentInstructionId?:0-35 EpiRemittanceInfoIdentifier?=REFERENCE EpiInstructedAmount=EPI "
        "EpiCharge=CHARGE EpiDateOptionDate=DAY EpiPaymentMeansCode?=MEANS"
    ),
}
FORMS = {
    "AMOUNT": AMOUNT, "EPI": EPI_AMOUNT, "PERCENT": PERCENT, "DAY": DAY, "QUANTITY": QUANTITY, "TYPE": "INV01",
    "UN": "380", "ORIGIN": "Original|Copy|Cancel", "VAT": "S|Z|E|AE|O|G|K",
    "VATEX": r"VATEX-EU-[A-Z0-9-]{1,11}", "NMTOKEN": "[0-9A-Za-zÅÄÖåäö._:-]{0,35}",
    "IBAN": "[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}",
    "BIC": "[A-Z0-9]{8}([A-Z0-9]{3})?", "CHARGE": "SHA|OUR|BEN|SLEV", "MEANS": "30|58",
    "REFERENCE": "[0-9]{2,20}|RF[0-9]{2}[0-9A-Za-z]{1,21}",
    "TIME": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}",
}  # fmt: skip
CURRENCY, FORMAT = {"AmountCurrencyIdentifier": "EUR"}, {"Format": "CCYYMMDD"}
ATTRIBUTES = {"AMOUNT": CURRENCY, "EPI": CURRENCY, "DAY": FORMAT, "IBAN": {"IdentificationSchemeName": "IBAN"},
              "BIC": {"IdentificationSchemeName": "BIC"}, "REFERENCE": {"IdentificationSchemeName": "SPY"}}  # fmt: skip
CHILD = re.compile(r"(?P<name>\w+)(?P<count>[?+*]?)(?::(?P<least>\d+)-(?P<most>\d+)|=(?P<form>\w+))?")
CENT = Decimal("0.01")


def breaches(document: bytes, *, vat_off_by: Decimal = CENT) -> list[str]:
    """Return what is wrong with an invoice; nothing when it is a Finvoice.

    The VAT of an invoice in parts may differ from base × rate by a cent; EN 16931 (BR-S-09) allows a whole unit.
    """
    root = ElementTree.fromstring(document)
    problems = [] if (root.tag, root.get("Version")) == ("Finvoice", "3.0") else ["the root is not Finvoice 3.0"]
    return [*problems, *_structure(root), *_sums(root, vat_off_by)]


def _structure(element: Element) -> Iterator[str]:
    children = list(element)
    for match in CHILD.finditer(STRUCTURE[element.tag]):
        count = 0
        while children and children[0].tag == match["name"]:
            yield from _value(children.pop(0), match)
            count += 1
        if (count == 0 and match["count"] not in ("?", "*")) or (count > 1 and match["count"] not in ("+", "*")):
            yield f"{element.tag}: {match['name']} comes {count} times"
    for child in children:
        yield f"{element.tag}: {child.tag} is unknown or out of its place"


def _value(element: Element, match: re.Match[str]) -> Iterator[str]:
    value = element.text or ""
    if element.tag in STRUCTURE:
        yield from _structure(element)
    elif match["form"]:
        if not re.fullmatch(FORMS[match["form"]], value):
            yield f"{element.tag}: {value!r} is not {match['form']}"
        if not ATTRIBUTES.get(match["form"], {}).items() <= element.attrib.items():
            yield f"{element.tag}: attributes {element.attrib}"
    elif not int(match["least"]) <= len(value) <= int(match["most"]) or value != value.strip() or "\n" in value:
        yield f"{element.tag}: {value!r} is not {match['least']} to {match['most']} characters of one line"


def _sums(root: Element, vat_off_by: Decimal) -> Iterator[str]:
    """Rows = VAT bases = total without VAT; base × rate = VAT; with VAT = what is to be paid."""
    details = root.find("InvoiceDetails")
    assert details is not None
    net, vat, gross = (
        _number(details, name)
        for name in ("InvoiceTotalVatExcludedAmount", "InvoiceTotalVatAmount", "InvoiceTotalVatIncludedAmount")
    )
    parts = details.findall("VatSpecificationDetails")
    rows = root.findall("InvoiceRow")
    checks = {
        "rows = total": sum(_number(row, "RowVatExcludedAmount") for row in rows) == net,
        "VAT bases = total": sum(_number(part, "VatBaseAmount") for part in parts) == net,
        "VAT by rate = VAT": sum(_number(part, "VatRateAmount") for part in parts) == vat,
        "net + VAT = total": net + vat == gross,
        "to pay = total": _number(root, "EpiDetails/EpiPaymentInstructionDetails/EpiInstructedAmount") == gross,
        "each rate and category once": len({_category(part, "Vat") for part in parts}) == len(parts),
    }
    yield from (f"{name} does not hold" for name, holds in checks.items() if not holds)
    for part in parts:
        base, rate = _number(part, "VatBaseAmount"), _number(part, "VatRatePercent")
        own = (base * rate / 100).quantize(CENT, ROUND_HALF_UP)
        if abs(own - _number(part, "VatRateAmount")) > vat_off_by:
            yield f"VAT of {rate} % is not counted right"
        of_rate = [row for row in rows if _category(row, "RowVat") == _category(part, "Vat")]
        if sum(_number(row, "RowVatExcludedAmount") for row in of_rate) != base:
            yield f"the rows of {rate} % are not its base"
        if (part.findtext("VatCode") == "S") != bool(rate):
            yield f"the code of {rate} % is {part.findtext('VatCode')}"
        if part.findtext("VatCode") == "AE":
            yield from _reverse_charge(root, part)
    for row in rows:
        yield from _row(row)


def _reverse_charge(root: Element, part: Element) -> Iterator[str]:
    """EN 16931, BR-AE-02, -09 and -10: no VAT, both VAT numbers, and the reason."""
    for name in ("SellerPartyDetails/SellerOrganisationTaxCode", "BuyerPartyDetails/BuyerOrganisationTaxCode"):
        if not re.fullmatch("FI[0-9]{8}", root.findtext(name) or ""):
            yield f"reverse charge without {name}"
    if "Reverse charge" not in (part.findtext("VatFreeText") or "") or _number(part, "VatRateAmount"):
        yield "reverse charge without its note, or with VAT"


def _category(element: Element, prefix: str) -> tuple[Decimal, str]:
    return _number(element, f"{prefix}RatePercent"), element.findtext(f"{prefix}Code") or ""


def _row(row: Element) -> Iterator[str]:
    full = (_number(row, "InvoicedQuantity") * _number(row, "UnitPriceAmount")).quantize(CENT, ROUND_HALF_UP)
    discount = _number(row, "RowDiscountAmount") if row.find("RowDiscountAmount") is not None else Decimal(0)
    charge = sum((_number(part, "Amount") for part in row.findall("RowChargeDetails")), Decimal(0))
    if full - discount + charge != _number(row, "RowVatExcludedAmount"):
        yield f"row {row.findtext('RowPositionIdentifier')}: quantity × price − discount is not its sum"


def _number(element: Element, path: str) -> Decimal:
    return Decimal((element.findtext(path) or "0").replace(",", "."))
