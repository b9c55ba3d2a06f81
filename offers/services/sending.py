"""Sending an offer: a version with its PDF, the contact's personal link, the message that carries both."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.html import escape
from django.utils.translation import gettext as _

from accounts.models import User
from activities.mail.placeholders import put, used
from activities.mail.plan import Letter, Recipient
from activities.models import Activity
from activities.services.mail_out import emails_send
from crm import clock, richtext
from crm.documents import documents_of
from crm.exceptions import BusinessRuleError
from crm.models import Document
from crm.services import check_version, lock
from offers import validators
from offers.contents import language_of
from offers.enums import UNDECIDED, OfferStatus
from offers.mail_link import link_word
from offers.models import Offer, OfferVersion
from offers.services.approvals import check_approved
from offers.services.links import link_make
from offers.services.offers import offer_activity_link
from offers.services.status import offer_set_status
from offers.services.versions import version_make

#: The field where the personal link goes in the cover text; it comes last where the text does not say.
LINK = "link"
LINK_FIELD = f"{{{LINK}}}"


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
    """Make the next version, mail it to ``recipient`` with its PDF and personal link, mark the offer as sent.

    ``documents`` are those of the offer that go beside the PDF.

    The message is logged as an activity linked to the offer, which is done when the mail server has taken it. Earlier
    links say from now on that a newer offer has been sent. All of it happens or nothing. Raises
    :class:`BusinessRuleError`: ``status_not_allowed``, ``customer_passive``, ``funder_form``, ``valid_until_past``,
    ``nothing_to_offer``, ``approval_missing``, ``pdf_unavailable``, ``document_foreign`` and those of
    ``emails_send``; :class:`StaleVersionError`.
    """
    row = lock(offer)
    check_version(row, version)
    check_sendable(row)
    _check_own(row, documents)
    if row.type.is_funder_form:
        message = _("This is offered on the funder's own form: deliver it as the funder wants, then mark it as sent.")
        raise BusinessRuleError("funder_form", message)
    made = version_make(offer=row, user=user)
    letter = _letter(made, user, recipient, subject, body, signed)
    made.email = _mail(made, letter, documents)
    made.sent_at = clock.now()
    made.save(update_fields=["sent_at", "email"])
    _mark(row, user, reason=_("Sent to %(address)s.") % {"address": recipient.address})
    return made


@transaction.atomic
def offer_mark_sent(*, offer: Offer, user: User, note: str = "", version: int | None = None) -> Offer:
    """Tell that an offer was delivered otherwise: on paper, in the funder's service. Its PDF is kept as a version,
    but for those on the funder's own form.

    Raises :class:`BusinessRuleError` as :func:`offer_send`, but for ``funder_form`` and those of mail;
    :class:`StaleVersionError`.
    """
    row = lock(offer)
    check_version(row, version)
    if row.status == OfferStatus.SENT:
        return row
    check_sendable(row)
    if not row.type.is_funder_form:
        made = version_make(offer=row, user=user)
        made.sent_at = clock.now()
        made.save(update_fields=["sent_at"])
    return _mark(row, user, reason=note.strip() or _("Delivered otherwise than by e-mail."))


def check_sendable(offer: Offer) -> None:
    """Raise what stands in the way of giving an offer to the customer."""
    if offer.status not in UNDECIDED:
        raise BusinessRuleError("status_not_allowed", _("A decided offer is not sent."))
    validators.check_customer(offer.customer)
    if offer.valid_until and offer.valid_until < clock.today():
        message = _("The day until which the offer is valid has passed: change it first.")
        raise BusinessRuleError("valid_until_past", message)
    has_content = offer.type.is_funder_form or offer.estimate is not None or offer.lines.exists()
    if not has_content:
        message = _("The offer has neither lines nor an estimated value.")
        raise BusinessRuleError("nothing_to_offer", message)
    check_approved(offer)


def _mark(row: Offer, user: User, *, reason: str) -> Offer:
    """Sent again: the status stays, but the row has a new version number, so that an old form is not sent once more."""
    if row.status != OfferStatus.SENT:
        return offer_set_status(offer=row, status=OfferStatus.SENT, user=user, reason=reason)
    row.version += 1
    row.save(update_fields=["version", "updated_at"])
    return row


def _check_own(offer: Offer, documents: Sequence[Document]) -> None:
    ids = {document.pk for document in documents}
    if documents_of(offer).filter(pk__in=ids).count() != len(ids):
        message = _("Only documents of this offer can be attached.")
        raise BusinessRuleError("document_foreign", message, field="documents")


def _letter(
    offer_version: OfferVersion, user: User, recipient: Recipient, subject: str, body: str, signed: bool
) -> Letter:
    """In the log there is a word in place of the personal link (``offers.mail_link``)."""
    link = link_make(offer_version=offer_version, contact=recipient.contact, email=recipient.address)
    return Letter(
        user=user,
        recipients=[recipient],
        subject=subject,
        body=_with_link(body, link_word(link)),
        language=language_of(offer_version.offer),
        customer=offer_version.offer.customer,
        signed=signed,
        carries=offer_version.offer,
    )


def _mail(offer_version: OfferVersion, letter: Letter, documents: Sequence[Document]) -> Activity:
    """Send it and return the activity that it is logged as. It is no marketing: the offer was asked for."""
    [message] = emails_send(letter=letter, documents=documents, uploads=[_attachment(offer_version)], confirmed=True)
    assert message.activity is not None  # noqa: S101 - emails_send logs one
    offer_activity_link(offer=offer_version.offer, activity=message.activity, user=letter.user)
    return message.activity


def _with_link(body: str, word: str) -> str:
    if not richtext.to_text(body):
        raise BusinessRuleError("body_required", _("Write the message."), field="body")
    return put(body, LINK, word) if LINK in used(body) else f"{body}<p>{escape(word)}</p>"


def _attachment(offer_version: OfferVersion) -> SimpleUploadedFile:
    with offer_version.pdf.open() as file:
        return SimpleUploadedFile(offer_version.file_name, file.read(), content_type="application/pdf")
