"""Versions of an offer: what was sent, as it was then, with its PDF."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from crm import clock
from crm.services import lock
from offers.contents import content_of, shown
from offers.models import Offer, OfferVersion, SellerDetails
from offers.pdf.render import offer_pdf


@transaction.atomic
def version_make(*, offer: Offer, user: User | None) -> OfferVersion:
    """Keep the offer as it is now as its next version, with the PDF of that; return the version.

    The PDF is made here and not by the worker: the message that carries it is written in the same transaction. A page
    takes about 0.12 s. Raises :class:`BusinessRuleError`: ``pdf_unavailable``.
    """
    row = lock(offer)
    content = content_of(row)
    last = row.versions.order_by("-number").values_list("number", flat=True).first() or 0
    sums = shown(content).totals
    pdf = offer_pdf(content, logo=logo_bytes(), version=last + 1)
    version = OfferVersion(
        offer=row,
        number=last + 1,
        content_version=row.content_version,
        content=content,
        net=sums.net,
        vat=sums.vat,
        valid_until=row.valid_until,
        sha256=hashlib.sha256(pdf).hexdigest(),
        made_by=user,
        made_at=clock.now(),
    )
    version.pdf.save(version.file_name, ContentFile(pdf), save=False)
    version.save()
    return version


def draft_pdf(offer: Offer) -> bytes:
    """Return the PDF of the offer as it is now, marked as a draft. Raises ``pdf_unavailable``."""
    return offer_pdf(content_of(offer), logo=logo_bytes(), is_draft=True)


def logo_bytes() -> bytes:
    """Return our logo; nothing when there is none or its file is gone."""
    seller = SellerDetails.objects.filter(pk=1).first()
    if seller is None or not seller.logo:
        return b""
    try:
        with seller.logo.open() as file:
            return bytes(file.read())
    except FileNotFoundError:
        return b""
