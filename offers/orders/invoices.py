"""Invoices before they are made, what is missing for making them, and the data that they keep of seller and buyer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from stdnum import iban

from customers.enums import AddressKind
from customers.models import Address, Customer
from offers.offers.models import SellerDetails
from offers.orders.models import BillingDetails, Order, OrderLine
from offers.products.money import Totals, line_net, totals

#: Where an invoice goes by post: the first of these that is whole.
ADDRESSES = (AddressKind.BILLING, AddressKind.POSTAL, AddressKind.VISITING)
_WEIGHTS = (7, 3, 1)


@dataclass(frozen=True)
class Missing:
    """Something that an invoice needs. ``blocks``: without it nothing is handed over; ``way``: how it goes instead."""

    text: str
    blocks: bool = True
    way: bool = False

    @property
    def told(self) -> str:
        return self.text if self.way else _("missing: %(what)s") % {"what": self.text}


@dataclass(frozen=True)
class DraftLine:
    """A quantity of an order's line that is to be invoiced."""

    line: OrderLine
    quantity: Decimal

    @property
    def net(self) -> Decimal:
        return line_net(self.quantity, self.line.unit_price, self.line.discount)

    @property
    def code(self) -> str:
        return self.line.product.code if self.line.product else ""

    @property
    def unit(self) -> str:
        return self.line.unit.name_fi if self.line.unit else ""


@dataclass
class Draft:
    """What one order is to be invoiced."""

    order: Order
    lines: list[DraftLine] = field(default_factory=list)

    @property
    def totals(self) -> Totals:
        return totals((line.net, line.line.vat_rate) for line in self.lines)

    @property
    def missing(self) -> list[Missing]:
        return missing_of_customer(self.order.customer)


def drafts_of(lines: Iterable[OrderLine], quantities: Mapping[int, Decimal]) -> list[Draft]:
    """Return a draft for each order of ``lines`` (read them with :func:`with_invoicing`), in the order of the lines."""
    drafts: dict[int, Draft] = {}
    for line in lines:
        draft = drafts.setdefault(line.order_id, Draft(line.order))
        draft.lines.append(DraftLine(line, quantities[line.pk]))
    return list(drafts.values())


def with_invoicing(orders: Sequence[Order]) -> None:
    """Read what drafts ask of the customers of ``orders``: addresses and billing details."""
    prefetch_related_objects(list(orders), "customer__addresses", "customer__billing")


def seller_details() -> SellerDetails:
    """Who we are on invoices; empty until administrators have written it."""
    return SellerDetails.objects.filter(pk=1).first() or SellerDetails()


def missing_of_seller(seller: SellerDetails) -> list[Missing]:
    """Tell what of our own data an invoice needs and does not have."""
    account = "".join(seller.iban.split())
    needed = (
        (seller.name, _("our name")),
        (seller.business_id, _("our business ID")),
        (seller.street and seller.postal_code and seller.city, _("our address")),
        (account and iban.is_valid(account), _("our bank account (IBAN)")),
        (seller.bic, _("our bank's BIC")),
    )
    found = [Missing(text) for value, text in needed if not value]
    return found + ([] if seller.vat_number else [Missing(_("our VAT number"), blocks=False)])


def address_of(customer: Customer) -> Address | None:
    """Return the first whole address: for invoices, postal, visiting."""
    whole = {one.kind: one for one in customer.addresses.all() if one.street and one.postal_code and one.city}
    return next((whole[kind] for kind in ADDRESSES if kind in whole), None)


def billing_of(customer: Customer) -> BillingDetails:
    try:
        return customer.billing
    except BillingDetails.DoesNotExist:
        return BillingDetails(customer=customer)


def missing_of_customer(customer: Customer) -> list[Missing]:
    """Tell what of a customer's data an invoice needs and does not have."""
    billing = billing_of(customer)
    found = [] if address_of(customer) else [Missing(_("the customer's address"))]
    if not customer.business_id:
        found.append(Missing(_("the customer's business ID"), blocks=False))
    if not billing.einvoice_address:
        way = _("no e-invoice address: sent by e-mail") if billing.email else _("no e-invoice address: sent on paper")
        found.append(Missing(way, blocks=False, way=True))
    return found


def seller_snapshot(seller: SellerDetails) -> dict[str, Any]:
    """Our data as they are now, for the batch to keep."""
    names = (
        *("name", "business_id", "vat_number", "street", "postal_code", "city", "phone", "email", "website"),
        *("bic", "einvoice_address", "einvoice_operator", "payment_days"),
    )
    kept = {name: getattr(seller, name) for name in names}
    return kept | {"iban": "".join(seller.iban.split()), "overdue_percent": str(seller.overdue_percent)}


def buyer_snapshot(draft: Draft) -> dict[str, Any]:
    """The customer's data and what the invoice tells of the order as they are now, for the invoice to keep."""
    order, customer = draft.order, draft.order.customer
    billing, address = billing_of(customer), address_of(customer)
    return {
        "number": customer.pk,
        "name": customer.official_name or customer.name,
        "business_id": customer.business_id or "",
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


def vat_free_text(lines: Iterable[DraftLine]) -> str:
    """Tell why some lines have no VAT: the names of their products' VAT classes."""
    free = [one.line.product for one in lines if not one.line.vat_rate]
    names = [product.vat_class.name_fi for product in free if product]
    return ", ".join(dict.fromkeys(names)) or ("Arvonlisäveroton" if free else "")


def reference_number(number: str) -> str:
    """Return the reference number (viitenumero) of an invoice: the digits of its number and their check digit."""
    digits = "".join(filter(str.isdigit, number))
    total = sum(int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"
