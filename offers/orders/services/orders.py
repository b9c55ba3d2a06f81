"""Adding and changing orders. Statuses and deliveries have their own modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from customers.models import Customer
from offers.offers import validators
from offers.offers.enums import SeriesKind
from offers.offers.services.settings import number_take
from offers.orders.enums import UNFINISHED_ORDERS, OrderStatus
from offers.orders.lines import check_line_changes, order_lines_of, write_order_lines
from offers.orders.models import Order
from offers.orders.services.deliveries import deliveries_add, delivery_add, delivery_remove
from offers.orders.services.status import ORDER_STATUS, add_value_line, finish_if_invoiced, order_set_status
from offers.orders.services.summaries import order_sums_refresh
from offers.products.lines import LineData, check_lines, totals_of
from offers.products.money import MAX_NET

__all__ = [
    "deliveries_add",
    "delivery_add",
    "delivery_remove",
    "order_change",
    "order_create",
    "order_made_notify",
    "order_set_status",
]

CHANGEABLE = frozenset(
    {
        *("type", "title", "customer", "contact", "owner", "date", "delivery_start", "delivery_end"),
        *("participants", "place", "trainer", "buyer_reference", "estimate", "notes"),
    }
)
FIRST_YEAR = 2000


@transaction.atomic
def order_create(*, order: Order, user: User, lines: Sequence[LineData] = ()) -> Order:
    """Add an order that came without an offer, with its number and lines.

    Notify the person responsible for the delivery. Raises :class:`BusinessRuleError`: those of
    ``offers.offers.validators`` and ``offers.products.lines.check_lines``, ``date_not_allowed``,
    ``delivery_end_before_start``, ``user_inactive``, ``sum_too_large``.
    """
    order.customer = Customer.objects.select_for_update(no_key=True).get(pk=order.customer_id)
    order.created_by, order.status, order.status_since = user, OrderStatus.WAITING, clock.now()
    check_lines(lines)
    _check_order(order, old={})
    _sum_up(order, lines)
    order.number = number_take(kind=SeriesKind.ORDER, year=order.date.year)
    order.save(force_insert=True)
    write_order_lines(order, [], lines)
    ORDER_STATUS.begin(order, user=user)
    order_sums_refresh([order.customer_id])
    _notify_trainer(order, by=user)
    return order


@transaction.atomic
def order_change(
    *,
    order: Order,
    user: User,
    changes: Mapping[str, Any],
    lines: Sequence[LineData] | None = None,
    version: int | None = None,
) -> Order:
    """Write ``changes`` (fields of ``CHANGEABLE``) and, unless None, all lines; return the changed order.

    Lines with deliveries keep their row (:class:`OrderLineData`) and at least the delivered quantity. An order becomes
    invoiced automatically when its last line to invoice is removed. Raises :class:`BusinessRuleError` as
    :func:`order_create` and ``offers.orders.lines.check_line_changes``, ``order_finished``, ``customer_fixed``;
    :class:`StaleVersionError`.
    """
    order = lock(order)
    check_version(order, version)
    if order.status not in UNFINISHED_ORDERS:
        message = _("This order is finished and can no longer be changed.")
        raise BusinessRuleError("order_finished", message)
    rows, before = list(order.lines.order_by("position", "pk")), order_lines_of(order)
    old = {name: getattr(order, name) for name in CHANGEABLE}
    for name in CHANGEABLE & changes.keys():
        setattr(order, name, changes[name])
    new_lines: Sequence[LineData] = before if lines is None else list(lines)
    if order.customer != old["customer"]:
        _check_customer_is_free(order)
    check_lines(new_lines, before=before)
    check_line_changes(rows, new_lines)
    _check_order(order, old)
    _sum_up(order, new_lines)
    write_order_lines(order, rows, new_lines)
    order.version += 1
    order.save()
    return _after_change(order, old, user)


def _after_change(order: Order, old: Mapping[str, Any], user: User) -> Order:
    if order.status == OrderStatus.IN_DELIVERY:
        add_value_line(order)
        order = finish_if_invoiced(order, user=user)
    order_sums_refresh([old["customer"].pk, order.customer_id])
    if order.trainer != old["trainer"]:
        _notify_trainer(order, by=user)
    return order


def _check_customer_is_free(order: Order) -> None:
    if order.offer_id or order.lines.filter(delivered__gt=0).exists():
        message = _(
            "The customer cannot be changed: the order was made from an offer, or part of it has been delivered."
        )
        raise BusinessRuleError("customer_fixed", message, field="customer")


def _check_order(order: Order, old: Mapping[str, Any]) -> None:
    """Check the fields that have changed; users who have left and retired types are kept where they were."""
    validators.check_customer(order.customer)
    if order.type != old.get("type"):
        validators.check_type(order.type)
    if order.owner != old.get("owner"):
        validators.check_owner(order.owner)
    if order.trainer and order.trainer != old.get("trainer") and not order.trainer.is_active:
        message = _("%(user)s does not work here any more.") % {"user": order.trainer}
        raise BusinessRuleError("user_inactive", message, field="trainer")
    if (order.contact, order.customer) != (old.get("contact"), old.get("customer")):
        validators.check_contact(order.customer, order.contact)
    _check_days(order)
    if order.estimate and order.estimate > MAX_NET:
        raise BusinessRuleError("sum_too_large", _("The sum is too large to be right."), field="estimate")


def _check_days(order: Order) -> None:
    if not FIRST_YEAR <= order.date.year <= clock.today().year + 1:
        raise BusinessRuleError("date_not_allowed", _("Check the date: the year cannot be right."), field="date")
    if order.delivery_start and order.delivery_end and order.delivery_end < order.delivery_start:
        message = _("The delivery ends before it starts.")
        raise BusinessRuleError("delivery_end_before_start", message, field="delivery_end")


def _sum_up(order: Order, lines: Sequence[LineData]) -> None:
    """Set the sums of the lines, or the value if there are no lines."""
    sums = totals_of(lines)
    order.net, order.vat = (sums.net, sums.vat) if lines else (order.estimate or Decimal(0), Decimal(0))


def _notify_trainer(order: Order, *, by: User) -> None:
    if order.trainer and order.trainer != by:
        notify(
            users=[order.trainer],
            kind="order_to_deliver",
            url=order.get_absolute_url(),
            **_notification_data(order, by),
        )


def order_made_notify(*, order: Order, user: User | None, actor: str = "") -> None:
    """Notify the account manager and the users who invoice that an offer has become an order, except ``user``.

    If a contact accepted by the personal link (``actor``), the account manager gets the contact's own notification.
    """
    recipients = {person for person in (*([] if actor else [order.owner]), *_invoicers()) if person != user}
    data = _notification_data(order, actor or user)
    notify(users=recipients, kind="order_made", url=order.get_absolute_url(), **data)


def _notification_data(order: Order, by: Any) -> dict[str, str]:
    return {"order": str(order), "customer": str(order.customer), "user": str(by or "–")}


def _invoicers() -> list[User]:
    """Return the users who do the invoicing: their group has that right but not the one for settings."""
    return list(
        User.objects.active()
        .filter(groups__permissions__codename="invoice_orders")
        .exclude(groups__permissions__codename="manage_offer_settings")
        .distinct()
    )
