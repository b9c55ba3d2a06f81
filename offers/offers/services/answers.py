"""The contact's answer through the personal link: one transaction, one answer, one order (rule 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.exceptions import BusinessRuleError
from core.registry import declared
from core.services import lock
from customers.selectors.customers import person_for
from offers.offers.enums import LinkAnswer
from offers.offers.models import LostReason, Offer, OfferLink
from offers.offers.services.links import LinkState, state_of
from offers.offers.services.status import offer_lose
from offers.offers.snapshot import printable

NAME_LENGTH, COMMENT_LENGTH = 200, 2_000
#: The lost reason of an offer that the contact declines; default data, created again when it is missing.
DECLINED = "declined"
#: A service that records an answer: takes the locked link, name and comment, returns the offer or order.
Decision = Callable[[OfferLink, str, str], Any]


@transaction.atomic
def link_answer(*, link: OfferLink, answer: LinkAnswer, name: str, comment: str = "") -> Any:
    """Accept or decline the sent offer through this link; return the new order or the lost offer.

    Only one of concurrent answers succeeds. Accepting makes an order of the version's lines, prices and VAT; declining
    loses the offer with the contact's comment. The account manager is notified. Raises :class:`BusinessRuleError`:
    ``name_required``, the link's state (``link_<state>``: see :class:`LinkState`) when it cannot be answered, and
    those of ``offer_accept`` and ``offer_lose``.
    """
    link, name, comment = _lock_open_link(link, name, comment)
    with translation.override(settings.LANGUAGE_CODE):
        result = _decisions()[answer](link, name, comment)
    link.answer, link.answered_at, link.answer_name, link.comment = answer, clock.now(), name, comment
    link.save(update_fields=["answer", "answered_at", "answer_name", "comment"])
    _notify_account_manager(link, result.get_absolute_url())
    return result


def _lock_open_link(link: OfferLink, name: str, comment: str) -> tuple[OfferLink, str, str]:
    """Lock the offer, then the link, and check that the link can be answered."""
    name = " ".join(printable(name).split())[:NAME_LENGTH]
    if not name:
        raise BusinessRuleError("name_required", _("Enter your name."), field="name")
    offer = lock(link.version.offer)
    locked_link = OfferLink.objects.select_for_update(of=("self",)).select_related("version").get(pk=link.pk)
    locked_link.version.offer = offer
    state = state_of(locked_link)
    if state is not LinkState.OPEN:
        raise BusinessRuleError(f"link_{state.value}", _("This offer can no longer be answered with this link."))
    return locked_link, name, printable(comment).strip()[:COMMENT_LENGTH]


def _decline(link: OfferLink, name: str, comment: str) -> Offer:
    return offer_lose(offer=link.version.offer, user=None, reason=_declined_reason(), note=comment, actor=name)


def _decisions() -> dict[LinkAnswer, Decision]:
    """Return the service of each answer. Declining is here; orders declare accepting, which makes an order."""
    return {LinkAnswer.DECLINED: _decline, **dict(declared("LINK_DECISIONS"))}


def _declined_reason() -> LostReason:
    names = {"name_fi": "Asiakas hylkäsi tarjouksen", "name_en": "The customer declined the offer"}
    reason, _is_new = LostReason.objects.get_or_create(code=DECLINED, defaults={**names, "order": 75})
    if reason.is_retired:  # retired reasons are hidden from users only; the contact's answer still needs it
        reason.retired_at = None
    return reason


def recipients_of(offer: Offer) -> list[User]:
    """Return the offer's account manager, or the customer's owner if the account manager has left."""
    person = offer.owner if offer.owner.is_active else person_for(offer.customer)
    return [person] if person else []


def _notify_account_manager(link: OfferLink, url: str) -> None:
    offer = link.version.offer
    data: dict[str, Any] = {"name": link.answer_name, "number": offer.number, "title": offer.title}
    notify(
        users=recipients_of(offer),
        kind=f"offer_{link.answer}",
        url=url,
        customer=str(offer.customer),
        comment=link.comment[:300],
        **data,
    )
