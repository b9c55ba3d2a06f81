"""Values of own metrics and direct costs of orders: the fields of their rows, and the handlers.

A row of values has a customer, a metric by code or name, and the value as text, which is read by the metric's kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import clock
from core.exceptions import BusinessRuleError
from core.import_kinds import Field, Parser, plain
from customers.models import Customer
from imports import values
from imports.enums import RowStatus
from imports.lookups import LookupFailed, Named
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, set_result
from imports.pipeline.contact_fields import customer_key
from imports.pipeline.customer_fields import IDS, NUMBERS
from imports.pipeline.matching import Match, match_customers
from imports.problems import Problem
from offers.orders.models import Order
from segmentation.metrics.enums import OwnKind
from segmentation.metrics.models import OrderCost, OwnMetric, OwnValue
from segmentation.metrics.services.costs import order_cost_set
from segmentation.metrics.services.values import check_value, expiry, value_give

_CUSTOMER, _VALUE = _("Customer"), _("Value")
HIGHEST = 10**13


def amount(factor: Decimal) -> Parser:
    return values.money(10**11, factor, low=0)


FIELDS = [
    Field("customer", _("customer"), plain(values.line(200)), "asiakas, yritys, customer, company", _CUSTOMER),
    Field("customer_number", _("customer number"), plain(values.line(60)), NUMBERS, _CUSTOMER, per_system=True),
    Field("customer_business_id", _("business ID"), plain(values.business_id), IDS, _CUSTOMER),
    Field("metric", _("metric"), plain(values.line(120)), "mittari, tunnusluku, metric, measure", _VALUE),
    Field("metric_value", _("value"), plain(values.line(60)), "arvo, value, luku, number", _VALUE),
    Field("given_on", _("valid from"), plain(values.date), "alkaen, voimassa alkaen, päivä, date, valid from", _VALUE),
    Field("expires_on", _("valid until"), plain(values.date), "asti, voimassa asti, valid until, expires", _VALUE),
    Field("reason", _("grounds"), plain(values.line(500)), "peruste, perustelu, grounds, reason", _VALUE),
    Field("value_source", _("source"), plain(values.line(120)), "lähde, source", _VALUE),
]
COST_FIELDS = [
    Field("order_number", _("order number"), plain(values.line(20)), "tilausnumero, tilaus, order number, order"),
    Field(
        "direct_cost", _("direct cost"), amount, "suora kustannus, kustannus, direct cost, cost", has_factor=True,
        is_amount=True,
    ),
    Field("value_source", _("source"), plain(values.line(120)), "lähde, source"),
]  # fmt: skip


def refusal(error: BusinessRuleError, field: str) -> Problem:
    """Return why a service would refuse the row."""
    return Problem("refused", {"reason": str(error)}, field)


@dataclass(frozen=True)
class Item:
    """What a row says."""

    customer: Customer
    metric: OwnMetric
    number: Decimal | None
    day: dt.date | None
    given_on: dt.date
    expires_on: dt.date | None
    reason: str
    source: str


class MetricHandler(RowHandler):
    takes_customer = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.metrics = Named(OwnMetric.objects.filter(retired_at__isnull=True), "unknown_metric")

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        """Return customer and metric: a second row about them is a duplicate."""
        wanted = customer_key(values)
        who = wanted.number or wanted.business_id or wanted.name
        return f"{wanted.system}|{who}|{values.get('metric') or ''}".casefold() if who else "", "", ""

    def process(self, rows: Sequence[ImportRow]) -> None:
        matches = match_customers([customer_key(row.values) for row in rows])
        ids = {pk for match in matches for pk in match.ids}
        if self.assigned_customer:
            ids.add(self.assigned_customer.pk)
        customers = Customer.objects.select_for_update(no_key=True).order_by("pk").in_bulk(ids)
        found = OwnValue.objects.current().filter(customer__in=ids)
        current = {(value.customer_id, value.metric_id): value for value in found}
        for row, match in zip(rows, matches, strict=True):
            try:
                self._import_row(row, match, customers, current)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)

    def _import_row(
        self, row: ImportRow, match: Match, customers: dict[int, Customer], current: dict[tuple[int, int], OwnValue]
    ) -> None:
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        values = {**self.defaults, **(row.values or {})}
        if missing := [name for name in ("metric", "metric_value") if not values.get(name)]:
            set_result(row, RowStatus.REFUSED, *(Problem("required", {}, name) for name in missing))
            return
        item = self._item(values, self._customer(values, match, customers))
        row.target_id = item.customer.pk
        held = current.get((item.customer.pk, item.metric.pk))
        if held and (held.number, held.day, held.expires_on) == (item.number, item.day, item.expires_on):
            row.fate, row.values = RowStatus.UNCHANGED, None
            return
        if held and item.given_on < held.given_on:
            raise LookupFailed(Problem("newer_value", {"day": held.given_on.isoformat()}, "given_on"))
        self._write(item)
        row.fate, row.values = RowStatus.UPDATED if held else RowStatus.CREATED, None
        row.changed = ["metric_value"] if held else []

    def _customer(self, values: dict[str, Any], match: Match, customers: dict[int, Customer]) -> Customer:
        if self.assigned_customer:
            return _active(customers[self.assigned_customer.pk])
        wanted = customer_key(values)
        text = wanted.number or wanted.business_id or wanted.name
        if not text:
            raise LookupFailed(Problem("no_customer"))
        if len(match.ids) != 1:
            raise LookupFailed(Problem("ambiguous_customer" if match.ids else "unknown_customer", {"value": text[:80]}))
        return _active(customers[match.ids[0]])

    def _item(self, given: dict[str, Any], customer: Customer) -> Item:
        metric: OwnMetric = self.metrics.get(given["metric"])
        number, day = self._value(metric, given["metric_value"])
        given_on = _date(given.get("given_on")) or clock.today()
        if given_on > clock.today():
            raise LookupFailed(Problem("future_day", {}, "given_on"))
        expires_on = _date(given.get("expires_on")) or expiry(metric, given_on)
        if expires_on and expires_on < given_on:
            raise LookupFailed(Problem("dates_reversed", {}, "expires_on"))
        return Item(
            customer, metric, number, day, given_on, expires_on, given.get("reason") or "",
            given.get("value_source") or self.run.file_name[:120],
        )  # fmt: skip

    @staticmethod
    def _value(metric: OwnMetric, text: str) -> tuple[Decimal | None, dt.date | None]:
        """Return what the text says in the metric's kind. Raises :class:`LookupFailed`."""
        number: Decimal | None = None
        day: dt.date | None = None
        try:
            if metric.kind == OwnKind.DAY:
                day = _date(values.date(text))
            elif metric.kind == OwnKind.YES:
                number = Decimal(int(values.boolean(text)))
            else:
                number = Decimal(values.money(HIGHEST)(text))
            check_value(metric, number, day)
        except ValidationError as error:
            raise LookupFailed(Problem.of(error, "metric_value")) from error
        except BusinessRuleError as error:
            raise LookupFailed(refusal(error, "metric_value")) from error
        return number, day

    def _write(self, item: Item) -> None:
        if self.dry_run:
            return
        try:
            value_give(
                customer=item.customer, metric=item.metric, number=item.number, day=item.day, user=self.user,
                reason=item.reason, source=item.source, given_on=item.given_on, expires_on=item.expires_on,
            )  # fmt: skip
        except BusinessRuleError as error:
            raise LookupFailed(refusal(error, "metric_value")) from error


