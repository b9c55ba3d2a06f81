"""What administrators keep of offers: lists, VAT rates, who we are as a seller."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from crm import clock
from crm.exceptions import BusinessRuleError
from crm.models import Choice
from crm.services import lock, versioned_save
from offers.logo import check_logo
from offers.models import SellerDetails, VatClass
from offers.services.dated import Dated, check_dated, dated_set

C = TypeVar("C", bound=Choice)


@transaction.atomic
def setting_set_retired(*, row: C, retired: bool) -> C:
    """Retire a line of a list, so that it is given to nothing new, or take it into use again. What has it keeps it."""
    manager: Any = type(row)._default_manager
    locked: C = manager.select_for_update().get(pk=row.pk)
    if locked.is_retired != retired:
        locked.retired_at = clock.now() if retired else None
        locked.save(update_fields=["retired_at"])
    return locked


@transaction.atomic
def vat_class_save(*, vat_class: VatClass, rates: Sequence[Dated]) -> VatClass:
    """Save a VAT class that a form has filled in, with its rates. Offers and orders keep the rates that they have.

    Raises :class:`BusinessRuleError`: ``rate_required``, ``day_twice``, ``day_not_allowed``, ``too_many_rows``.
    """
    if not rates:
        raise BusinessRuleError("rate_required", _("Give at least one rate and the day from which it holds."))
    check_dated(rates, field="rates")
    vat_class.save()
    dated_set(vat_class.rates, rates, name="percent")
    return vat_class


def seller() -> SellerDetails:
    """Return who we are on offers and invoices; the row is made when it is not there yet."""
    row, _is_new = SellerDetails.objects.get_or_create(pk=1)
    return row


@transaction.atomic
def seller_change(*, seller: SellerDetails, logo: UploadedFile | None = None) -> SellerDetails:
    """Save our data that a form has filled in, and another logo.

    Raises :class:`BusinessRuleError` at ``logo``: those of :func:`offers.logo.check_logo`.
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
