"""The hand-over to invoicing: batches are made of what has been delivered, each quantity once, and taken back."""

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
    buyer_snapshot,
    drafts_of,
    missing_of_seller,
    reference_number,
    seller_details,
    seller_snapshot,
    with_invoicing,
)
from offers.orders.lines import check_quantity
from offers.orders.models import Invoice, InvoiceBatch, InvoiceLine, Order, OrderLine
from offers.orders.services.status import ORDER_STATUS, finish_if_invoiced
from offers.orders.services.summaries import order_sums_refresh
from offers.products.money import ZERO

MOST_LINES_AT_ONCE = 2_000
#: How far from today an invoice may be dated.
BACK, AHEAD = dt.timedelta(days=92), dt.timedelta(days=31)


@transaction.atomic
def batch_make(*, order_lines: Mapping[int, Decimal], user: User, day: dt.date) -> InvoiceBatch:
    """Hand quantities of order lines (by the line's id) over to invoicing, one invoice for each order.

    Only orders in delivery (rule 5), never more than was delivered and is not yet invoiced, whoever hands over at the
    same time. An order of which nothing is left becomes invoiced. Raises :class:`BusinessRuleError`: those of
    :func:`drafts_make`, ``seller_incomplete``, ``customer_incomplete``, ``nothing_to_pay``, ``day_not_allowed``.
    """
    check_day(day)
    seller = seller_details()
    drafts = drafts_make(order_lines=order_lines, user=user, lock=True)
    _check_complete(seller, drafts)
    batch = _batch_write(seller, drafts, user, day)
    for draft in drafts:
        for one in draft.lines:
            one.line.invoiced += one.quantity
    OrderLine.objects.bulk_update([one.line for draft in drafts for one in draft.lines], ["invoiced"])
    _lock_summaries([draft.order for draft in drafts])
    for draft in drafts:
        reason = _("Invoiced in batch %(batch)s.") % {"batch": batch}
        finish_if_invoiced(draft.order, user=user, reason=reason)
    return batch


@transaction.atomic
def drafts_make(*, order_lines: Mapping[int, Decimal], user: User, lock: bool = False) -> list[Draft]:
    """Return what the hand-over would invoice, by order; ``lock`` the orders until the transaction ends.

    Raises :class:`BusinessRuleError`: ``nothing_chosen``, ``too_many_lines``, ``line_unknown``,
    ``order_not_in_delivery``, ``quantity_not_allowed``, ``more_than_delivered`` (at ``line_<id>``).
    """
    if not order_lines:
        raise BusinessRuleError("nothing_chosen", _("Select at least one line."), field="lines")
    if len(order_lines) > MOST_LINES_AT_ONCE:
        message = _("At most %(count)d lines at once.") % {"count": MOST_LINES_AT_ONCE}
        raise BusinessRuleError("too_many_lines", message, field="lines")
    orders = _orders(order_lines, user, lock)
    found = OrderLine.objects.filter(pk__in=list(order_lines), order__in=orders)
    lines = list(found.select_related("product__vat_class", "unit").order_by("order_id", "position", "pk"))
    if {line.pk for line in lines} != set(order_lines):
        message = _("The orders have changed in the meantime. Check the list again.")
        raise BusinessRuleError("line_unknown", message, field="lines")
    for line in lines:
        line.order = orders[line.order_id]
        _check_line(line, order_lines[line.pk])
    return drafts_of(lines, order_lines)


def _orders(order_lines: Mapping[int, Decimal], user: User, lock: bool) -> dict[int, Order]:
    """Return the orders of the lines, locked in the order of their ids: two who do so never wait for each other."""
    pks = OrderLine.objects.filter(pk__in=list(order_lines)).values("order")
    orders = Order.objects.visible_to(user).filter(pk__in=pks).select_related("customer", "contact", "owner")
    rows = list((orders.select_for_update(of=("self",)) if lock else orders).order_by("pk"))
    with_invoicing(rows)
    return {row.pk: row for row in rows}


def _check_line(line: OrderLine, quantity: Decimal) -> None:
    field = f"line_{line.pk}"
    if line.order.status != OrderStatus.IN_DELIVERY:
        message = _("Only an order in delivery can be invoiced: %(order)s is “%(status)s”.") % {
            "order": line.order.number,
            "status": line.order.get_status_display(),
        }
        raise BusinessRuleError("order_not_in_delivery", message, field=field)
    check_quantity(quantity, most=line.to_invoice, field=field, code="more_than_delivered")


def check_day(day: dt.date) -> None:
    """``day_not_allowed``: an invoice is dated near today."""
    today = clock.today()
    if not today - BACK <= day <= today + AHEAD:
        message = _("The invoice date can be at most three months in the past or one month in the future.")
        raise BusinessRuleError("day_not_allowed", message, field="day")


