"""Columns of the lists of customers and contacts, for pages and files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import Case, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core.export_sql import joined, path_sql
from core.phones import show_phone
from core.tables import Column, Table, Total
from customers import cells
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint, Customer, Position
from customers.plugs import added_columns
from customers.segment_filters import OF_SCHEME
from customers.selectors.segments import further_segments_of, present_memberships, segments_in
from segmentation.schemes.models import Scheme

#: As much of the code of a segment as lists show.
LETTERS = 4


def segment_letter(customer: Customer) -> str:
    """Return the code of the segment as lists have room for it, such as A or P."""
    segment = customer.summary.segment
    return segment.code[:LETTERS] if segment else ""


def owner_sql() -> Case:
    """Return :func:`cells.owner_text`."""
    nobody = When(summary__owner__isnull=True, then=Value(gettext("no owner")))
    return Case(nobody, default=path_sql(Customer, "summary.owner"), output_field=TextField())


def _further_sql(**of: Any) -> Any:
    rows = present_memberships().filter(customer=OuterRef("pk"), scheme__is_primary=False, **of)
    return joined(rows.order_by("scheme__order", "segment__order", "pk"), path_sql(rows.model, "segment"))


def _phone_text(value: str) -> str:
    return show_phone(value) if value else ""


def _customer_phone(customer: Customer) -> str:
    return _phone_text(customer.phone)


CUSTOMERS = Table(
    (
        Column("name", _("Customer"), sort="sort_key", cell=cells.name, link=True, long=True),
        Column(
            "segment", _("Segm."), segment_letter, cell=cells.segment, inline="segment",
            sql=lambda user: Left("summary__segment__code", LETTERS),
        ),
        Column(
            "further_segments", _("Segments of other schemes"), further_segments_of, cell=core_cells.joined, long=True,
            shown=False, wide=True, sql=lambda user: _further_sql(),
        ),
        Column("group", _("Group"), "summary.group", cell=cells.node, long=True, wide=True, inline="group"),
        Column("municipality", _("Municipality"), wide=True, inline="municipality"),
        Column(
            "owner", _("Owner"), "summary.owner", cell=cells.owner, wide=True, inline="owner", export=cells.owner_text,
            sql=lambda user: owner_sql(),
        ),
        Column(
            "last_contact", pgettext_lazy("column", "Last contact"), "summary.last_contact_at",
            sort="summary__last_contact_at",
            cell=core_cells.ago,
        ),
        Column(
            "next_contact", pgettext_lazy("column", "Next contact"), "summary.next_contact_at",
            sort="summary__next_contact_at",
            cell=core_cells.day, wide=True,
        ),
        Column("open_activities", _("Open activities"), "summary.open_activities", numeric=True, wide=True),
        Column(
            "ordered", _("Orders, 12 months"), "summary.ordered_12_months", sort="summary__ordered_12_months",
            numeric=True, shown=False, wide=True,
            total=Total("summary__ordered_12_months", _("Orders of all customers that match in 12 months, in euros")),
        ),
        Column("open_offers", _("Open offers"), "summary.open_offers", numeric=True, shown=False, wide=True),
        Column(
            "open_offers_net", _("Value of open offers"), "summary.open_offers_net", sort="summary__open_offers_net",
            numeric=True, shown=False, wide=True,
            total=Total("summary__open_offers_net", _("Open offers of all customers that match, in euros")),
        ),
        Column(
            "last_order", _("Last order"), "summary.last_order_on", sort="summary__last_order_on",
            cell=core_cells.day, shown=False, wide=True,
        ),
        Column("personnel", _("Personnel"), sort="personnel", numeric=True, wide=True, inline="personnel"),
        Column("business_id", _("Business ID"), shown=False, wide=True),
        Column(
            "phone", _("Phone"), _customer_phone, shown=False, wide=True,
            sql="phone", finish=_phone_text, inline="phone",
        ),
        Column("email", _("E-mail"), shown=False, wide=True, inline="email"),
        Column(
            "industry", _("Industry"), "summary.industry", cell=cells.node, long=True, shown=False, wide=True,
            inline="industry",
        ),
        Column(
            "size", _("Size class"), "summary.size", cell=cells.node, long=True, shown=False, wide=True, inline="size",
        ),
        Column("region", _("Region"), "municipality.region", shown=False, wide=True),
        Column(
            "organisation_form", _("Organisation form"), Customer.get_organisation_form_display, shown=False, wide=True,
            sql="get_organisation_form_display", inline="organisation_form",
        ),
        Column(
            "created", _("Added"), "created_at", sort="created_at", cell=core_cells.short_date, shown=False,
            wide=True,
        ),
    ),
    default_sort="name",
    facts=("segment", "owner", "last_contact"),
)  # fmt: skip


_CLASS = ("code", "name_fi", "name_en", "short_fi", "short_en")
#: The fields that a column of customers reads, where it reads others than the field of its name.
FIELDS = {
    **{name: [f"summary__{name}__{field}" for field in _CLASS] for name in ("group", "industry", "size")},
    "segment": [f"summary__segment__{field}" for field in (*_CLASS, "colour")],
    "further_segments": [],
    "municipality": ["municipality__name_fi"],
    "region": ["municipality__region"],
    "owner": [f"summary__owner__{field}" for field in ("first_name", "last_name", "username")],
    "last_contact": ["summary__last_contact_at"],
    "next_contact": ["summary__next_contact_at"],
    "open_activities": ["summary__open_activities"],
    "ordered": ["summary__ordered_12_months"],
    "open_offers": ["summary__open_offers"],
    "open_offers_net": ["summary__open_offers_net"],
    "last_order": ["summary__last_order_on"],
    "created": ["created_at"],
}


def _scheme_column(scheme: Scheme) -> Column:
    return Column(
        f"{OF_SCHEME}{scheme.pk}",
        scheme.name,
        partial(segments_in, scheme=scheme.pk),
        cell=core_cells.joined,
        long=True,
        shown=False,
        wide=True,
        sql=lambda user: _further_sql(scheme=scheme.pk),
    )


def customers_table(schemes: Iterable[Scheme]) -> Table:
    """Return the columns of customers with one for each of the further schemes, and those that other apps add."""
    further = [_scheme_column(scheme) for scheme in schemes]
    columns = list(CUSTOMERS.columns)
    at = _place(columns, "further_segments")
    columns[at:at] = further
    for added in added_columns():
        columns.insert(_place(columns, added.after) + 1, added.column)
    return replace(CUSTOMERS, columns=columns)


def _place(columns: list[Column], name: str) -> int:
    return [column.name for column in columns].index(name)


#: What the own customers have alike, or are seldom asked for: it makes room for what other apps show of them.
NOT_OF_OWN = {"owner", "personnel"}


def own_table(table: Table) -> Table:
    """Return the table as it opens for the own customers: with what other apps show of them, without the owner."""
    shown = {added.column.name for added in added_columns() if added.in_own}
    if not shown:
        return table
    changes = {**dict.fromkeys(NOT_OF_OWN, False), **dict.fromkeys(shown, True)}
    columns = [replace(one, shown=changes.get(one.name, one.shown)) for one in table.columns]
    return replace(table, columns=columns, facts=("segment", "last_contact", "next_contact"))


def reads_further_segments(columns: Iterable[Column]) -> bool:
    """Return whether one of these columns shows segments of further schemes."""
    return any(column.name == "further_segments" or column.name.startswith(OF_SCHEME) for column in columns)


def fields_of(columns: Iterable[Column]) -> list[str]:
    """Return the fields that these columns of customers read, and those of the name, which leads to the row."""
    added = {one.column.name for one in added_columns()}
    own = [column.name for column in columns if not column.name.startswith(OF_SCHEME) and column.name not in added]
    return ["name", "state", *(path for name in own for path in FIELDS.get(name, [name]))]


def first_point(contact: Contact, kind: ContactPointKind) -> str:
    """Return the primary number or address of the prefetched points."""
    return next((point.value for point in contact.points.all() if point.kind == kind), "")


def email(contact: Contact) -> str:
    return first_point(contact, ContactPointKind.EMAIL)


def phone(contact: Contact) -> str:
    return _phone_text(first_point(contact, ContactPointKind.PHONE))


def _positions(contact: Any) -> list[Any]:
    return contact.current_positions


def _customers(contact: Any) -> list[str]:
    return [position.customer.name for position in contact.current_positions]


def _titles(contact: Any) -> list[str]:
    return list(dict.fromkeys(position.title for position in contact.current_positions if position.title))


def _roles(contact: Any) -> list[str]:
    return list(dict.fromkeys(str(position.role) for position in contact.current_positions if position.role))


def _at_customers(user: Any) -> Any:
    """Return the rows of ``current_positions`` of a contact, for SQL."""
    rows = Position.objects.current().visible_to(user).filter(contact=OuterRef("pk"))
    return rows.order_by("customer__sort_key", "pk")


def _first_point_sql(kind: ContactPointKind) -> Callable[[Any], Coalesce]:
    points = ContactPoint.objects.filter(contact=OuterRef("pk"), kind=kind).order_by("-is_primary", "pk")
    return lambda user: Coalesce(Subquery(points.values("value")[:1]), Value(""))


def _each_once(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


#: The fields of positions that the columns of contacts read.
POSITION_FIELDS = ("title", "customer__name", *(f"role__{name}" for name in _CLASS))

CONTACTS = Table(
    (
        Column("name", _("Name"), str, sort="sort_key", link=True, sql=lambda user: Contact.text_sql("")),
        Column(
            "customers",
            _("Customer"),
            _positions,
            cell=cells.positions,
            long=True,
            export=_customers,
            sql=lambda user: joined(_at_customers(user), "customer__name"),
        ),
        Column("title", _("Job title"), _titles, cell=core_cells.joined, long=True, wide=True,
               sql=lambda user: joined(_at_customers(user).exclude(title=""), "title"), finish=_each_once),
        Column("role", _("Role"), _roles, cell=core_cells.joined, long=True, wide=True,
               sql=lambda user: joined(_at_customers(user).filter(role__isnull=False), path_sql(Position, "role")),
               finish=_each_once),
        Column("email", _("E-mail"), email, cell=core_cells.email, export=email, long=True, wide=True, inline="email",
               sql=_first_point_sql(ContactPointKind.EMAIL)),
        Column("phone", _("Phone"), phone, cell=cells.phone, export=phone, inline="phone",
               sql=_first_point_sql(ContactPointKind.PHONE), finish=_phone_text),
        Column("language", _("Language"), Contact.get_language_display, shown=False, wide=True, inline="language",
               sql="get_language_display"),
        Column("created", _("Added"), "created_at", sort="created_at", shown=False, wide=True,
               cell=core_cells.short_date),
    ),
    default_sort="name",
    facts=("customers", "title", "phone"),
)  # fmt: skip
