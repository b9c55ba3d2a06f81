"""The cards of the board: what stands on each, what is to be mended, and the moves that its menu offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from activities.log.models import Activity
from core import clock
from core.exceptions import BusinessRuleError
from offers.offers.actions import step_pages
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.models import Offer
from offers.sales.selectors.pipeline import LEAD, Column, leads_to_close, offers_to_move

SEND: tuple[Any, str] = (pgettext_lazy("offer step", "Send…"), "send")
LEAD_MOVES: dict[str, tuple[Any, str]] = {
    OfferStatus.OPEN: (gettext_lazy("Make an offer"), "file-text"),
    OfferStatus.LOST: (gettext_lazy("Close the lead"), "x"),
}


@dataclass(frozen=True)
class Move:
    """A way from a card to a column: the same page that the button on the row's own page opens."""

    to: str
    label: Any
    icon: str
    url: str


@dataclass(frozen=True)
class Fault:
    """Something to be mended, with how bad it is (warn or late)."""

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Card:
    """What a card of the board shows of a lead or an offer."""

    kind: str
    pk: int
    url: str
    title: str
    customer: Any
    value: Decimal | None
    person: Any
    days: int
    tag: str
    warnings: list[Fault] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    @property
    def move_url(self) -> str:
        return reverse(f"sales:pipeline_move_{self.kind}", args=[self.pk])


def cards_of(column: Column, user: Any) -> list[Card]:
    """Return the cards of a column's rows, with the moves that the user may make."""
    if column.name == LEAD:
        return _lead_cards(column.rows, user)
    movable = offers_to_move(user, column.rows)
    return [_offer_card(offer, offer.pk in movable) for offer in column.rows]


def _offer_card(offer: Offer, may_move: bool) -> Card:
    card = Card(
        kind="offer",
        pk=offer.pk,
        url=offer.get_absolute_url(),
        title=offer.title,
        customer=offer.customer,
        value=offer.net,
        person=offer.owner,
        days=offer.days_in_status,
        tag=str(offer.lost_reason or offer.type),
        warnings=warnings_of(offer),
    )
    if may_move:
        card.moves.extend(_moves(card, ((to, *_move(to)) for to in OFFER_TRANSITIONS[OfferStatus(offer.status)])))
    return card


def _move(to: OfferStatus) -> tuple[Any, str]:
    """Return text and icon of a move: the menu of a card says the same as the button on the offer's own page."""
    if to == OfferStatus.SENT:
        return SEND
    page = step_pages()[to]
    return page.label, page.icon


def warnings_of(offer: Offer) -> list[Fault]:
    """Say what is to be mended about an offer that was read with its next step."""
    if not offer.is_undecided:
        return []
    found = []
    if offer.is_expired:
        found.append(Fault("late", pgettext("offer", "expired")))
    if offer.is_stuck:
        limit = offer.type.days_at(offer.status) or 0
        text = ngettext("over %(days)d day at this stage", "over %(days)d days at this stage", limit)
        found.append(Fault("warn", text % {"days": limit}))
    if offer.expected_close and offer.expected_close < clock.today():
        found.append(Fault("warn", _("the expected close date has passed")))
    if offer.next_step is None:  # type: ignore[attr-defined]
        found.append(Fault("warn", _("no next step")))
    return found


def _lead_cards(leads: Iterable[Activity], user: Any) -> list[Card]:
    rows = list(leads)
    may_close, may_offer = leads_to_close(user, rows), user.has_perm("offers.add_offer")
    return [_lead_card(lead, may_offer, lead.pk in may_close) for lead in rows]


def _lead_card(activity: Activity, may_offer: bool, may_close: bool) -> Card:
    lead = activity.lead
    since = lead.taken_at or activity.start
    card = Card(
        kind=LEAD,
        pk=activity.pk,
        url=activity.get_absolute_url(),
        title=activity.title,
        customer=activity.customer,
        value=lead.value,
        person=lead.taken_by,
        days=max(0, (clock.user_today() - timezone.localtime(since).date()).days),
        tag=lead.get_state_display(),
        warnings=[Fault("late", _("not claimed in time"))] if lead.is_late else [],
    )
    may = {OfferStatus.OPEN: may_offer, OfferStatus.LOST: may_close}
    card.moves.extend(_moves(card, ((to, *LEAD_MOVES[to]) for to in LEAD_MOVES if may[OfferStatus(to)])))
    return card


def _moves(card: Card, choices: Iterable[tuple[str, Any, str]]) -> list[Move]:
    return [Move(str(to), label, icon, f"{card.move_url}?to={to}") for to, label, icon in choices]


def is_page(url: str) -> bool:
    """Whether a move is too much for a dialog: the letter that sends an offer is a page of its own."""
    return url.endswith("/send/")


def offer_move_url(offer: Offer, to: str) -> str:
    """Return the page that makes an offer ``to``. What is on the funder's own form is sent outside: it is marked only.

    Raises :class:`BusinessRuleError`: ``status_not_allowed``.
    """
    if to not in OfferStatus or to not in OFFER_TRANSITIONS[OfferStatus(offer.status)]:
        raise BusinessRuleError("status_not_allowed", _sentence(offer, to))
    if to == OfferStatus.SENT:
        return reverse("offers:mark_sent" if offer.type.is_funder_form else "offers:send", args=[offer.pk])
    return step_pages()[OfferStatus(to)].url(offer)


def _sentence(offer: Offer, to: str) -> str:
    if to not in OfferStatus:
        return _("An offer cannot become a lead again.")
    words = {"status": offer.get_status_display(), "next": OfferStatus(to).label}
    return _("An offer with the status “%(status)s” cannot become “%(next)s”.") % words


def lead_move_url(lead: Activity, to: str) -> tuple[str, str]:
    """Return the page that makes a lead ``to`` and the rule that opens it: it becomes an offer or is closed.

    Raises :class:`BusinessRuleError`: ``offer_first``.
    """
    if to == OfferStatus.OPEN:
        return f"{reverse('offers:create')}?activity={lead.pk}", "offers.add_offer"
    if to == OfferStatus.LOST:
        return reverse("leads:close", args=[lead.pk]), "leads.handle_lead"
    raise BusinessRuleError("offer_first", _("Make an offer from the lead first."))
