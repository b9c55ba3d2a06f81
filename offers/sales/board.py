"""The cards of the pipeline board, with their warnings and the moves of their menus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from activities.leads.acting import mark_leads
from activities.log.models import Activity
from core import clock
from core.cells import alarm
from core.exceptions import BusinessRuleError
from offers.offers.acting import mark_offers
from offers.offers.cells import stuck_words
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.models import Offer
from offers.offers.steps import step_pages
from offers.sales.selectors.pipeline import LEAD, Column, leads_to_close, offers_to_move

SEND: tuple[Any, str] = (pgettext_lazy("offer step", "Send…"), "send")
LEAD_MOVES: dict[str, tuple[Any, str]] = {
    OfferStatus.OPEN: (gettext_lazy("Make an offer"), "file-text"),
    OfferStatus.LOST: (gettext_lazy("Close the lead"), "x"),
}


@dataclass(frozen=True)
class Move:
    """A move of a card to a column: the page that the button on the lead's or offer's own page opens."""

    to: str
    label: Any
    icon: str
    url: str


@dataclass(frozen=True)
class CardWarning:
    """A problem to fix, with its severity (``warn``, ``late``, or ``muted`` where the reader cannot act on it)."""

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Card:
    """A lead or an offer on the board."""

    kind: str
    pk: int
    url: str
    title: str
    customer: Any
    value: Decimal | None
    person: Any
    days: int
    tag: str
    warnings: list[CardWarning] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)

    @property
    def more_warnings(self) -> int:
        """Return the number of warnings besides the first one, which is the one shown."""
        return max(len(self.warnings) - 1, 0)

    @property
    def days_words(self) -> str:
        """Return how long the card has been in its column."""
        text = ngettext("%(days)s day in this stage", "%(days)s days in this stage", self.days)
        return text % {"days": number_format(self.days, use_l10n=True, force_grouping=True)}

    @property
    def move_url(self) -> str:
        return reverse(f"sales:pipeline_move_{self.kind}", args=[self.pk])


def cards_of(columns: Iterable[Column], user: Any) -> dict[str, list[Card]]:
    """Return the cards of each column by its name, with the moves that the user may make."""
    columns = list(columns)
    offers = [offer for column in columns if column.name != LEAD for offer in column.rows]
    movable = offers_to_move(user, offers)
    mark_offers(user, offers)
    cards = {column.name: _lead_cards(column.rows, user) for column in columns if column.name == LEAD}
    for column in columns:
        if column.name != LEAD:
            cards[column.name] = [_offer_card(offer, offer.pk in movable) for offer in column.rows]
    return cards


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
        card.moves.extend(
            _moves(card, ((to, *_move_button(to)) for to in OFFER_TRANSITIONS[OfferStatus(offer.status)]))
        )
    return card


def _move_button(to: OfferStatus) -> tuple[Any, str]:
    """Return label and icon of a move, the same as those of the button on the offer's own page."""
    if to == OfferStatus.SENT:
        return SEND
    page = step_pages()[to]
    return page.label, page.icon


def warnings_of(offer: Offer) -> list[CardWarning]:
    """Return the warnings of an offer that was read with its next step; ``late`` only if the reader may act on it.

    :func:`mark_offers` says whether he or she may.
    """
    if not offer.is_undecided:
        return []
    warnings = []
    if offer.is_expired and offer.valid_until:
        text = _("expired on %(day)s") % {"day": date_format(offer.valid_until, "SHORT_DATE_FORMAT")}
        warnings.append(CardWarning(alarm(offer), text))
    if offer.is_stuck:
        warnings.append(CardWarning("warn", stuck_words(offer)))
    if offer.expected_close and offer.expected_close < clock.today():
        warnings.append(CardWarning("warn", _("past expected close")))
    if offer.next_step is None:  # type: ignore[attr-defined]
        warnings.append(CardWarning("warn", _("no next activity")))
    return warnings


def _lead_cards(leads: Iterable[Activity], user: Any) -> list[Card]:
    leads = list(leads)
    mark_leads(user, leads)
    may_close, may_offer = leads_to_close(user, leads), user.has_perm("offers.add_offer")
    return [_lead_card(lead, may_offer, lead.pk in may_close) for lead in leads]


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
        warnings=[CardWarning(alarm(activity), _("not claimed in time"))] if lead.is_late else [],
    )
    may = {OfferStatus.OPEN: may_offer, OfferStatus.LOST: may_close}
    card.moves.extend(_moves(card, ((to, *LEAD_MOVES[to]) for to in LEAD_MOVES if may[OfferStatus(to)])))
    return card


def _moves(card: Card, choices: Iterable[tuple[str, Any, str]]) -> list[Move]:
    return [Move(str(to), label, icon, f"{card.move_url}?to={to}") for to, label, icon in choices]


def offer_move_url(offer: Offer, to: str) -> str:
    """Return the form that moves an offer to ``to``. Whether it was sent by e-mail or otherwise is asked by its form.

    Raises :class:`BusinessRuleError`: ``status_not_allowed``.
    """
    if to not in OfferStatus or to not in OFFER_TRANSITIONS[OfferStatus(offer.status)]:
        raise BusinessRuleError("status_not_allowed", _refusal(offer, to))
    if to == OfferStatus.SENT:
        return reverse("offers:mark_sent", args=[offer.pk])
    return step_pages()[OfferStatus(to)].url(offer)


def _refusal(offer: Offer, to: str) -> str:
    if to not in OfferStatus:
        return _("An offer cannot become a lead again.")
    names = {"status": offer.get_status_display(), "next": OfferStatus(to).label}
    return _("An offer with the status “%(status)s” cannot become “%(next)s”.") % names


def lead_move_url(lead: Activity, to: str) -> tuple[str, str]:
    """Return the page that moves a lead to ``to``, an offer or closed, and the permission of the page.

    Raises :class:`BusinessRuleError`: ``offer_first``.
    """
    if to == OfferStatus.OPEN:
        return f"{reverse('offers:create')}?activity={lead.pk}", "offers.add_offer"
    if to == OfferStatus.LOST:
        return reverse("leads:close", args=[lead.pk]), "leads.handle_lead"
    raise BusinessRuleError("offer_first", _("Make an offer from the lead first."))
