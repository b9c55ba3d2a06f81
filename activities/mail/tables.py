"""Tables of the inbox, of messages and of templates."""

from __future__ import annotations

from django.db.models import TextField, Value
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.mail import cells, senders
from core.tables import Column, Table


def _first_reason(error: str) -> str:
    return " ".join(senders.reason_texts(error)[:1])


INBOX_TABLE = Table(
    (
        Column("sender", pgettext_lazy("e-mail", "From"), cell=cells.sender),
        Column("subject", _("Subject"), link=True, grow=True),
        Column("date", _("When"), sort="date"),
        Column("suggestion", _("Suggestion"), cell=cells.suggestion,
               sql=lambda user: Value(None, TextField())),
        Column(
            "reason", _("Reason"), value=lambda row: _first_reason(row.error), wide=True,
            sql="error", finish=_first_reason,
        ),
        Column("mailbox", _("Mailbox"), wide=True, shown=False),
    ),
    "-date",
)  # fmt: skip
EMAIL_TABLE = Table([Column("id", _("Number"), sort="pk")], default_sort="-id")
EMAIL_TEMPLATE_TABLE = Table([Column("name", _("Name"), sort="name")], default_sort="name")
