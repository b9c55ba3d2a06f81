"""The data of the hand-over to invoicing: our details, a customer's address, a partly delivered order."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from customers.enums import AddressKind
from customers.models import Address, Customer
from customers.tests.factories import CustomerFactory
from offers.offers.models import SellerDetails
from offers.orders.enums import OrderStatus
from offers.orders.models import BillingDetails, InvoiceBatch, Order
from offers.orders.services.invoicing import batch_make
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import line

IBAN = "FI21 1234 5600 0007 85"


def seller(**fields: Any) -> SellerDetails:
    """Our data, whole."""
    whole = {
        "name": "Omnia", "business_id": "0210307-7", "vat_number": "FI02103077", "street": "Kirkkokatu 16 A",
        "postal_code": "02770", "city": "Espoo", "phone": "09 231 9990", "email": "laskutus@omnia.example",
        "iban": IBAN, "bic": "NDEAFIHH", "einvoice_address": "003702103077", "einvoice_operator": "003721291126",
        "payment_days": 14, "overdue_percent": "8.00",
    }  # fmt: skip
    return SellerDetails.objects.update_or_create(pk=1, defaults=whole | fields)[0]


def address(customer: Customer, kind: str = AddressKind.POSTAL, **fields: Any) -> Address:
    whole = {"street": "Nokiankatu 1", "postal_code": "37100", "city": "Nokia"} | fields
    return Address.objects.update_or_create(customer=customer, kind=kind, defaults=whole)[0]


def billable(**fields: Any) -> Customer:
    """A customer with an address and an e-invoice address."""
    customer = CustomerFactory(**fields)
    address(customer)
    BillingDetails.objects.create(
        customer=customer, einvoice_address="003712345671", einvoice_operator="DABAFIHH", reference="4711"
    )
    return customer


def waiting(lines: Any = None, **fields: Any) -> Order:
    """An order in delivery of which everything has been delivered and nothing invoiced."""
    fields.setdefault("customer", None)
    fields["customer"] = fields["customer"] or billable()
    return OrderFactory(
        status=OrderStatus.IN_DELIVERY, lines=lines or [line("Course", quantity=3)], delivered=True, **fields
    )


def hand_over(*orders: Order, user: Any, day: Any = None) -> InvoiceBatch:
    """Hand over all that may be invoiced of ``orders``."""
    lines = {line.pk: line.to_invoice for order in orders for line in order.lines.exclude(kind="heading")}
    return batch_make(order_lines=lines, user=user, day=day or timezone.localdate())
