"""Drafts of invoices, checks for missing data, snapshots of seller and buyer, and billing details."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from stdnum import iban

from customers.enums import AddressKind
from customers.models import Address, Customer
from offers.offers.models import SellerDetails
from offers.orders.enums import VatCode
from offers.orders.models import BillingDetails, Order, OrderLine
from offers.orders.parts import OrderParts, parts_of
from offers.products.money import Totals

#: The postal address of an invoice is the first complete one of these kinds.
ADDRESSES = (AddressKind.BILLING, AddressKind.POSTAL, AddressKind.VISITING)
_WEIGHTS = (7, 3, 1)
_EINVOICE_ADDRESS = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]{1,34}")


@dataclass(frozen=True)
class Missing:
    """Data that an invoice lacks.

    ``blocks``: the invoice cannot be handed over without it. ``is_note``: the text is a whole sentence, shown as it is.
    """

    text: str
    blocks: bool = True
    is_note: bool = False

    @property
    def label(self) -> str:
        return self.text if self.is_note else _("missing: %(what)s") % {"what": self.text}


@dataclass(frozen=True)
class DraftLine:
    """A quantity of an order line to be invoiced, and its amount (see :mod:`offers.orders.parts`)."""

    line: OrderLine
    quantity: Decimal
    net: Decimal

    @property
    def code(self) -> str:
        return self.line.product.code if self.line.product else ""

    @property
    def vat_code(self) -> VatCode:
        """Return the VAT category; only a product's VAT class can be of reverse charge."""
        if self.line.vat_rate:
            return VatCode.STANDARD
        product = self.line.product
        return VatCode.REVERSE if product and product.vat_class.is_reverse_charge else VatCode.EXEMPT

    @property
    def unit(self) -> str:
        return self.line.unit.name_fi if self.line.unit else ""


@dataclass(frozen=True)
class Draft:
    """The coming invoice of one order, with its sums."""

    order: Order
    lines: list[DraftLine]
    totals: Totals

    @property
    def has_price(self) -> bool:
        """Return whether any of its lines costs something, though the part may round to nothing."""
        return any(line.line.net for line in self.lines)

    @property
    def is_reverse_charge(self) -> bool:
        return any(line.vat_code == VatCode.REVERSE for line in self.lines)

    @property
    def missing(self) -> list[Missing]:
        return missing_of_customer(self.order.customer, is_reverse_charge=self.is_reverse_charge)


def drafts_of(lines: Iterable[OrderLine], quantities: Mapping[int, Decimal]) -> list[Draft]:
    """Return a draft for each order of ``lines``, in their order. Call :func:`prefetch_invoicing` first."""
    by_order: dict[int, list[OrderLine]] = {}
    for line in lines:
        by_order.setdefault(line.order_id, []).append(line)
    parts = parts_of(by_order)
    return [_draft(order_lines, quantities, parts[pk]) for pk, order_lines in by_order.items()]


def _draft(lines: Sequence[OrderLine], quantities: Mapping[int, Decimal], parts: OrderParts) -> Draft:
    chosen = [(line, quantities[line.pk], parts.net_of(line, quantities[line.pk])) for line in lines]
    return Draft(lines[0].order, [DraftLine(*part) for part in chosen], parts.totals_of(chosen))


def prefetch_invoicing(orders: Sequence[Order]) -> None:
    """Prefetch the addresses and billing details of the customers of ``orders``."""
    prefetch_related_objects(list(orders), "customer__addresses", "customer__billing")


def seller_details() -> SellerDetails:
    """Return our own details for invoices; empty until an administrator has saved them."""
    return SellerDetails.objects.filter(pk=1).first() or SellerDetails()


def missing_of_seller(seller: SellerDetails, *, is_reverse_charge: bool = False) -> list[Missing]:
    """Return the data of the seller that an invoice needs and the seller lacks; reverse charge needs the VAT number."""
    account = "".join(seller.iban.split())
    needed = (
        (seller.name, _("our name")),
        (seller.business_id, _("our business ID")),
        (seller.street and seller.postal_code and seller.city, _("our address")),
        (account and iban.is_valid(account), _("our bank account (IBAN)")),
        (seller.bic, _("our bank's BIC")),
    )
    missing = [Missing(text) for value, text in needed if not value]
    return missing + ([] if seller.vat_number else [Missing(_("our VAT number"), blocks=is_reverse_charge)])


