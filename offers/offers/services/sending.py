"""Sending an offer: a version with its PDF, the contact's personal link, the message with both; reminders."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.log.models import Activity
from activities.mail.placeholders import replace_field, used
from activities.mail.recipients import Letter, Recipient
from activities.mail.services.messages import emails_send
from core import clock, richtext
from core.documents import documents_of
from core.exceptions import BusinessRuleError
from core.models import Document
from core.services import check_version, lock
from offers.offers import validators
from offers.offers.content import content_of, language_of, shown
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import Offer, OfferVersion, SellerDetails
from offers.offers.pdf import offer_pdf
from offers.offers.services.approvals import check_approved
from offers.offers.services.links import link_make, link_placeholder, recipients_of
from offers.offers.services.offers import offer_activity_link
from offers.offers.services.status import offer_set_status

#: The field for the personal link in the cover text; without the field the link comes last.
LINK = "link"
LINK_FIELD = f"{{{LINK}}}"
#: Offers that expired earlier were imported as such: no reminder is sent.
REMIND_WITHIN = dt.timedelta(days=7)


@transaction.atomic
def offer_send(
    *,
    offer: Offer,
    user: User,
    recipient: Recipient,
    subject: str,
    body: str,
    signed: bool = True,
    documents: Sequence[Document] = (),
    version: int | None = None,
) -> OfferVersion:
    """Make the next version, send it to ``recipient`` with its PDF and personal link, mark the offer as sent.

    ``documents`` are the offer's documents to attach besides the PDF.

    The message is logged as an activity linked to the offer, done when the mail server has accepted it. Earlier links
    say from then on that a newer offer has been sent. All of it happens or nothing. Raises
    :class:`BusinessRuleError`: ``status_not_allowed``, ``customer_passive``, ``funder_form``, ``valid_until_past``,
    ``nothing_to_offer``, ``approval_missing``, ``pdf_unavailable``, ``document_foreign`` and those of
    ``emails_send``; :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    check_sendable(offer)
    _check_documents(offer, documents)
    if offer.type.is_funder_form:
        message = _(
            "This offer is made on the funder's own form. Deliver it as the funder requires, then mark it as sent."
        )
        raise BusinessRuleError("funder_form", message)
    offer_version = version_make(offer=offer, user=user)
    letter = _build_letter(offer_version, user, recipient, subject, body, signed)
    offer_version.email = _send_letter(offer_version, letter, documents)
    offer_version.sent_at = clock.now()
    offer_version.save(update_fields=["sent_at", "email"])
    _mark_sent(offer, user, reason=_("Sent to %(address)s.") % {"address": recipient.address})
    return offer_version


