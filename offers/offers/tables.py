"""Columns of offers for screen and export."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Case, DateField, F, Func, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Coalesce, Concat, TruncDate
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core import clock
from core.export_sql import labels
from core.tables import Column, Table, Total
from offers.offers import cells
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import Offer

#: Default columns of every tab.
ALWAYS = ("number", "title", "customer", "status", "net")
#: Undecided offers have an index for the first ones, decided offers for the last.
OPEN_ONLY, DECIDED_ONLY = frozenset({"valid_until", "expected_close", "since"}), frozenset({"decided_at"})


def likely_sql() -> Coalesce:
    """Return :attr:`Offer.likely`."""
    of_stage = Case(
        When(status=OfferStatus.ORDER, then=Value(100)),
        When(status=OfferStatus.LOST, then=Value(0)),
        When(status=OfferStatus.SENT, then=F("type__sent_probability")),
        default=F("type__open_probability"),
        output_field=IntegerField(),
    )
    return Coalesce("probability", of_stage, output_field=IntegerField())


def days_in_status_sql() -> Func:
    """Return :attr:`Offer.days_in_status`."""
    days = (Value(clock.user_today(), DateField()), TruncDate("status_since"))
    return Func(*days, template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())


def status_sql() -> Case:
    """Return :func:`cells.status_text`."""
    label = labels(Offer, "status")
    expired = Concat(label, Value(" "), Value(gettext("expired")), output_field=TextField())
    has_expired = Q(status__in=UNDECIDED, valid_until__lt=clock.today())
    return Case(When(has_expired, then=expired), default=label, output_field=TextField())


SUM_OF_NET = _("Values without VAT of all rows that match, in euros")
SUM_OF_VAT = _("VAT of all rows that match, in euros")
COLUMNS = (
    Column("number", _("Number"), link=True),
    Column("title", pgettext_lazy("offer", "Title"), link=True, grow=True),
    Column("customer", _("Customer"), cell=core_cells.link, long=True),
    Column(
        "status", _("Status"), cell=cells.status, inline="status", export=cells.status_text,
        sql=lambda user: status_sql(),
    ),
    Column("net", _("Value"), sort="net", numeric=True, cell=core_cells.euros, total=Total("net", SUM_OF_NET)),
    Column("owner", _("Account manager"), long=True, wide=True, inline="owner"),
    Column("type", _("Type"), long=True, wide=True),
    Column("date", _("Date"), sort="date", cell=core_cells.day, wide=True, inline="date"),
    Column("valid_until", _("Valid until"), sort="valid_until", cell=cells.valid, wide=True, inline="valid_until"),
    Column(
        "expected_close", _("Expected close"), sort="expected_close", cell=core_cells.day, wide=True,
        inline="expected_close",
    ),
    Column("likely", _("Probability, %"), numeric=True, shown=False, wide=True, inline="probability",
           sql=lambda user: likely_sql()),
    Column(
        "since", _("Days at stage"), "days_in_status", sort="status_since", numeric=True, shown=False, wide=True,
        cell=cells.stage, sql=lambda user: days_in_status_sql(),
    ),
    Column("contact", _("Contact"), shown=False, wide=True, inline="contact"),
    Column("decided_at", _("Decided"), sort="decided_at", cell=core_cells.day, shown=False, wide=True),
    Column("lost_reason", _("Lost reason"), shown=False, wide=True),
    Column("competitor", _("Competitor"), shown=False, wide=True),
    Column("vat", _("VAT"), numeric=True, cell=core_cells.euros, shown=False, wide=True,
               total=Total("vat", SUM_OF_VAT)),
    Column("gross", _("Total with VAT"), numeric=True, cell=core_cells.euros, shown=False, wide=True,
           sql=lambda user: F("net") + F("vat")),
    Column("language", _("Language"), "get_language_display", shown=False, wide=True),
    Column("created_at", _("Added"), cell=core_cells.day, shown=False, wide=True),
)  # fmt: skip


def _table(shown: str, sorted_by: frozenset[str], default: str) -> Table:
    """Return the columns with others shown by default; columns without a suitable index cannot be sorted."""
    names = {*ALWAYS, *shown.split()}
    special = OPEN_ONLY | DECIDED_ONLY
    columns = [
        replace(
            column,
            shown=column.name in names,
            sort="" if column.name in special - sorted_by else column.sort,
        )
        for column in COLUMNS
    ]
    return Table(columns, default, ("customer", "status", "net"))


MINE_TABLE = _table("type valid_until expected_close", OPEN_ONLY, "expected_close")
OPEN_TABLE = _table("owner valid_until expected_close", OPEN_ONLY, "expected_close")
DECIDED_TABLE = _table("owner decided_at lost_reason", DECIDED_ONLY, "-decided_at")
OFFER_TABLE = _table("owner type date", frozenset(), "-date")
#: By the tab of the list; any other shows all offers.
TAB_TABLES = {"mine": MINE_TABLE, "open": OPEN_TABLE, "decided": DECIDED_TABLE}
#: Every column that some tab sorts by.
ANY_TAB_TABLE = _table("", OPEN_ONLY | DECIDED_ONLY, "-date")
