"""The seller's details and number series."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from core.services import lock, versioned_save
from offers.offers.enums import SeriesKind
from offers.offers.models import NumberSeries, SellerDetails
from offers.offers.validators import check_logo


def seller() -> SellerDetails:
    """Return the seller on offers and invoices; create the row if it does not exist."""
    details, _is_new = SellerDetails.objects.get_or_create(pk=1)
    return details


@transaction.atomic
def seller_change(*, seller: SellerDetails, logo: UploadedFile | None = None) -> SellerDetails:
    """Save the seller that a form has filled in, and a new logo.

    Raises :class:`BusinessRuleError` at ``logo``: those of :func:`offers.offers.validators.check_logo`.
    """
    old_logo = lock(seller).logo
    if logo:
        file_type = check_logo(logo)
        seller.logo.save(f"{uuid.uuid4().hex}.{file_type}", logo, save=False)
        _remove_file_later(old_logo)
    return versioned_save(seller)


@transaction.atomic
def seller_logo_remove(*, seller: SellerDetails) -> SellerDetails:
    """Remove the logo; offers are then sent with our name only."""
    seller = lock(seller)
    _remove_file_later(seller.logo)
    seller.logo = ""
    return versioned_save(seller)


def _remove_file_later(logo: Any) -> None:
    """Delete a file after the transaction in which the row dropped it has been committed."""
    if logo:
        storage, path = logo.storage, logo.name
        transaction.on_commit(lambda: storage.delete(path))


def number_take(*, kind: SeriesKind, year: int) -> str:
    """Return the next number, such as ``TA2026-0001``. Call it in the transaction that writes the numbered row.

    Concurrent callers wait until that transaction ends; after a rollback the number is used again.
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
