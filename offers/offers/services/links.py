"""Personal links to offers: their secrets, states and place in messages.

The log has a placeholder in place of a link; only the message to the recipient has the link.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import uuid
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from activities.mail.models import EmailMessage
from core import clock
from customers.models import Contact
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer, OfferLink, OfferVersion
from offers.offers.snapshot import LANGUAGES

_PLACEHOLDER = re.compile(r"\[[^\[\]<>]{1,80} (?P<number>[A-Z]{2}\d{4}-\d{4,9})/(?P<version>\d{1,5})\]")


def link_placeholder(link: OfferLink) -> str:
    """Return the text that the log shows in place of a link."""
    version = link.version
    with override(link.language):
        return "[{} {}/{}]".format(_("personal link to the offer"), version.offer.number, version.number)


def link_fill(message: EmailMessage, body: str) -> str:
    """Return the message's HTML with the links of its recipients; other links stay placeholders."""
    addresses = [recipient.address for recipient in message.recipients.all()]

    def link(match: re.Match[str]) -> str:
        links = OfferLink.objects.filter(version__offer__number=match["number"], version__number=match["version"])
        own_link = links.filter(email__in=addresses).order_by("-pk").first() if len(addresses) == 1 else None
        return format_html('<a href="{0}">{0}</a>', link_url(own_link)) if own_link else match[0]

    return _PLACEHOLDER.sub(link, body)


#: A link outlives the offer, so that a late reader learns why it can no longer be accepted.
READ_AFTER = dt.timedelta(days=60)
READ_WITHOUT_END = dt.timedelta(days=180)


class LinkState(Enum):
    """The state of a link's page. The first three show nothing of the offer."""

    REVOKED = "revoked"
    ENDED = "ended"
    SUPERSEDED = "superseded"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OPEN = "open"


#: States in which the contact can read the offer; only an open one can be answered.
READABLE = frozenset({LinkState.ANSWERED, LinkState.ACCEPTED, LinkState.EXPIRED, LinkState.OPEN})


def secret_of(link: OfferLink) -> str:
    """Return the secret of a link: only this installation can compute it, and it is not stored."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"offer:{link.pk}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def link_url(link: OfferLink) -> str:
    return f"{settings.BASE_URL}{reverse('offers:public', args=[secret_of(link)])}"


def link_of(secret: str) -> OfferLink | None:
    """Return the link of a secret, whatever its state; None for a forged one."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    links = OfferLink.objects.select_related("version__offer__customer", "version__offer__owner", "contact")
    return links.filter(digest=digest).first()


def state_of(link: OfferLink, *, newest: int | None = None) -> LinkState:
    """Return the present state of a link; ``newest`` is the number of the newest sent version."""
    offer = link.version.offer
    if link.revoked_at:
        return LinkState.REVOKED
    if link.expires_at <= clock.now() or offer.customer.is_passive:
        return LinkState.ENDED
    if link.version.number < (newest_sent(offer) if newest is None else newest):
        return LinkState.SUPERSEDED
    return _state_of_offer(link)


def newest_sent(offer: Offer) -> int:
    """Return the number of the newest sent version; 0 when there is none."""
    sent = offer.versions.filter(sent_at__isnull=False).order_by("-number")
    return sent.values_list("number", flat=True).first() or 0


def _state_of_offer(link: OfferLink) -> LinkState:
    until = link.version.valid_until
    if link.answer:
        return LinkState.ANSWERED
    closed = {
        OfferStatus.ORDER: LinkState.ACCEPTED,
        OfferStatus.LOST: LinkState.CLOSED,
        OfferStatus.OPEN: LinkState.WITHDRAWN,
    }
    status = OfferStatus(link.version.offer.status)
    if status in closed:
        return closed[status]
    return LinkState.EXPIRED if until and until < clock.today() else LinkState.OPEN


@transaction.atomic
def link_make(*, offer_version: OfferVersion, contact: Contact | None, email: str) -> OfferLink:
    """Make the link of a version for its recipient."""
    now, until = clock.now(), offer_version.valid_until
    language = offer_version.content["language"]
    link = OfferLink.objects.create(
        version=offer_version,
        contact=contact,
        email=email,
        language=language if language in LANGUAGES else LANGUAGES[0],
        digest=uuid.uuid4().hex,  # until the row has the id that the secret is computed from
        expires_at=_end_of(until) + READ_AFTER if until else now + READ_WITHOUT_END,
    )
    link.digest = hashlib.sha256(secret_of(link).encode()).hexdigest()
    link.save(update_fields=["digest"])
    return link


def _end_of(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time()))


def link_opened(link: OfferLink) -> None:
    """Record the time when a link was first opened."""
    if link.opened_at is None:
        OfferLink.objects.filter(pk=link.pk, opened_at__isnull=True).update(opened_at=clock.now())


@transaction.atomic
def link_revoke(*, link: OfferLink) -> OfferLink:
    """Revoke a link, so that it opens nothing; its answer is kept. Revoking it again has no effect."""
    link = OfferLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        link.save(update_fields=["revoked_at"])
    return link
