"""The hand-over to invoicing: making invoice batches of delivered quantities, downloading and taking back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.status import check_reason
from offers.offers.enums import SeriesKind
from offers.offers.models import SellerDetails
from offers.offers.services.settings import number_take, numbers_take
from offers.orders.enums import OrderStatus
from offers.orders.invoices import (
    Draft,
    DraftLine,
    buyer_snapshot,
    drafts_of,
    missing_of_seller,
    prefetch_invoicing,
    reference_number,
    seller_details,
    seller_snapshot,
)
from offers.orders.lines import check_quantity
from offers.orders.models import Invoice, InvoiceBatch, InvoiceLine, Order, OrderLine
from offers.orders.parts import vat_rates_json
from offers.orders.services.status import ORDER_STATUS, finish_if_invoiced, order_sums_refresh
from offers.products.money import ZERO

MAX_LINES_AT_ONCE = 2_000
#: The limits of the invoice date, counted from today.
MAX_BACK, MAX_AHEAD = dt.timedelta(days=92), dt.timedelta(days=31)


@transaction.atomic
def batch_make(*, order_lines: Mapping[int, Decimal], user: User, day: dt.date) -> InvoiceBatch:
    """Hand quantities of order lines (by the line's id) over to invoicing, one invoice for each order.

    Only orders in delivery are invoiced (rule 5), never more than was delivered and not yet invoiced, also when called
    concurrently. An order with nothing left to invoice becomes invoiced. Raises :class:`BusinessRuleError`: those of
    :func:`drafts_make`, ``seller_incomplete``, ``customer_incomplete``, ``nothing_to_pay``, ``day_not_allowed``.
    """
    check_day(day)
    seller = seller_details()
    drafts = drafts_make(order_lines=order_lines, user=user, lock=True)
    _check_complete(seller, drafts)
    batch = _batch_write(seller, drafts, user, day)
    for draft in drafts:
        for draft_line in draft.lines:
            draft_line.line.invoiced += draft_line.quantity
    lines = [draft_line.line for draft in drafts for draft_line in draft.lines]
    OrderLine.objects.bulk_update(lines, ["invoiced"])
    _lock_summaries([draft.order for draft in drafts])
    for draft in drafts:
        reason = _("Invoiced in batch %(batch)s.") % {"batch": batch}
        finish_if_invoiced(draft.order, user=user, reason=reason)
    return batch


@transaction.atomic
def drafts_make(*, order_lines: Mapping[int, Decimal], user: User, lock: bool = False) -> list[Draft]:
    """Return the drafts of the invoices, by order; ``lock`` keeps the orders locked until the transaction ends.

    Raises :class:`BusinessRuleError`: ``nothing_chosen``, ``too_many_lines``, ``line_unknown``,
    ``order_not_in_delivery``, ``quantity_not_allowed``, ``more_than_delivered`` (at ``line_<id>``).
    """
    if not order_lines:
        raise BusinessRuleError("nothing_chosen", _("Select at least one line."), field="lines")
    if len(order_lines) > MAX_LINES_AT_ONCE:
        message = _("At most %(count)d lines at once.") % {"count": MAX_LINES_AT_ONCE}
        raise BusinessRuleError("too_many_lines", message, field="lines")
    orders = _orders_of_lines(order_lines, user, lock)
    chosen = OrderLine.objects.filter(pk__in=list(order_lines), order__in=orders)
    lines = list(chosen.select_related("product__vat_class", "unit").order_by("order_id", "position", "pk"))
    if {line.pk for line in lines} != set(order_lines):
        message = _("The orders have changed in the meantime. Check the list again.")
        raise BusinessRuleError("line_unknown", message, field="lines")
    for line in lines:
        line.order = orders[line.order_id]
        _check_line_to_invoice(line, order_lines[line.pk])
    return drafts_of(lines, order_lines)


def _orders_of_lines(order_lines: Mapping[int, Decimal], user: User, lock: bool) -> dict[int, Order]:
    """Return the orders of the lines by id, locked in the order of ids to avoid deadlocks."""
    pks = OrderLine.objects.filter(pk__in=list(order_lines)).values("order")
    orders = Order.objects.visible_to(user).filter(pk__in=pks).select_related("customer", "contact", "owner")
    by_pk = {order.pk: order for order in (orders.select_for_update(of=("self",)) if lock else orders).order_by("pk")}
    prefetch_invoicing(list(by_pk.values()))
    return by_pk


def _check_line_to_invoice(line: OrderLine, quantity: Decimal) -> None:
    field = f"line_{line.pk}"
    if line.order.status != OrderStatus.IN_DELIVERY:
        message = _("Only an order in delivery can be invoiced: %(order)s is “%(status)s”.") % {
            "order": line.order.number,
            "status": line.order.get_status_display(),
        }
        raise BusinessRuleError("order_not_in_delivery", message, field=field)
    check_quantity(quantity, maximum=line.to_invoice, field=field, code="more_than_delivered")


def check_day(day: dt.date) -> None:
    """Raise :class:`BusinessRuleError` ``day_not_allowed`` if an invoice date is too far from today."""
    today = clock.today()
    if not today - MAX_BACK <= day <= today + MAX_AHEAD:
        message = _("The invoice date can be at most three months in the past or one month in the future.")
        raise BusinessRuleError("day_not_allowed", message, field="day")


def _check_complete(seller: SellerDetails, drafts: Sequence[Draft]) -> None:
    is_reverse_charge = any(draft.is_reverse_charge for draft in drafts)
    missing = [item.text for item in missing_of_seller(seller, is_reverse_charge=is_reverse_charge) if item.blocks]
    if missing:
        message = _("Our invoicing details are incomplete. Missing: %(missing)s.") % {"missing": ", ".join(missing)}
        raise BusinessRuleError("seller_incomplete", message)
    for draft in drafts:
        field = f"line_{draft.lines[0].line.pk}"
        names = {"order": draft.order.number, "customer": draft.order.customer}
        if blocking := [item.text for item in draft.missing if item.blocks]:
            message = _("%(customer)s cannot be invoiced yet: %(missing)s is missing.")
            raise BusinessRuleError("customer_incomplete", message % (names | {"missing": blocking[0]}), field=field)
        if draft.totals.net < 0 or not (draft.totals.net or draft.has_price):
            message = _("The selected lines of %(order)s leave nothing to pay.") % names
            raise BusinessRuleError("nothing_to_pay", message, field=field)


def _batch_write(seller: SellerDetails, drafts: Sequence[Draft], user: User, day: dt.date) -> InvoiceBatch:
    sums = [draft.totals for draft in drafts]
    batch = InvoiceBatch.objects.create(
        number=number_take(kind=SeriesKind.BATCH, year=day.year),
        created_by=user,
        day=day,
        seller=seller_snapshot(seller),
        count=len(drafts),
        net=sum((total.net for total in sums), ZERO),
        vat=sum((total.vat for total in sums), ZERO),
    )
    numbers = numbers_take(kind=SeriesKind.INVOICE, year=day.year, count=len(drafts))
    due = day + dt.timedelta(days=seller.payment_days)
    pairs = zip(drafts, numbers, strict=True)
    invoices = Invoice.objects.bulk_create(_build_invoice(batch, draft, number, due) for draft, number in pairs)
    InvoiceLine.objects.bulk_create(
        _build_invoice_line(invoice, draft_line, position)
        for invoice, draft in zip(invoices, drafts, strict=True)
        for position, draft_line in enumerate(draft.lines, 1)
    )
    return batch


def _lock_summaries(orders: Iterable[Order]) -> None:
    """Lock the summaries of all customers at once, in a fixed order, before they are refreshed one by one."""
    order_sums_refresh({order.customer_id for order in orders})


def _build_invoice(batch: InvoiceBatch, draft: Draft, number: str, due: dt.date) -> Invoice:
    sums = draft.totals
    return Invoice(
        number=number,
        batch=batch,
        order=draft.order,
        buyer=buyer_snapshot(draft),
        due=due,
        reference=reference_number(number),
        net=sums.net,
        vat=sums.vat,
        vat_rates=vat_rates_json(sums.rates),
    )


def _build_invoice_line(invoice: Invoice, draft_line: DraftLine, position: int) -> InvoiceLine:
    line_fields = {name: getattr(draft_line.line, name) for name in ("name", "unit_price", "discount", "vat_rate")}
    draft_fields = {name: getattr(draft_line, name) for name in ("code", "unit", "quantity", "net", "vat_code")}
    return InvoiceLine(invoice=invoice, line=draft_line.line, position=position, **line_fields, **draft_fields)


@transaction.atomic
def batch_fetch(*, batch: InvoiceBatch) -> InvoiceBatch:
    """Record the first download of a batch's files: after it the batch cannot be taken back.

    Raises :class:`BusinessRuleError`: ``batch_taken_back``.
    """
    batch = InvoiceBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.taken_back_at:
        raise BusinessRuleError("batch_taken_back", _("This batch has been taken back, so it no longer has any files."))
    if batch.fetched_at is None:
        batch.fetched_at = clock.now()
        batch.save(update_fields=["fetched_at"])
    return batch


@transaction.atomic
def batch_take_back(*, batch: InvoiceBatch, user: User, reason: str) -> InvoiceBatch:
    """Take back a batch that has not been downloaded: its quantities can be invoiced again.

    Its orders return to delivery. The batch and its numbers are kept, and the numbers are not reused. Do nothing if it
    has been taken back already. Raises :class:`BusinessRuleError`: ``reason_required``, ``batch_fetched``,
    ``order_closed``.
    """
    lines = InvoiceLine.objects.filter(invoice__batch=batch)
    pks = lines.values("line__order")
    locked = Order.objects.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk")
    orders = {order.pk: order for order in locked}
    batch = InvoiceBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.taken_back_at:
        return batch
    reason = check_reason(reason)
    _check_take_back(batch, orders)
    _lock_summaries(orders.values())
    for order in orders.values():
        if order.status == OrderStatus.INVOICED:
            change_reason = _("Batch %(batch)s was taken back.") % {"batch": batch}
            ORDER_STATUS.write(order, OrderStatus.IN_DELIVERY, user=user, reason=change_reason)
    _reduce_invoiced(list(lines))
    batch.taken_back_at, batch.taken_back_by, batch.taken_back_reason = clock.now(), user, reason
    batch.save()
    return batch


def _check_take_back(batch: InvoiceBatch, orders: Mapping[int, Order]) -> None:
    if batch.fetched_at:
        message = _("The files of this batch have been downloaded: correct the invoices in the accounting system.")
        raise BusinessRuleError("batch_fetched", message)
    closed = next((order for order in orders.values() if order.status == OrderStatus.CLOSED), None)
    if closed:
        message = _("Order %(order)s has already been closed.") % {"order": closed.number}
        raise BusinessRuleError("order_closed", message)


def _reduce_invoiced(lines: Sequence[InvoiceLine]) -> None:
    order_lines = OrderLine.objects.in_bulk([line.line_id for line in lines])
    for line in lines:
        order_lines[line.line_id].invoiced -= line.quantity
    OrderLine.objects.bulk_update(order_lines.values(), ["invoiced"])
