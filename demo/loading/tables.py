"""Which rows go into which table, in the order in which tables point at each other."""

from __future__ import annotations

from django.db.models import Model

from activities.models import Activity, ActivityContact, ActivityKeyword, Participation
from customers import models as customers
from demo.generate import rows
from demo.loading.copying import CopyTable

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
    rows.ActivityRow: Activity,
    rows.ParticipationRow: Participation,
    rows.ActivityContactRow: ActivityContact,
    rows.ActivityKeywordRow: ActivityKeyword,
    rows.FavouriteRow: customers.Favourite,
}


def copy_tables() -> dict[type[rows.Row], CopyTable]:
    """Return a table to fill for each kind of row; what can be marked is marked as demo data."""
    return {row: CopyTable(model, row._fields, is_demo=True) for row, model in MODELS.items()}
