"""Which rows go into which table, in the order in which tables point at each other."""

from __future__ import annotations

from django.db.models import Model

from accounts.models import Notification
from activities import models as activities
from customers import models as customers
from demo.generate import rows
from demo.loading.copying import CopyTable
from offers import models as offers

MODELS: dict[type[rows.Row], type[Model]] = {
    rows.CustomerRow: customers.Customer,
    rows.AddressRow: customers.Address,
    rows.NumberRow: customers.CustomerNumber,
    rows.ResponsibilityRow: customers.Responsibility,
    rows.CustomerClassRow: customers.CustomerClassification,
    rows.ContactRow: customers.Contact,
    rows.PositionRow: customers.Position,
    rows.PointRow: customers.ContactPoint,
    rows.ConsentRow: customers.Consent,
    rows.SeriesRow: activities.ActivitySeries,
    rows.ActivityRow: activities.Activity,
    rows.ParticipationRow: activities.Participation,
    rows.ActivityContactRow: activities.ActivityContact,
    rows.ActivityKeywordRow: activities.ActivityKeyword,
    rows.EncounterRow: activities.Encounter,
    rows.FeedbackRow: activities.Feedback,
    rows.LeadRow: activities.Lead,
    rows.NpsRow: activities.NpsQuestion,
    rows.ReminderRow: activities.Reminder,
    rows.InvitationRow: activities.Invitation,
    rows.ThreadRow: activities.EmailThread,
    rows.MessageRow: activities.EmailMessage,
    rows.RecipientRow: activities.EmailRecipient,
    rows.NotificationRow: Notification,
    rows.WorkTargetRow: activities.WorkTarget,
    rows.FavouriteRow: customers.Favourite,
    rows.OfferRow: offers.Offer,
    rows.OfferLineRow: offers.OfferLine,
    rows.OfferChangeRow: offers.OfferStatusChange,
    rows.OfferActivityRow: offers.OfferActivity,
    rows.OrderRow: offers.Order,
    rows.OrderLineRow: offers.OrderLine,
    rows.OrderChangeRow: offers.OrderStatusChange,
}


def copy_tables() -> dict[type[rows.Row], CopyTable]:
    """Return a table to fill for each kind of row; what can be marked is marked as demo data."""
    return {row: CopyTable(model, row._fields, is_demo=True) for row, model in MODELS.items()}