def invoice_address(customer: Customer) -> Address | None:
    """Return the first complete address of a customer in the order of :data:`ADDRESSES`."""
    addresses = customer.addresses.all()
    complete = {
        address.kind: address for address in addresses if address.street and address.postal_code and address.city
    }
    return next((complete[kind] for kind in ADDRESSES if kind in complete), None)


def billing_of(customer: Customer) -> BillingDetails:
    """Return the billing details of a customer; new, unsaved ones if there are none."""
    try:
        return customer.billing
    except BillingDetails.DoesNotExist:
        return BillingDetails(customer=customer)


def check_billing(data: Mapping[str, Any], present: BillingDetails | None = None) -> dict[str, str]:
    """Return the errors of the e-invoice address and its operator, by field."""
    errors: dict[str, str] = {}
    values = {name: data.get(name, getattr(present, name, "")) for name in ("einvoice_address", "einvoice_operator")}
    for name, value in values.items():
        if value and not _EINVOICE_ADDRESS.fullmatch(value):
            errors[name] = _(
                "Use only letters, digits, hyphens, colons and full stops: at most 35 characters, no spaces."
            )
    if values["einvoice_address"] and not values["einvoice_operator"]:
        errors["einvoice_operator"] = _("Enter the operator of the e-invoice address.")
    return errors


def missing_of_customer(customer: Customer, *, is_reverse_charge: bool = False) -> list[Missing]:
    """Return the data of a customer that an invoice needs and the customer lacks.

    With reverse charge the buyer's VAT number is needed, which is made of the business ID.
    """
    billing = billing_of(customer)
    missing = [] if invoice_address(customer) else [Missing(_("the customer's address"))]
    if not customer.business_id:
        missing.append(Missing(_("the customer's business ID"), blocks=is_reverse_charge))
    if not billing.einvoice_address:
        way = _("no e-invoice address: sent by e-mail") if billing.email else _("no e-invoice address: sent on paper")
        missing.append(Missing(way, blocks=False, is_note=True))
    return missing


def seller_snapshot(seller: SellerDetails) -> dict[str, Any]:
    """Return our present details, for the batch to keep."""
    names = (
        *("name", "business_id", "vat_number", "street", "postal_code", "city", "phone", "email", "website"),
        *("bic", "einvoice_address", "einvoice_operator", "payment_days"),
    )
    snapshot = {name: getattr(seller, name) for name in names}
    return snapshot | {"iban": "".join(seller.iban.split()), "overdue_percent": str(seller.overdue_percent)}


def buyer_snapshot(draft: Draft) -> dict[str, Any]:
    """Return the present data of customer and order that an invoice shows, for the invoice to keep."""
    order, customer = draft.order, draft.order.customer
    billing, address = billing_of(customer), invoice_address(customer)
    return {
        "number": customer.pk,
        "name": customer.official_name or customer.name,
        "business_id": customer.business_id or "",
        "vat_number": vat_number(customer.business_id or ""),
        "language": customer.language,
        **{name: getattr(address, name, "") for name in ("street", "postal_code", "city", "country")},
        **{name: getattr(billing, name) for name in ("einvoice_address", "einvoice_operator", "email")},
        "reference": order.buyer_reference or billing.reference,
        "contact": str(order.contact or ""),
        "seller_contact": str(order.owner),
        "order": order.number,
        "order_title": order.title,
        "order_date": order.date.isoformat(),
        "vat_free": vat_free_text(draft.lines),
    }


def vat_number(business_id: str) -> str:
    """Return the VAT number of a Finnish business ID: FI and its digits."""
    digits = "".join(filter(str.isdigit, business_id))
    return f"FI{digits}" if len(digits) == 8 else ""


def vat_free_text(lines: Iterable[DraftLine]) -> str:
    """Return the reason why some lines are exempt from VAT: the names of their products' VAT classes."""
    free = [draft_line.line.product for draft_line in lines if draft_line.vat_code == VatCode.EXEMPT]
    names = [product.vat_class.name_fi for product in free if product]
    return ", ".join(dict.fromkeys(names)) or ("Arvonlisäveroton" if free else "")


def reference_number(number: str) -> str:
    """Return the reference number (viitenumero) of an invoice: the digits of its number and their check digit."""
    digits = "".join(filter(str.isdigit, number))
    total = sum(int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"
