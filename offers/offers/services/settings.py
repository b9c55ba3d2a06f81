"""What administrators keep of offers: lists, VAT rates, who we are as a seller."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from core.services import lock, versioned_save
from offers.offers.enums import SeriesKind
from offers.offers.logo import check_logo
from offers.offers.models import NumberSeries, SellerDetails


def seller() -> SellerDetails:
    """Return who we are on offers and invoices; the row is made when it is not there yet."""
    row, _is_new = SellerDetails.objects.get_or_create(pk=1)
    return row


@transaction.atomic
def seller_change(*, seller: SellerDetails, logo: UploadedFile | None = None) -> SellerDetails:
    """Save our data that a form has filled in, and another logo.

    Raises :class:`BusinessRuleError` at ``logo``: those of :func:`offers.offers.logo.check_logo`.
    """
    held = lock(seller).logo
    if logo:
        kind = check_logo(logo)
        seller.logo.save(f"{uuid.uuid4().hex}.{kind}", logo, save=False)
        _remove_file_later(held)
    return versioned_save(seller)


@transaction.atomic
def seller_logo_remove(*, seller: SellerDetails) -> SellerDetails:
    """Take the logo away; offers are then sent with our name alone."""
    row = lock(seller)
    _remove_file_later(row.logo)
    row.logo = ""
    return versioned_save(row)


def _remove_file_later(logo: Any) -> None:
    """Delete a file once it is certain that the row does not name it any more."""
    if logo:
        storage, path = logo.storage, logo.name
        transaction.on_commit(lambda: storage.delete(path))


def number_take(*, kind: SeriesKind, year: int) -> str:
    """Return the next number, such as ``TA2026-0001``. Call it inside the transaction that writes what is numbered.

    Whoever numbers at the same time waits until that transaction ends: rolled back, it is given anew.
    """
    return numbers_take(kind=kind, year=year, count=1)[0]


@transaction.atomic
def numbers_take(*, kind: SeriesKind, year: int, count: int) -> list[str]:
    """Return the next ``count`` numbers in their order."""
    NumberSeries.objects.get_or_create(kind=kind, year=year)
    series = NumberSeries.objects.select_for_update().get(kind=kind, year=year)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return [f"{kind.value}{year}-{number:04d}" for number in range(first, series.last + 1)]
