"""The rows that are made, each with the names of the columns it fills; ``None`` is an empty value."""

from __future__ import annotations

from decimal import Decimal
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


class MembershipRow(NamedTuple):
    scheme_id: int
    segment_id: int
    customer_id: int
    period: str
    decided_by_id: int | None
    decided_at: str
    ended_as: str = ""


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


class ActivityRow(NamedTuple):
    id: int
    type_id: int
    customer_id: int | None
    title: str
    goal: str
    memo: str
    start: str
    end: str
    status: str
    channel: str
    place: str
    hours: float | None
    settlement: str
    created_by_id: int | None
    closed_at: str | None
    created_at: str
    follows_id: int | None = None
    follow_kind: str = "follow_up"
    series_id: int | None = None
    series_start: str | None = None
    ical_uid: str = ""


class ParticipationRow(NamedTuple):
    activity_id: int
    user_id: int
    due_at: str | None
    start_at: str


class ActivityContactRow(NamedTuple):
    activity_id: int
    contact_id: int


class ActivityKeywordRow(NamedTuple):
    activity_id: int
    keyword_id: int


class EncounterRow(NamedTuple):
    activity_id: int
    matters: str
    solved_at_once: bool | None
    critical_moment: str
    with_video: bool
    with_interpreter: bool
    unnecessary_id: int | None


class FeedbackRow(NamedTuple):
    activity_id: int
    about: str
    about_what: str
    responsible_id: int | None
    answer_due: str | None
    answer: str
    answered_at: str | None
    answered_by_id: int | None
    answer_channel: str
    corrective_action: str
    escalated_at: str | None


class LeadRow(NamedTuple):
    activity_id: int
    state: str
    source_id: int | None
    need: str
    value: int | None
    take_by: str | None
    offered_to_id: int | None
    taken_by_id: int | None
    taken_at: str | None
    close_reason_id: int | None
    state_reason: str


class NpsRow(NamedTuple):
    contact_id: int
    customer_id: int
    language: str
    digest: str
    asked_by_id: int
    asked_at: str
    state: str
    sent_at: str
    expires_at: str
    segment_id: int | None
    group_id: int | None
    score: int | None
    comment: str
    answered_at: str | None
    feedback_id: int | None


class SeriesRow(NamedTuple):
    id: int
    rule: str
    start: str
    made_until: str
    created_by_id: int


class ReminderRow(NamedTuple):
    activity_id: int
    user_id: int
    minutes_before: int
    due_at: str


class InvitationRow(NamedTuple):
    activity_id: int
    contact_id: int | None
    user_id: int | None
    email: str
    answer: str
    answered_at: str | None
    state: str
    sent_at: str


class NotificationRow(NamedTuple):
    user_id: int
    kind: str
    data: str
    url: str
    created_at: str
    read_at: str | None


class WorkTargetRow(NamedTuple):
    user_id: int
    hours: float


class ThreadRow(NamedTuple):
    id: int
    subject: str
    created_at: str


class MessageRow(NamedTuple):
    id: int
    activity_id: int | None
    thread_id: int
    direction: str
    state: str
    message_id: str
    in_reply_to: str
    references: str
    sender: str
    sender_name: str
    subject: str
    body: str
    date: str
    size: int
    user_id: int


class RecipientRow(NamedTuple):
    message_id: int
    kind: str
    address: str
    name: str
    contact_id: int | None


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


Row = (
    CustomerRow | AddressRow | NumberRow | ResponsibilityRow | CustomerClassRow | MembershipRow | ContactRow
    | PositionRow | PointRow | ConsentRow | ActivityRow | ParticipationRow | ActivityContactRow | ActivityKeywordRow
    | EncounterRow | FeedbackRow | LeadRow | NpsRow | SeriesRow | ReminderRow | InvitationRow | ThreadRow
    | MessageRow | RecipientRow | NotificationRow | WorkTargetRow | FavouriteRow | OfferRow | OfferLineRow
    | OfferChangeRow | OfferActivityRow | OrderRow | OrderLineRow | OrderChangeRow
)  # fmt: skip
