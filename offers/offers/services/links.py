"""Personal links to offers: their secrets, states and place in messages, and the answer of the contact (rule 4).

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
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from accounts.notifications import notify
from activities.mail.models import EmailMessage
from core import clock
from core.exceptions import BusinessRuleError
from core.registry import declared
from core.services import lock
from customers.models import Contact
from customers.selectors.customers import person_for
from offers.offers.content import LANGUAGES, printable
from offers.offers.enums import LinkAnswer, OfferStatus
from offers.offers.models import LostReason, Offer, OfferLink, OfferVersion
from offers.offers.services.status import offer_lose

_PLACEHOLDER = re.compile(r"\[[^\[\]<>]{1,80} (?P<number>[A-Z]{2}\d{4}-\d{4,9})/(?P<version>\d{1,5})\]")

NAME_LENGTH, COMMENT_LENGTH = 200, 2_000
#: The lost reason of an offer that the contact declines; default data, created again when it is missing.
DECLINED = "declined"
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
    if link.answer:
        return LinkState.ANSWERED
    closed = {
        OfferStatus.ORDER: LinkState.ACCEPTED,
        OfferStatus.LOST: LinkState.CLOSED,
        OfferStatus.OPEN: LinkState.WITHDRAWN,
    }
    if OfferStatus(offer.status) in closed:
        return closed[OfferStatus(offer.status)]
    until = link.version.valid_until
    return LinkState.EXPIRED if until and until < clock.today() else LinkState.OPEN


def newest_sent(offer: Offer) -> int:
    """Return the number of the newest sent version; 0 when there is none."""
    sent = offer.versions.filter(sent_at__isnull=False).order_by("-number")
    return sent.values_list("number", flat=True).first() or 0


@transaction.atomic
def link_make(*, offer_version: OfferVersion, contact: Contact | None, email: str) -> OfferLink:
    """Make the link of a version for its recipient."""
    expires_at = clock.now() + READ_WITHOUT_END
    if offer_version.valid_until:
        day_after = dt.datetime.combine(offer_version.valid_until + dt.timedelta(days=1), dt.time())
        expires_at = timezone.make_aware(day_after) + READ_AFTER
    language = offer_version.content["language"]
    link = OfferLink.objects.create(
        version=offer_version,
        contact=contact,
        email=email,
        language=language if language in LANGUAGES else LANGUAGES[0],
        digest=uuid.uuid4().hex,  # until the row has the id that the secret is computed from
        expires_at=expires_at,
    )
    link.digest = hashlib.sha256(secret_of(link).encode()).hexdigest()
    link.save(update_fields=["digest"])
    return link


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
        if answer == LinkAnswer.DECLINED:
            reason = _declined_reason()
            result: Any = offer_lose(offer=link.version.offer, user=None, reason=reason, note=comment, actor=name)
        else:  # orders declare the service that accepts: it takes the locked link, and returns the order
            result = dict(declared("LINK_DECISIONS"))[answer](link, name, comment)
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