def _check_complete(seller: SellerDetails, drafts: Sequence[Draft]) -> None:
    missing = [one.text for one in missing_of_seller(seller) if one.blocks]
    if missing:
        message = _("Our invoicing details are incomplete. Missing: %(missing)s.") % {"missing": ", ".join(missing)}
        raise BusinessRuleError("seller_incomplete", message)
    for draft in drafts:
        field = f"line_{draft.lines[0].line.pk}"
        words = {"order": draft.order.number, "customer": draft.order.customer}
        if lacking := [one.text for one in draft.missing if one.blocks]:
            message = _("%(customer)s cannot be invoiced yet: %(missing)s is missing.")
            raise BusinessRuleError("customer_incomplete", message % (words | {"missing": lacking[0]}), field=field)
        if not draft.totals.net:
            message = _("The selected lines of %(order)s come to nothing to pay.") % words
            raise BusinessRuleError("nothing_to_pay", message, field=field)


def _batch_write(seller: SellerDetails, drafts: Sequence[Draft], user: User, day: dt.date) -> InvoiceBatch:
    sums = [draft.totals for draft in drafts]
    batch = InvoiceBatch.objects.create(
        number=number_take(kind=SeriesKind.BATCH, year=day.year),
        created_by=user,
        day=day,
        seller=seller_snapshot(seller),
        count=len(drafts),
        net=sum((one.net for one in sums), ZERO),
        vat=sum((one.vat for one in sums), ZERO),
    )
    numbers = numbers_take(kind=SeriesKind.INVOICE, year=day.year, count=len(drafts))
    due = day + dt.timedelta(days=seller.payment_days)
    pairs = zip(drafts, numbers, strict=True)
    invoices = Invoice.objects.bulk_create(_invoice(batch, draft, number, due) for draft, number in pairs)
    rows = [
        _invoice_line(invoice, draft, place)
        for invoice, draft in zip(invoices, drafts, strict=True)
        for place in range(len(draft.lines))
    ]
    InvoiceLine.objects.bulk_create(rows)
    return batch


def _lock_summaries(orders: Iterable[Order]) -> None:
    """Lock what is counted for the customers of all orders at once, in one order, before it is done one by one."""
    order_sums_refresh({order.customer_id for order in orders})


def _invoice(batch: InvoiceBatch, draft: Draft, number: str, due: dt.date) -> Invoice:
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
    )


def _invoice_line(invoice: Invoice, draft: Draft, place: int) -> InvoiceLine:
    one = draft.lines[place]
    copied = {name: getattr(one.line, name) for name in ("name", "unit_price", "discount", "vat_rate")}
    own = {"code": one.code, "unit": one.unit, "quantity": one.quantity, "net": one.net}
    return InvoiceLine(invoice=invoice, line=one.line, position=place + 1, **copied, **own)


@transaction.atomic
def batch_fetch(*, batch: InvoiceBatch) -> InvoiceBatch:
    """Remember that the files of a batch leave for the accounting: from then on it is not taken back.

    Raises :class:`BusinessRuleError`: ``batch_taken_back``.
    """
    row = InvoiceBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.taken_back_at:
        raise BusinessRuleError("batch_taken_back", _("This batch has been taken back, so it no longer has any files."))
    if row.fetched_at is None:
        row.fetched_at = clock.now()
        row.save(update_fields=["fetched_at"])
    return row


@transaction.atomic
def batch_take_back(*, batch: InvoiceBatch, user: User, reason: str) -> InvoiceBatch:
    """Undo a hand-over whose files nobody has fetched: its quantities may be invoiced again.

    Its orders are in delivery again. The batch stays with its numbers, which are not given again. Taken back already,
    it changes nothing. Raises :class:`BusinessRuleError`: ``reason_required``, ``batch_fetched``, ``order_closed``.
    """
    lines = InvoiceLine.objects.filter(invoice__batch=batch)
    pks = lines.values("line__order")
    orders = {row.pk: row for row in Order.objects.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk")}
    row = InvoiceBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.taken_back_at:
        return row
    reason = check_reason(reason)
    _check_take_back(row, orders)
    _lock_summaries(orders.values())
    for order in orders.values():
        if order.status == OrderStatus.INVOICED:
            why = _("Batch %(batch)s was taken back.") % {"batch": row}
            ORDER_STATUS.write(order, OrderStatus.IN_DELIVERY, user=user, reason=why)
    _give_back(list(lines))
    row.taken_back_at, row.taken_back_by, row.taken_back_reason = clock.now(), user, reason
    row.save()
    return row


def _check_take_back(row: InvoiceBatch, orders: Mapping[int, Order]) -> None:
    if row.fetched_at:
        message = _("The files of this batch have been downloaded: correct the invoices in the accounting system.")
        raise BusinessRuleError("batch_fetched", message)
    closed = next((one for one in orders.values() if one.status == OrderStatus.CLOSED), None)
    if closed:
        message = _("Order %(order)s has already been closed.") % {"order": closed.number}
        raise BusinessRuleError("order_closed", message)


def _give_back(lines: Sequence[InvoiceLine]) -> None:
    rows = OrderLine.objects.in_bulk([line.line_id for line in lines])
    for line in lines:
        rows[line.line_id].invoiced -= line.quantity
    OrderLine.objects.bulk_update(rows.values(), ["invoiced"])
