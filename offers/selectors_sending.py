"""What has been sent of an offer: its versions, to whom they went, what became of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from activities.mail import recipients
from activities.models import EmailMessage
from offers.models import Offer, OfferLink, OfferVersion
from offers.services.links import LinkState, newest_sent, state_of

SHOWN = 50


@dataclass(frozen=True)
class LinkRow:
    link: OfferLink
    state: LinkState


@dataclass(frozen=True)
class VersionRow:
    """A version with its links and, when it was mailed, the message. ``size`` in bytes; None: the file is gone."""

    version: OfferVersion
    size: int | None
    links: list[LinkRow]
    message: EmailMessage | None


def versions_for(user: Any) -> QuerySet[OfferVersion]:
    """Return the versions of offers that ``user`` sees, with what is told of them."""
    rows = OfferVersion.objects.filter(offer__in=Offer.objects.visible_to(user))
    links = OfferLink.objects.select_related("contact").order_by("pk")
    return rows.select_related("offer__customer", "made_by", "email__email").prefetch_related(Prefetch("links", links))


def links_for(user: Any) -> QuerySet[OfferLink]:
    """Return the links to offers that ``user`` sees."""
    rows = OfferLink.objects.filter(version__offer__in=Offer.objects.visible_to(user))
    return rows.select_related("version__offer__customer", "contact")


def version_rows(offer: Offer, user: Any) -> list[VersionRow]:
    """Return what has been made of an offer, the newest first; a constant number of queries."""
    newest = newest_sent(offer)
    return [_row(version, newest) for version in versions_for(user).filter(offer=offer)[:SHOWN]]


def _row(version: OfferVersion, newest: int) -> VersionRow:
    links = list(version.links.all())
    for link in links:
        link.version = version
    shown = [LinkRow(link, state_of(link, newest=newest)) for link in links]
    return VersionRow(version, _size(version), shown, getattr(version.email, "email", None))


def _size(version: OfferVersion) -> int | None:
    try:
        return version.pdf.size
    except (FileNotFoundError, ValueError):
        return None


def addresses_for(offer: Offer, user: Any) -> list[recipients.Option]:
    """Return whom an offer may be sent to: the offer's contact first, then the customer and who works for it."""
    found = recipients.offered([offer.customer], user)
    own = [f"point:{pk}" for pk in _points(offer)]
    return sorted(found, key=lambda option: option.value not in own)


def _points(offer: Offer) -> list[int]:
    points = offer.contact.points.filter(kind="email").order_by("-is_primary", "pk") if offer.contact else None
    return list(points.values_list("pk", flat=True)) if points is not None else []
