"""Columns of the customer list for pages and files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.phones import show_phone
from core.tables import Column, Table
from customers.models import Customer


def segment_letter(customer: Customer) -> str:
    """Return A, B, C or P: the first letter of the segment's code."""
    segment = customer.summary.segment
    return segment.code[:1].upper() if segment else ""


def _phone(customer: Customer) -> str:
    return show_phone(customer.phone) if customer.phone else ""


def _segment_name(customer: Customer) -> Any:
    return customer.summary.segment


def _organisation_form(customer: Customer) -> str:
    return customer.get_organisation_form_display()


CUSTOMERS = Table(
    (
        Column("name", _("Customer"), sort="sort_key", template="customers/cells/name.html", link=True),
        Column(
            "segment", _("Segm."), segment_letter, template="customers/cells/segment.html", export=_segment_name
        ),
        Column("group", _("Group"), "summary.group", wide=True),
        Column("municipality", _("Municipality"), wide=True),
        Column("owner", _("Owner"), "summary.owner", template="customers/cells/owner.html", wide=True),
        Column(
            "last_contact", pgettext_lazy("column", "Last contact"), "summary.last_contact_at",
            sort="summary__last_contact_at",
            template="customers/cells/ago.html",
        ),
        Column(
            "next_contact", pgettext_lazy("column", "Next contact"), "summary.next_contact_at",
            sort="summary__next_contact_at",
            template="customers/cells/day.html", wide=True,
        ),
        Column("open_activities", _("Open activities"), "summary.open_activities", numeric=True, wide=True),
        Column(
            "ordered", _("Orders, 12 months"), "summary.ordered_12_months", sort="summary__ordered_12_months",
            numeric=True, shown=False, wide=True,
        ),
        Column("open_offers", _("Open offers"), "summary.open_offers", numeric=True, shown=False, wide=True),
        Column(
            "open_offers_net", _("Value of open offers"), "summary.open_offers_net", sort="summary__open_offers_net",
            numeric=True, shown=False, wide=True,
        ),
        Column(
            "last_order", _("Last order"), "summary.last_order_on", sort="summary__last_order_on",
            template="customers/cells/day.html", shown=False, wide=True,
        ),
        Column("personnel", _("Personnel"), sort="personnel", numeric=True, wide=True),
        Column("business_id", _("Business ID"), shown=False, wide=True),
        Column("phone", _("Phone"), _phone, shown=False, wide=True),
        Column("email", _("E-mail"), shown=False, wide=True),
        Column("industry", _("Industry"), "summary.industry", shown=False, wide=True),
        Column("size", _("Size class"), "summary.size", shown=False, wide=True),
        Column("region", _("Region"), "municipality.region", shown=False, wide=True),
        Column("organisation_form", _("Organisation form"), _organisation_form, shown=False, wide=True),
        Column(
            "created", _("Added"), "created_at", sort="created_at", template="customers/cells/date.html", shown=False,
            wide=True,
        ),
    ),
    default_sort="name",
)  # fmt: skip
