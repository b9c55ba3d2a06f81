"""Charges of customers: the fields of their rows, and the handler. A row has a customer, a service, a year, a sum."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from careplans.content.models import Charge
from careplans.content.models.charges import FIRST_YEAR, LAST_YEAR, MOST
from careplans.content.services.rows import row_save
from core.import_kinds import Field, Parser, plain
from customers.models import Customer
from imports import values
from imports.enums import RowStatus
from imports.lookups import LookupFailed
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, set_result
from imports.pipeline.contact_fields import customer_key
from imports.pipeline.customer_fields import IDS, NUMBERS
from imports.pipeline.matching import Match, match_customers
from imports.problems import Problem

_CUSTOMER, _CHARGE = _("Customer"), _("Charge")


def year(text: str) -> int:
    """Return a year as a number. Raise ``ValidationError`` for another text."""
    number = text.strip()
    if not (number.isascii() and number.isdecimal() and FIRST_YEAR <= int(number[:5]) <= LAST_YEAR):
        raise ValidationError(_("This is no year from 2000 to 2100."), code="charge_year")
    return int(number)


def amount(factor: Decimal) -> Parser:
    return values.money(int(MOST), factor, low=-int(MOST))


FIELDS = [
    Field("customer", _("customer"), plain(values.line(200)), "asiakas, yritys, customer, company", _CUSTOMER),
    Field("customer_number", _("customer number"), plain(values.line(60)), NUMBERS, _CUSTOMER, per_system=True),
    Field("customer_business_id", _("business ID"), plain(values.business_id), IDS, _CUSTOMER),
    Field("service", _("service"), plain(values.line(120)), "palvelu, tuote, service, product", _CHARGE),
    Field("charge_year", _("year"), plain(year), "vuosi, year", _CHARGE),
    Field(
        "charge_amount", _("charges"), amount, "veloitus, veloitukset, summa, euroa, charge, charges, amount", _CHARGE,
        has_factor=True, is_amount=True,
    ),
    Field("value_source", _("source"), plain(values.line(120)), "lähde, source", _CHARGE),
]  # fmt: skip
NEEDED = ("service", "charge_year", "charge_amount")


class ChargeHandler(RowHandler):
    takes_customer = True

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        """Return customer, service and year: a second row about them is a duplicate."""
        wanted = customer_key(values)
        who = wanted.number or wanted.business_id or wanted.name
        about = f"{values.get('service') or ''}|{values.get('charge_year') or ''}"
        return f"{wanted.system}|{who}|{about}".casefold() if who else "", "", ""

    def process(self, rows: Sequence[ImportRow]) -> None:
        matches = match_customers([customer_key(row.values) for row in rows])
        ids = {pk for match in matches for pk in match.ids}
        if self.assigned_customer:
            ids.add(self.assigned_customer.pk)
        customers = Customer.objects.select_for_update(no_key=True).order_by("pk").in_bulk(ids)
        held = {
            (one.customer_id, one.service.lower(), one.year): one for one in Charge.objects.filter(customer__in=ids)
        }
        for row, match in zip(rows, matches, strict=True):
            try:
                self._import_row(row, match, customers, held)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)

    def _import_row(
        self, row: ImportRow, match: Match, customers: dict[int, Customer], held: dict[tuple[int, str, int], Charge]
    ) -> None:
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        given = {**self.defaults, **(row.values or {})}
        if missing := [name for name in NEEDED if given.get(name) in (None, "")]:
            set_result(row, RowStatus.REFUSED, *(Problem("required", {}, name) for name in missing))
            return
        customer = self._customer(given, match, customers)
        row.target_id, row.values = customer.pk, None
        charge, sum_ = (
            held.get((customer.pk, given["service"].lower(), given["charge_year"])),
            Decimal(given["charge_amount"]),
        )
        if charge is not None and charge.amount == sum_:
            row.fate = RowStatus.UNCHANGED
            return
        self._write(
            charge or Charge(customer=customer, service=given["service"], year=given["charge_year"]), sum_, given
        )
        row.fate, row.changed = (RowStatus.UPDATED, ["charge_amount"]) if charge else (RowStatus.CREATED, [])

    def _write(self, charge: Charge, amount: Decimal, given: dict[str, Any]) -> None:
        if not self.dry_run:
            charge.amount, charge.source = amount, given.get("value_source") or self.run.file_name[:120]
            row_save(row=charge)

    def _customer(self, given: dict[str, Any], match: Match, customers: dict[int, Customer]) -> Customer:
        if self.assigned_customer:
            return active(customers[self.assigned_customer.pk])
        wanted = customer_key(given)
        text = wanted.number or wanted.business_id or wanted.name
        if not text:
            raise LookupFailed(Problem("no_customer"))
        if len(match.ids) != 1:
            raise LookupFailed(Problem("ambiguous_customer" if match.ids else "unknown_customer", {"value": text[:80]}))
        return active(customers[match.ids[0]])


def active(customer: Customer) -> Customer:
    if customer.is_passive:
        raise LookupFailed(Problem("passive", {"name": customer.name}))
    return customer
