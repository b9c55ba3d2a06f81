"""The acceptance of an offer, which makes its order (rule 4)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock
from offers.offers import validators
from offers.offers.enums import OfferStatus, SeriesKind
from offers.offers.lines import offer_lines_of
from offers.offers.models import Offer, OfferLink, OfferVersion
from offers.offers.services.approvals import check_approved
from offers.offers.services.settings import number_take
from offers.offers.services.status import OFFER_STATUS
from offers.orders.enums import OrderStatus
from offers.orders.lines import write_new_lines
from offers.orders.models import Order
from offers.orders.services.orders import order_made_notify
from offers.orders.services.status import ORDER_STATUS
from offers.orders.services.summaries import order_sums_refresh
from offers.products.lines import LineData, totals_of


@transaction.atomic
def offer_accept(
    *, offer: Offer, user: User | None, offer_version: OfferVersion | None = None, actor: str = "", comment: str = ""
) -> Order:
    """Make exactly one order from an offer and set the offer's status to *order*, also when called concurrently.

    The order has the lines of ``offer_version`` with the prices and VAT that were sent, or the present lines of the
    offer. ``user`` accepted on behalf of the customer; ``actor`` is the contact who answered by the personal link, by
    which an expired offer is refused. An offer that was not sent needs its approvals. Notify the account manager and
    the users who invoice. Raises :class:`BusinessRuleError`: ``already_accepted``, ``offer_lost``, ``offer_expired``,
    ``version_of_other_offer``, ``customer_passive``, ``approval_missing``.
    """
    offer = lock(offer)
    _check_acceptable(offer, offer_version)
    lines = lines_of_version(offer_version) if offer_version else offer_lines_of(offer)
    order = _create_order(offer, offer_version, lines, user)
    write_new_lines(order, lines)
    reason = comment.strip() or _("Accepted.")
    ORDER_STATUS.begin(order, user=user, reason=reason, actor=actor)
    OFFER_STATUS.write(offer, OfferStatus.ORDER, user=user, reason=reason, actor=actor)
    order_sums_refresh([order.customer_id])
    order_made_notify(order=order, user=user, actor=actor)
    return order


def accept_by_link(link: OfferLink, name: str, comment: str) -> Order:
    """Make the order of the version that was sent by ``link``, for the answer *accepted* of ``link_answer``."""
    return offer_accept(offer=link.version.offer, user=None, offer_version=link.version, actor=name, comment=comment)


def lines_of_version(offer_version: OfferVersion) -> list[LineData]:
    """Return the lines of a sent version."""
    return [LineData.from_json(line) for line in offer_version.content.get("lines", [])]


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
