"""The parties of a Finvoice document: seller, buyer and the transmission details."""

from __future__ import annotations

import datetime as dt
from typing import Any
from xml.etree.ElementTree import Element

from offers.orders.finvoice.values import add, add_if, country_code, party_code, pieces, text

#: The addressee when the customer takes no e-invoices: the operator prints them.
PRINTING = "TULOSTUS"
FINNISH_BUSINESS_ID = {"SchemeID": "0212"}
IBAN, BIC = {"IdentificationSchemeName": "IBAN"}, {"IdentificationSchemeName": "BIC"}


def add_transmission(
    root: Element, number: str, made: dt.datetime, seller: dict[str, Any], buyer: dict[str, Any]
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
    add(message, "MessageIdentifier", text(number, 48, 2))
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
    add_if(root, "SellerContactPersonName", text(contact, 35))
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
    _add_address(party, "Buyer", buyer)
    add_if(root, "BuyerOrganisationUnitNumber", party_code(buyer["business_id"]))
    add_if(root, "BuyerContactPersonName", text(buyer["contact"], 35))
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
