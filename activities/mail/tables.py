"""Tables of the inbox, of messages and of templates."""

from __future__ import annotations

from django.db.models import Case, F, Func, TextField, Value, When
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.mail import cells, senders
from core.tables import Column, Table


def _first_reason(error: str) -> str:
    return " ".join(senders.reason_texts(error)[:1])


def sender_sql() -> Func:
    """Return :func:`cells.sender_text`."""
    to = Case(When(direction="out", then=Value(cells.before_name("out"))))
    given = (NullIf(part, Value("")) for part in (F("sender_name"), F("sender")))
    return Func(Value(" "), to, *given, function="concat_ws", output_field=TextField())


INBOX_TABLE = Table(
    (
        Column("sender", pgettext_lazy("e-mail", "From"), cell=cells.sender, export=cells.sender_text,
               sql=lambda user: sender_sql()),
        Column("subject", _("Subject"), link=True, grow=True),
        Column("date", _("When"), sort="date"),
        Column("suggestion", _("Suggestion"), cell=cells.suggestion, long=True,
               sql=lambda user: Value(None, TextField())),
        Column(
            "reason", _("Reason"), value=lambda row: _first_reason(row.error), wide=True,
            sql="error", finish=_first_reason,
        ),
        Column("mailbox", _("Mailbox"), wide=True, shown=False),
    ),
    "-date",
    ("sender", "date", "suggestion"),
)  # fmt: skip
EMAIL_TABLE = Table([Column("id", _("Number"), sort="pk")], default_sort="-id")
EMAIL_TEMPLATE_TABLE = Table([Column("name", _("Name"), sort="name")], default_sort="name")
