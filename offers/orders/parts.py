"""Invoicing of orders in parts: the amount of each part, so that all parts together are exactly the order.

A part is what has been reached with it less what has been invoiced before; the last part is what is left. So the
invoices of an order always add up to its net, its VAT by rate and its gross, however it is divided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from offers.orders.models import Invoice, OrderLine
from offers.products.enums import LineKind
from offers.products.money import CENT, ZERO, Totals, VatSum, cents, line_net, totals


def share(*, exact: Decimal, reached: Decimal, before: Decimal, total: Decimal, is_last: bool) -> Decimal:
    """Return the amount of a part in cents.

    ``exact`` is the part's own amount before rounding, ``reached`` the rounded amount of everything up to and including
    it, ``before`` what has been invoiced and ``total`` what the order has. The last part is what is left. Others are
    ``reached - before``, but within a cent of ``exact`` (it differs after a part was taken back), never negative, and
    never more than what is left.
    """
    left = total - before
    if is_last:
        return left
    low, high = exact.quantize(CENT, ROUND_FLOOR), exact.quantize(CENT, ROUND_CEILING)
    return max(ZERO, min(left, max(low, min(high, reached - before))))


@dataclass
class OrderParts:
    """The lines of an order and what its valid invoices have: net by line, VAT by rate."""

    lines: list[OrderLine] = field(default_factory=list)
    net: defaultdict[int, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    vat: defaultdict[Decimal, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def net_of(self, line: OrderLine, quantity: Decimal) -> Decimal:
        """Return the net of invoicing ``quantity`` of a line next."""
        reached = line.invoiced + quantity
        return share(
            exact=quantity * line.unit_price * (100 - line.discount) / 100,
            reached=line_net(reached, line.unit_price, line.discount),
            before=self.net[line.pk],
            total=line_net(line.quantity, line.unit_price, line.discount),
            is_last=reached >= line.quantity,
        )

    def totals_of(self, parts: Sequence[tuple[OrderLine, Decimal, Decimal]]) -> Totals:
        """Return the sums of an invoice of ``parts``: line, quantity and net."""
        quantities = {line.pk: quantity for line, quantity, _net in parts}
        own = totals((net, line.vat_rate) for line, _quantity, net in parts)
        rates = [VatSum(vat_sum.rate, vat_sum.net, self._vat_of(vat_sum, quantities)) for vat_sum in own.rates]
        return Totals(own.net, sum((vat_sum.vat for vat_sum in rates), ZERO), rates)

    def _vat_of(self, part: VatSum, quantities: dict[int, Decimal]) -> Decimal:
        of_rate = [line for line in self.lines if line.vat_rate == part.rate]
        reached = sum((self.net[line.pk] for line in of_rate), ZERO) + part.net
        whole = sum((line_net(line.quantity, line.unit_price, line.discount) for line in of_rate), ZERO)
        return share(
            exact=part.net * part.rate / 100,
            reached=cents(reached * part.rate / 100),
            before=self.vat[part.rate.normalize()],
            total=cents(whole * part.rate / 100),
            is_last=all(
                line.invoiced + quantities.get(line.pk, ZERO) >= line.quantity
                for line in of_rate
                if line.net or line.pk in quantities
            ),
        )


def parts_of(order_ids: Collection[int]) -> dict[int, OrderParts]:
    """Return the parts of orders by id, in a constant number of queries. Batches that were taken back do not count."""
    parts = {pk: OrderParts() for pk in order_ids}
    for line in OrderLine.objects.filter(order__in=order_ids).exclude(kind=LineKind.HEADING):
        parts[line.order_id].lines.append(line)
    invoices = Invoice.objects.filter(order__in=order_ids, batch__taken_back_at=None).prefetch_related("lines")
    quantities: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for invoice in invoices:
        of_order = parts[invoice.order_id]
        for invoice_line in invoice.lines.all():
            quantities[invoice_line.line_id] += invoice_line.quantity
            of_order.net[invoice_line.line_id] += invoice_line.net
        for vat_sum in invoice.totals.rates:
            of_order.vat[vat_sum.rate.normalize()] += vat_sum.vat
    for of_order in parts.values():
        _add_invoiced_elsewhere(of_order, quantities)
    return parts


def _add_invoiced_elsewhere(parts: OrderParts, quantities: defaultdict[int, Decimal]) -> None:
    """Add what imported lines had been invoiced in their own system, of which there are no invoices here."""
    elsewhere: list[tuple[Decimal, Decimal]] = []
    for line in parts.lines:
        quantity = line.invoiced - quantities[line.pk]
        if quantity > 0:
            net = line_net(quantity, line.unit_price, line.discount)
            parts.net[line.pk] += net
            elsewhere.append((net, line.vat_rate))
    for vat_sum in totals(elsewhere).rates:
        parts.vat[vat_sum.rate.normalize()] += vat_sum.vat


def vat_rates_json(rates: Iterable[VatSum]) -> list[dict[str, str]]:
    """Return the sums by VAT rate for an invoice to keep."""
    return [{"rate": str(row.rate), "net": str(row.net), "vat": str(row.vat)} for row in rates]