@transaction.atomic
def offer_mark_sent(*, offer: Offer, user: User, note: str = "", version: int | None = None) -> Offer:
    """Mark an offer as delivered by other means, such as on paper; keep its PDF as a version.

    An offer on the funder's own form has no version. Raises :class:`BusinessRuleError` as :func:`offer_send`, except
    ``funder_form`` and those of mail; :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    if offer.status == OfferStatus.SENT:
        return offer
    check_sendable(offer)
    if not offer.type.is_funder_form:
        offer_version = version_make(offer=offer, user=user)
        offer_version.sent_at = clock.now()
        offer_version.save(update_fields=["sent_at"])
    return _mark_sent(offer, user, reason=note.strip() or _("Delivered by other means than e-mail."))


def check_sendable(offer: Offer) -> None:
    """Raise the reason why the offer cannot be given to the customer, if there is one."""
    if offer.status not in UNDECIDED:
        raise BusinessRuleError("status_not_allowed", _("A decided offer cannot be sent."))
    validators.check_customer(offer.customer)
    if offer.valid_until and offer.valid_until < clock.today():
        message = _("The offer is no longer valid. Change “Valid until” first.")
        raise BusinessRuleError("valid_until_past", message)
    has_content = offer.type.is_funder_form or offer.estimate is not None or offer.lines.exists()
    if not has_content:
        message = _("The offer has neither lines nor an estimated value.")
        raise BusinessRuleError("nothing_to_offer", message)
    check_approved(offer)


def _mark_sent(offer: Offer, user: User, *, reason: str) -> Offer:
    """Mark the offer as sent. Sent again, it gets a new row version, so that an old form cannot be sent once more."""
    if offer.status != OfferStatus.SENT:
        return offer_set_status(offer=offer, status=OfferStatus.SENT, user=user, reason=reason)
    offer.version += 1
    offer.save(update_fields=["version", "updated_at"])
    return offer


def _check_documents(offer: Offer, documents: Sequence[Document]) -> None:
    ids = {document.pk for document in documents}
    if documents_of(offer).filter(pk__in=ids).count() != len(ids):
        message = _("Only documents of this offer can be attached.")
        raise BusinessRuleError("document_foreign", message, field="documents")


def _build_letter(
    offer_version: OfferVersion, user: User, recipient: Recipient, subject: str, body: str, signed: bool
) -> Letter:
    """Return the letter, with a placeholder for the personal link (``offers.offers.services.links``)."""
    if not richtext.to_text(body):
        raise BusinessRuleError("body_required", _("Write the message."), field="body")
    link = link_make(offer_version=offer_version, contact=recipient.contact, email=recipient.address)
    text = link_placeholder(link)
    return Letter(
        user=user,
        recipients=[recipient],
        subject=subject,
        body=replace_field(body, LINK, text) if LINK in used(body) else f"{body}<p>{escape(text)}</p>",
        language=language_of(offer_version.offer),
        customer=offer_version.offer.customer,
        signed=signed,
        carries=offer_version.offer,
    )


def _send_letter(offer_version: OfferVersion, letter: Letter, documents: Sequence[Document]) -> Activity:
    """Send the message and return its activity. It is not marketing: the customer asked for the offer."""
    with offer_version.pdf.open() as file:
        pdf = SimpleUploadedFile(offer_version.file_name, file.read(), content_type="application/pdf")
    [message] = emails_send(letter=letter, documents=documents, uploads=[pdf], confirmed=True)
    assert message.activity is not None  # noqa: S101 - emails_send logs one
    offer_activity_link(offer=offer_version.offer, activity=message.activity, user=letter.user)
    return message.activity


@transaction.atomic
def version_make(*, offer: Offer, user: User | None) -> OfferVersion:
    """Store the current offer as its next version, with its PDF; return the version.

    The PDF is made here and not by the worker: the message with it is written in the same transaction. A page
    takes about 0.12 s. Raises :class:`BusinessRuleError`: ``pdf_unavailable``.
    """
    offer = lock(offer)
    content = content_of(offer)
    last = offer.versions.order_by("-number").values_list("number", flat=True).first() or 0
    sums = shown(content).totals
    pdf = offer_pdf(content, logo=logo_bytes(), version=last + 1)
    version = OfferVersion(
        offer=offer,
        number=last + 1,
        content_version=offer.content_version,
        content=content,
        net=sums.net,
        vat=sums.vat,
        valid_until=offer.valid_until,
        sha256=hashlib.sha256(pdf).hexdigest(),
        made_by=user,
        made_at=clock.now(),
    )
    version.pdf.save(version.file_name, ContentFile(pdf), save=False)
    version.save()
    return version


def draft_pdf(offer: Offer) -> bytes:
    """Return the PDF of the current offer, marked as a draft. Raises ``pdf_unavailable``."""
    return offer_pdf(content_of(offer), logo=logo_bytes(), is_draft=True)


def logo_bytes() -> bytes:
    """Return our logo; empty when there is none or its file is missing."""
    seller = SellerDetails.objects.filter(pk=1).first()
    if seller is None or not seller.logo:
        return b""
    try:
        with seller.logo.open() as file:
            return bytes(file.read())
    except FileNotFoundError:
        return b""


def offers_remind() -> int:
    """Notify account managers once before a sent offer expires and once after; return the number of offers.

    Concurrent runs do not notify twice. ``Offer.reminded_at`` is the time of the last reminder: within the days before
    the end it was the first one, after the end the second. An offer with a new end is reminded of again.
    """
    today, notice = clock.today(), dt.timedelta(days=settings.OFFER_REMINDER_DAYS)
    sent = Offer.objects.filter(status=OfferStatus.SENT, customer__state="active")
    ending = sent.filter(valid_until__gte=today, valid_until__lte=today + notice)
    expired = sent.filter(valid_until__lt=today, valid_until__gte=today - REMIND_WITHIN)
    count = 0
    for pk in [*ending.values_list("pk", flat=True), *expired.values_list("pk", flat=True)]:
        count += _remind(pk, today, notice)
    return count


@transaction.atomic
def _remind(pk: int, today: dt.date, notice: dt.timedelta) -> bool:
    offers = Offer.objects.select_for_update(of=("self",), skip_locked=True).select_related("owner", "customer")
    offer = offers.filter(pk=pk, status=OfferStatus.SENT).first()
    if offer is None or offer.valid_until is None:
        return False
    is_expired = offer.valid_until < today
    reminder_due = offer.valid_until + dt.timedelta(days=1) if is_expired else offer.valid_until - notice
    if offer.reminded_at and clock.day_of(offer.reminded_at) >= reminder_due:
        return False
    Offer.objects.filter(pk=pk).update(reminded_at=clock.now())
    notify(
        users=recipients_of(offer),
        kind="offer_expired" if is_expired else "offer_expiring",
        url=offer.get_absolute_url(),
        number=offer.number,
        title=offer.title,
        customer=str(offer.customer),
        day=offer.valid_until.isoformat(),
    )
    return True