class OrderCostHandler(RowHandler):
    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        return str(values.get("order_number") or "").upper(), "", ""

    def process(self, rows: Sequence[ImportRow]) -> None:
        numbers = [str((row.values or {}).get("order_number") or "").upper() for row in rows]
        orders = {order.number.upper(): order for order in Order.objects.filter(number__in=numbers)}
        costs = OrderCost.objects.in_bulk([order.pk for order in orders.values()])
        for row, number in zip(rows, numbers, strict=True):
            try:
                self._import_row(row, orders.get(number), costs)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)

    def _import_row(self, row: ImportRow, order: Order | None, costs: dict[int, OrderCost]) -> None:
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        values = {**self.defaults, **(row.values or {})}
        if missing := [name for name in ("order_number", "direct_cost") if values.get(name) in (None, "")]:
            set_result(row, RowStatus.REFUSED, *(Problem("required", {}, name) for name in missing))
            return
        if order is None:
            raise LookupFailed(Problem("unknown_order", {"value": str(values["order_number"])[:80]}))
        amount, held = Decimal(values["direct_cost"]), costs.get(order.pk)
        row.target_id, row.values = order.pk, None
        if held and held.amount == amount:
            row.fate = RowStatus.UNCHANGED
            return
        if not self.dry_run:
            source = values.get("value_source") or self.run.file_name[:120]
            order_cost_set(order=order, amount=amount, user=self.user, source=source)
        row.fate, row.changed = (RowStatus.UPDATED, ["direct_cost"]) if held else (RowStatus.CREATED, [])


def _active(customer: Customer) -> Customer:
    if customer.is_passive:
        raise LookupFailed(Problem("passive", {"name": customer.name}))
    return customer


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
