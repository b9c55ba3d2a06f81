"""The rows that are made, each with the names of the columns it fills; ``None`` is an empty value."""

from __future__ import annotations

from demo.generate.rows.activities import (
    ActivityContactRow,
    ActivityKeywordRow,
    ActivityRow,
    EncounterRow,
    FeedbackRow,
    InvitationRow,
    LeadRow,
    NotificationRow,
    NpsRow,
    ParticipationRow,
    ReminderRow,
    SeriesRow,
    WorkTargetRow,
)
from demo.generate.rows.customers import (
    AddressRow,
    ConsentRow,
    ContactRow,
    CustomerClassRow,
    CustomerRow,
    FavouriteRow,
    NumberRow,
    PointRow,
    PositionRow,
    ResponsibilityRow,
)
from demo.generate.rows.mail import (
    MessageRow,
    RecipientRow,
    ThreadRow,
)
from demo.generate.rows.offers import (
    OfferActivityRow,
    OfferChangeRow,
    OfferLineRow,
    OfferRow,
    OrderChangeRow,
    OrderLineRow,
    OrderRow,
)

Row = (
    CustomerRow
    | AddressRow
    | NumberRow
    | ResponsibilityRow
    | CustomerClassRow
    | ContactRow
    | PositionRow
    | PointRow
    | ConsentRow
    | ActivityRow
    | ParticipationRow
    | ActivityContactRow
    | ActivityKeywordRow
    | EncounterRow
    | FeedbackRow
    | LeadRow
    | NpsRow
    | SeriesRow
    | ReminderRow
    | InvitationRow
    | ThreadRow
    | MessageRow
    | RecipientRow
    | NotificationRow
    | WorkTargetRow
    | FavouriteRow
    | OfferRow
    | OfferLineRow
    | OfferChangeRow
    | OfferActivityRow
    | OrderRow
    | OrderLineRow
    | OrderChangeRow
)

__all__ = (
    "ActivityContactRow",
    "ActivityKeywordRow",
    "ActivityRow",
    "AddressRow",
    "ConsentRow",
    "ContactRow",
    "CustomerClassRow",
    "CustomerRow",
    "EncounterRow",
    "FavouriteRow",
    "FeedbackRow",
    "InvitationRow",
    "LeadRow",
    "MessageRow",
    "NotificationRow",
    "NpsRow",
    "NumberRow",
    "OfferActivityRow",
    "OfferChangeRow",
    "OfferLineRow",
    "OfferRow",
    "OrderChangeRow",
    "OrderLineRow",
    "OrderRow",
    "ParticipationRow",
    "PointRow",
    "PositionRow",
    "RecipientRow",
    "ReminderRow",
    "ResponsibilityRow",
    "Row",
    "SeriesRow",
    "ThreadRow",
    "WorkTargetRow",
)
