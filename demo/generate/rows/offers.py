"""Rows of offers."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class OfferRow(NamedTuple):
    id: int
    number: str  # numbered by year when all are in
    type_id: int
    title: str
    customer_id: int
    contact_id: int | None
    owner_id: int
    came_from_id: int | None
    status: str
    status_since: str
    date: str
    valid_until: str
    expected_close: str
    probability: int | None
    estimate: Decimal | None
    net: Decimal | int
    vat: Decimal
    max_discount: Decimal
    decided_at: str | None
    lost_reason_id: int | None
    competitor: str
    created_by_id: int | None
    created_at: str


class OfferLineRow(NamedTuple):
    offer_id: int
    position: int
    kind: str
    product_id: int
    name: str
    details: str
    quantity: Decimal
    unit_id: int
    unit_price: Decimal
    discount: Decimal
    vat_rate: Decimal
    content_owner_id: int | None


class OfferChangeRow(NamedTuple):
    offer_id: int
    from_status: str
    to_status: str
    reason: str
    user_id: int | None
    at: str


class OfferActivityRow(NamedTuple):
    offer_id: int
    activity_id: int


class OrderRow(NamedTuple):
    id: int
    number: str  # numbered by year when all are in
    offer_id: int
    type_id: int
    title: str
    customer_id: int
    contact_id: int | None
    owner_id: int
    status: str
    status_since: str
    date: str
    delivery_start: str
    delivery_end: str
    participants: int
    place: str
    trainer_id: int | None
    estimate: Decimal | None
    net: Decimal | int
    vat: Decimal
    created_by_id: int | None
    created_at: str


class OrderLineRow(NamedTuple):
    order_id: int
    position: int
    kind: str
    product_id: int | None
    name: str
    details: str
    quantity: Decimal
    unit_id: int | None
    unit_price: Decimal
    discount: Decimal
    vat_rate: Decimal
    responsible_id: int | None
    delivered: Decimal
    invoiced: Decimal


class OrderChangeRow(NamedTuple):
    order_id: int
    from_status: str
    to_status: str
    reason: str
    user_id: int | None
    at: str
