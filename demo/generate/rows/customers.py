"""Rows of customers."""

from __future__ import annotations

from typing import NamedTuple


class CustomerRow(NamedTuple):
    id: int
    name: str
    business_id: str
    organisation_form: str
    parent_id: int | None
    municipality_id: int
    phone: str
    email: str
    website: str
    language: str
    preferred_channel: str
    personnel: int | None
    personnel_change: int | None
    turnover: int | None
    founded: int | None
    registry_industry: str
    directness: str
    charging_method: str
    cost_centre: str
    is_obliged_to_buy: bool
    description: str
    source: str
    state: str
    passive_reason: str
    passive_note: str
    passive_since: str | None
    created_at: str


class AddressRow(NamedTuple):
    customer_id: int
    kind: str
    street: str
    postal_code: str
    city: str


class NumberRow(NamedTuple):
    customer_id: int
    system: str
    number: str


class ResponsibilityRow(NamedTuple):
    customer_id: int
    user_id: int
    role: str
    description: str
    start: str
    end: str | None


class CustomerClassRow(NamedTuple):
    customer_id: int
    node_id: int
    assigned_by_id: int | None


class ContactRow(NamedTuple):
    id: int
    first_name: str
    last_name: str
    language: str
    preferred_channel: str
    is_hidden: bool
    created_at: str


class PositionRow(NamedTuple):
    contact_id: int
    customer_id: int
    title: str
    role_id: int | None
    area: str
    start: str
    end: str | None


class PointRow(NamedTuple):
    contact_id: int
    kind: str
    value: str
    label: str
    is_primary: bool


class ConsentRow(NamedTuple):
    contact_id: int
    channel: str
    is_given: bool
    given_on: str
    source: str


class FavouriteRow(NamedTuple):
    user_id: int
    customer_id: int
