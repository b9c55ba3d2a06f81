"""Which rows go into which table, in the order in which tables point at each other."""

from __future__ import annotations

from django.db.models import Model

from accounts.models import Notification
from activities.calendar import models as calendar_models
from activities.feedback import models
from activities.leads import models as leads_models
from activities.log import models as activities
from activities.mail import models as mail_models
from customers import models as customers
from demo.generate import rows
from demo.loading.copying import CopyTable
from offers.offers import models as offers
from offers.orders import models as orders_models

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
    rows.FeedbackRow: models.Feedback,
    rows.LeadRow: leads_models.Lead,
    rows.NpsRow: models.NpsQuestion,
    rows.ReminderRow: activities.Reminder,
    rows.InvitationRow: calendar_models.Invitation,
    rows.ThreadRow: mail_models.EmailThread,
    rows.MessageRow: mail_models.EmailMessage,
    rows.RecipientRow: mail_models.EmailRecipient,
    rows.NotificationRow: Notification,
    rows.WorkTargetRow: calendar_models.WorkTarget,
    rows.FavouriteRow: customers.Favourite,
    rows.OfferRow: offers.Offer,
    rows.OfferLineRow: offers.OfferLine,
    rows.OfferChangeRow: offers.OfferStatusChange,
    rows.OfferActivityRow: offers.OfferActivity,
    rows.OrderRow: orders_models.Order,
    rows.OrderLineRow: orders_models.OrderLine,
    rows.OrderChangeRow: orders_models.OrderStatusChange,
}


def copy_tables() -> dict[type[rows.Row], CopyTable]:
    """Return a table to fill for each kind of row; what can be marked is marked as demo data."""
    return {row: CopyTable(model, row._fields, is_demo=True) for row, model in MODELS.items()}
