"""What a contact answers by the personal link: one transaction, one answer, one order (rule 4)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.services.feedback import person_for
from crm.exceptions import BusinessRuleError
from crm.services import lock
from offers.contents import printable
from offers.enums import LinkAnswer
from offers.models import LostReason, Offer, OfferLink, Order
from offers.services.acceptance import offer_accept
from offers.services.links import LinkState, state_of
from offers.services.status import offer_lose

NAME_LENGTH, COMMENT_LENGTH = 200, 2_000
#: The reason of losing that the contact's own refusal is; it is default data and is made again where it is missing.
DECLINED = "declined"


@transaction.atomic
def link_accept(*, link: OfferLink, name: str, comment: str = "") -> Order:
    """Accept what was sent by this link: its version's lines, prices and VAT become the order; return the order.

    However many press at once, one of them accepts. The account manager is told. Raises
    :class:`BusinessRuleError`: ``name_required``, the link's state (``link_<state>``: see :class:`LinkState`) when it
    cannot be answered, and those of ``offer_accept``.
    """
    row, name, comment = _taken(link, name, comment)
    with translation.override(settings.LANGUAGE_CODE):
        order = offer_accept(offer=row.version.offer, user=None, version=row.version, actor=name, comment=comment)
    _keep(row, LinkAnswer.ACCEPTED, name, comment)
    _tell(row, "offer_accepted", order.get_absolute_url())
    return order


@transaction.atomic
def link_decline(*, link: OfferLink, name: str, comment: str = "") -> Offer:
    """Decline what was sent by this link: the offer is lost, with the contact's words; return the offer.

    Raises :class:`BusinessRuleError` as :func:`link_accept`.
    """
    row, name, comment = _taken(link, name, comment)
    with translation.override(settings.LANGUAGE_CODE):
        offer = offer_lose(offer=row.version.offer, user=None, reason=_declined(), note=comment, actor=name)
    _keep(row, LinkAnswer.DECLINED, name, comment)
    _tell(row, "offer_declined", offer.get_absolute_url())
    return offer


def _taken(link: OfferLink, name: str, comment: str) -> tuple[OfferLink, str, str]:
    """Lock the offer, then the link, and check that it can be answered."""
    name = " ".join(printable(name).split())[:NAME_LENGTH]
    if not name:
        raise BusinessRuleError("name_required", _("Write your name."), field="name")
    offer = lock(link.version.offer)
    row = OfferLink.objects.select_for_update(of=("self",)).select_related("version").get(pk=link.pk)
    row.version.offer = offer
    state = state_of(row)
    if state is not LinkState.OPEN:
        raise BusinessRuleError(f"link_{state.value}", _("This offer cannot be answered by this link any more."))
    return row, name, printable(comment).strip()[:COMMENT_LENGTH]


def _keep(link: OfferLink, answer: LinkAnswer, name: str, comment: str) -> None:
    link.answer, link.answered_at, link.answer_name, link.comment = answer, timezone.now(), name, comment
    link.save(update_fields=["answer", "answered_at", "answer_name", "comment"])


def _declined() -> LostReason:
    names = {"name_fi": "Asiakas hylkäsi tarjouksen", "name_en": "The customer declined the offer"}
    reason, _is_new = LostReason.objects.get_or_create(code=DECLINED, defaults={**names, "order": 75})
    if reason.is_retired:  # kept out of the menu of people; the customer's own answer needs it all the same
        reason.retired_at = None
    return reason


def people_to_tell(offer: Offer) -> list[User]:
    """Return the offer's account manager, or who cares for the customer where he or she has left."""
    person = offer.owner if offer.owner.is_active else person_for(offer.customer)
    return [person] if person else []


def _tell(link: OfferLink, kind: str, url: str) -> None:
    offer = link.version.offer
    words: dict[str, Any] = {"name": link.answer_name, "number": offer.number, "title": offer.title}
    notify(
        users=people_to_tell(offer),
        kind=kind,
        url=url,
        customer=str(offer.customer),
        comment=link.comment[:300],
        **words,
    )
