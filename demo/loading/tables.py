"""COPY of rows into tables, and the keys that the rows get."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Model

from accounts.models import Notification
from activities.calendar import models as calendar_models
from activities.feedback import models as feedback_models
from activities.leads import models as leads_models
from activities.log import models as activities
from activities.mail import models as mail_models
from core import clock
from customers import models as customers
from demo.generate import rows
from offers.offers import models as offers
from offers.orders import models as orders_models
from segmentation.membership.models import Membership

BLOCK = 5_000
COPIED_AT_ONCE = 1 << 18  # bytes


def ids_of(model: type[Model]) -> Iterator[int]:
    """Yield keys that nobody else gets; those of the last block that are not used are lost."""
    table, column = model._meta.db_table, model._meta.pk.column
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)", [table, column, BLOCK]
            )
            block = [row[0] for row in cursor.fetchall()]
        yield from block


class CopyTable:
    """Collects rows of one model and copies them. Columns that a row does not give get the model's defaults.

    ``target`` is the model's table, or with ``is_staged`` a temporary one beside it, which :meth:`stage` makes.
    """

    def __init__(
        self, model: type[models.Model], columns: tuple[str, ...], *, is_staged: bool = False, **constants: Any
    ) -> None:
        fields = {str(field.column): field for field in model._meta.local_concrete_fields}
        others = [
            name
            for name, field in fields.items()
            if not (name in columns or field.primary_key or getattr(field, "generated", False))
        ]
        self.model, self.is_staged, self.columns = model, is_staged, [*columns, *others]
        self.target = f"staged_{model._meta.db_table}" if is_staged else model._meta.db_table
        self.constants = tuple(constants.get(name, _default(fields[name])) for name in others)
        self.sql = _copy_sql(self.target, self.columns, fields)
        self._clear()

    def stage(self, cursor: Any) -> None:
        """Make the temporary table."""
        names = ", ".join(f'"{name}"' for name in self.columns)
        cursor.execute(
            f'CREATE TEMPORARY TABLE "{self.target}" ON COMMIT DROP AS '  # noqa: S608 - names of tables and columns
            f'SELECT {names} FROM "{self.model._meta.db_table}" WITH NO DATA'
        )

    def add(self, row: tuple[Any, ...]) -> None:
        self.writer.writerow(row + self.constants)

    def take(self) -> bytes:
        """Return the collected rows as CSV, and forget them."""
        text = self.buffer.getvalue()
        self._clear()
        return text.encode()

    def copy(self, cursor: Any, rows: bytes) -> None:
        """Copy rows of CSV. An empty text is stored as no value where the column allows null."""
        if rows:
            cursor.copy_expert(self.sql, io.BytesIO(rows), size=COPIED_AT_ONCE)

    def _clear(self) -> None:
        self.buffer = io.StringIO(newline="")
        self.writer = csv.writer(self.buffer, lineterminator="\n")


def _default(field: models.Field[Any, Any]) -> Any:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return clock.now().isoformat()
    value = field.get_default()
    if isinstance(field, ArrayField):
        return "{" + ",".join(map(str, value or ())) + "}"
    return json.dumps(value) if isinstance(value, dict | list) else value


def _copy_sql(table: str, columns: list[str], fields: dict[str, models.Field[Any, Any]]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    filled = ", ".join(f'"{name}"' for name in columns if not fields[name].null)
    return f'COPY "{table}" ({names}) FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL ({filled}))'


#: Which rows go into which table, in the order in which tables point at each other.
MODELS: dict[type[rows.Row], type[Model]] = {
    rows.CustomerRow: customers.Customer,
    rows.AddressRow: customers.Address,
    rows.NumberRow: customers.CustomerNumber,
    rows.ResponsibilityRow: customers.Responsibility,
    rows.CustomerClassRow: customers.CustomerClassification,
    rows.MembershipRow: Membership,
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
    rows.FeedbackRow: feedback_models.Feedback,
    rows.LeadRow: leads_models.Lead,
    rows.NpsRow: feedback_models.NpsQuestion,
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


#: Rows that wait in a temporary table until all are in, and can be numbered.
STAGED = (rows.OfferRow, rows.OrderRow)


def copy_tables() -> dict[type[rows.Row], CopyTable]:
    """Return a table to fill for each kind of row; what can be marked is marked as demo data."""
    return {row: CopyTable(model, row._fields, is_staged=row in STAGED, is_demo=True) for row, model in MODELS.items()}
