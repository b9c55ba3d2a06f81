"""Adding and changing orders, and accepting an offer, which makes its order (rule 4)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import LONGEST_REASON, check_reason
from customers.models import Customer
from offers.offers import validators
from offers.offers.content import offer_lines_of
from offers.offers.enums import OfferStatus, SeriesKind
from offers.offers.models import Offer, OfferLink, OfferVersion
from offers.offers.services.approvals import check_approved
from offers.offers.services.settings import number_take
from offers.offers.services.status import OFFER_STATUS
from offers.orders.enums import UNFINISHED_ORDERS, AcceptConfirmation, OrderStatus
from offers.orders.lines import check_line_changes, order_lines_of, write_new_lines, write_order_lines
from offers.orders.models import Order
from offers.orders.services.status import (
    ORDER_STATUS,
    add_value_line,
    finish_if_invoiced,
    order_sums_refresh,
)
from offers.products.lines import LineData, check_lines, totals_of
from offers.products.money import MAX_NET

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
    if order.customer != old["customer"] and (order.offer_id or order.lines.filter(delivered__gt=0).exists()):
        message = _(
            "The customer cannot be changed: the order was made from an offer, or part of it has been delivered."
        )
        raise BusinessRuleError("customer_fixed", message, field="customer")
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
    if not FIRST_YEAR <= order.date.year <= clock.today().year + 1:
        raise BusinessRuleError("date_not_allowed", _("Check the date: the year cannot be right."), field="date")
    if order.delivery_start and order.delivery_end and order.delivery_end < order.delivery_start:
        message = _("The delivery ends before it starts.")
        raise BusinessRuleError("delivery_end_before_start", message, field="delivery_end")
    if order.estimate and order.estimate > MAX_NET:
        raise BusinessRuleError("sum_too_large", _("The amount is too large to be correct."), field="estimate")


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

    The users who invoice have the right to it, but not the one for settings.
    If a contact accepted by the personal link (``actor``), the account manager gets the contact's own notification.
    """
    invoicing = User.objects.active().filter(groups__permissions__codename="invoice_orders")
    invoicers = invoicing.exclude(groups__permissions__codename="manage_offer_settings").distinct()
    recipients = {person for person in (*([] if actor else [order.owner]), *invoicers) if person != user}
    data = _notification_data(order, actor or user)
    notify(users=recipients, kind="order_made", url=order.get_absolute_url(), **data)


def _notification_data(order: Order, by: Any) -> dict[str, str]:
    return {"order": str(order), "customer": str(order.customer), "user": str(by or "–")}


@transaction.atomic
def offer_accept(
    *,
    offer: Offer,
    user: User | None,
    offer_version: OfferVersion | None = None,
    actor: str = "",
    comment: str = "",
    confirm: Collection[str] = (),
    reason: str = "",
) -> Order:
    """Make exactly one order from an offer and set the offer's status to *order*, also when called concurrently.

    The order has the lines of ``offer_version`` with the prices and VAT that were sent, or the present lines of the
    offer. ``user`` accepted on behalf of the customer; ``actor`` is the contact who answered by the personal link, by
    which an expired offer is refused. A user must ``confirm`` that an offer has expired or has not been sent
    (:func:`to_confirm`), with a ``reason`` that is kept in the history. An offer that was not sent needs its
    approvals. Notify the account manager and the users who invoice. Raises :class:`BusinessRuleError`:
    ``already_accepted``, ``offer_lost``, ``offer_expired``, ``version_of_other_offer``, ``customer_passive``,
    ``approval_missing``, ``reason_required``, and ``confirm_`` with what is to be confirmed (``confirm_expired``,
    ``confirm_unsent``, ``confirm_expired_unsent``).
    """
    offer = lock(offer)
    _check_acceptable(offer, offer_version)
    confirmed = "" if offer_version else _check_confirmed(offer, confirm, reason)
    if offer_version:
        lines = [LineData.from_json(line) for line in offer_version.content.get("lines", [])]
    else:
        lines = offer_lines_of(offer)
    order = _create_order(offer, offer_version, lines, user)
    write_new_lines(order, lines)
    told = "\n".join(filter(None, (confirmed, comment.strip()))) or _("Accepted.")
    if len(told) > LONGEST_REASON:
        message = _("The reason and the terms are too long together: at most %(count)d characters.")
        raise BusinessRuleError("reason_too_long", message % {"count": LONGEST_REASON - 100}, field="reason")
    ORDER_STATUS.begin(order, user=user, reason=told, actor=actor)
    OFFER_STATUS.write(offer, OfferStatus.ORDER, user=user, reason=told, actor=actor)
    order_sums_refresh([order.customer_id])
    order_made_notify(order=order, user=user, actor=actor)
    return order


def accept_by_link(link: OfferLink, name: str, comment: str) -> Order:
    """Make the order of the version that was sent by ``link``, for the answer *accepted* of ``link_answer``."""
    return offer_accept(offer=link.version.offer, user=None, offer_version=link.version, actor=name, comment=comment)


def _check_acceptable(offer: Offer, offer_version: OfferVersion | None) -> None:
    if offer.status == OfferStatus.ORDER:
        raise BusinessRuleError("already_accepted", _("This offer has already been accepted."))
    if offer.status == OfferStatus.LOST:
        raise BusinessRuleError("offer_lost", _("This offer is no longer valid."))
    if offer_version and offer_version.offer_id != offer.pk:
        raise BusinessRuleError("version_of_other_offer", _("This is a version of another offer."))
    if offer_version and offer_version.valid_until and offer_version.valid_until < clock.today():
        raise BusinessRuleError("offer_expired", _("This offer has expired."))
    validators.check_customer(offer.customer)
    if offer.status == OfferStatus.OPEN and offer_version is None:
        check_approved(offer)


def to_confirm(offer: Offer) -> list[AcceptConfirmation]:
    """Return what a user must confirm, with a reason, to accept an undecided offer on behalf of the customer."""
    conditions = {
        AcceptConfirmation.EXPIRED: offer.is_expired,
        AcceptConfirmation.UNSENT: offer.status == OfferStatus.OPEN,
    }
    return [needed for needed, holds in conditions.items() if holds]


def _check_confirmed(offer: Offer, confirm: Collection[str], reason: str) -> str:
    """Return the text for the history. Raise ``confirm_…`` or ``reason_required`` if something is not confirmed."""
    needed = to_confirm(offer)
    if not needed:
        return ""
    points = get_text_list([str(point.label) for point in needed], _("and"))
    if not set(needed) <= set(confirm):
        message = _("Confirm, with a reason, that the offer is accepted although %(points)s.") % {"points": points}
        raise BusinessRuleError("_".join(["confirm", *needed]), message, field="confirm")
    told = {"points": points, "reason": check_reason(reason)}
    return _("Accepted although %(points)s: %(reason)s") % told


def _create_order(
    offer: Offer, offer_version: OfferVersion | None, lines: Sequence[LineData], user: User | None
) -> Order:
    sums, today = totals_of(lines), clock.today()
    copied = ("type", "title", "customer", "contact", "owner")
    return Order.objects.create(
        **{name: getattr(offer, name) for name in copied},
        number=number_take(kind=SeriesKind.ORDER, year=today.year),
        offer=offer,
        offer_version=offer_version,
        date=today,
        status=OrderStatus.WAITING,
        estimate=None if lines else offer.estimate,
        net=sums.net if lines else offer.net,
        vat=sums.vat if lines else offer.vat,
        created_by=user,
    )
