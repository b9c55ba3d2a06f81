"""Rules of offers and their logo for forms, API, imports and services.

Each raises :class:`BusinessRuleError` at its field.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL import Image

from accounts.models import User
from core.exceptions import BusinessRuleError
from customers.models import Contact, Customer
from customers.validators import check_customer_active
from offers.offers.models import Offer, OfferType
from offers.products.lines import LineData

CUSTOMER_INACTIVE = gettext_lazy("%(customer)s is inactive and cannot be offered anything.")
#: Stored file type → media type. Nothing that a browser would run.
LOGO_MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
MAX_LOGO_BYTES = 1024 * 1024
MAX_LOGO_SIDE = 2_000


def check_customer(customer: Customer) -> None:
    """Raise ``customer_passive`` for an inactive customer (rule 2)."""
    check_customer_active(customer, CUSTOMER_INACTIVE % {"customer": customer}, field="customer")


def check_contact(customer: Customer, contact: Contact | None) -> None:
    """Raise ``contact_not_of_customer`` unless the contact works for the customer."""
    if contact and not contact.positions.filter(customer=customer).exists():
        message = _("%(contact)s does not work for this customer.") % {"contact": contact}
        raise BusinessRuleError("contact_not_of_customer", message, field="contact")


def check_owner(owner: User) -> None:
    """Raise ``user_inactive`` for a user who has left."""
    if not owner.is_active:
        message = _("%(user)s does not work here any more.") % {"user": owner}
        raise BusinessRuleError("user_inactive", message, field="owner")


def check_type(type: OfferType) -> None:
    """Raise ``type_retired`` for a retired type."""
    if type.is_retired:
        raise BusinessRuleError("type_retired", _("This type is no longer in use."), field="type")


def check_required(offer: Offer, lines: Sequence[LineData]) -> None:
    """Check the type's requirements: ``contact_required``, ``expected_close_required``, ``lines_not_allowed``."""
    if offer.type.needs_contact and offer.contact is None:
        raise BusinessRuleError("contact_required", _("Choose the contact who receives the offer."), field="contact")
    if offer.type.needs_expected_close and offer.expected_close is None:
        message = _("Enter the expected close date.")
        raise BusinessRuleError("expected_close_required", message, field="expected_close")
    if offer.type.is_funder_form and lines:
        message = _("An offer on the funder's own form has no lines here. Enter its value instead.")
        raise BusinessRuleError("lines_not_allowed", message, field="lines")


def check_dates(offer: Offer) -> None:
    """Raise ``valid_until_before_date`` when the offer would expire before its date."""
    if offer.valid_until and offer.valid_until < offer.date:
        message = _("The offer cannot expire before its own date.")
        raise BusinessRuleError("valid_until_before_date", message, field="valid_until")


def check_logo(upload: UploadedFile) -> str:
    """Return the file type of an accepted image, recognised by its content and not by its name.

    Raises :class:`BusinessRuleError` at ``logo``: ``file_empty``, ``file_too_large``, ``file_type``.
    """
    if not upload.size:
        raise BusinessRuleError("file_empty", _("The file is empty."), field="logo")
    if upload.size > MAX_LOGO_BYTES:
        limit = MAX_LOGO_BYTES // 1024 // 1024
        raise BusinessRuleError("file_too_large", _("The file is larger than %d MB.") % limit, field="logo")
    return _type_of_image(upload)


def _type_of_image(upload: UploadedFile) -> str:
    """Read the whole image, so that a truncated one is refused; a huge one is not unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            upload.seek(0)
            with Image.open(upload, formats=[name.upper() for name in LOGO_MEDIA_TYPES]) as picture:
                if max(picture.size) > MAX_LOGO_SIDE:
                    raise _logo_too_large()
                _check_image_is_whole(upload, str(picture.format))
                picture.load()
                kind = str(picture.format).lower()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _logo_too_large() from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # raised for other files and damaged images
        message = _("The logo must be an undamaged PNG, JPEG or WebP image.")
        raise BusinessRuleError("file_type", message, field="logo") from error
    upload.seek(0)
    return kind


def _check_image_is_whole(upload: UploadedFile, kind: str) -> None:
    """Raise ValueError when the file is truncated: Pillow pads such images once the PDF renderer is loaded."""
    place = upload.tell()
    upload.seek(0)
    data = upload.read()
    upload.seek(place)
    ends = {"PNG": data[-8:-4] == b"IEND", "JPEG": data.rstrip(b"\0\r\n")[-2:] == b"\xff\xd9"}
    if not ends.get(kind, len(data) >= 8 + int.from_bytes(data[4:8], "little")):
        raise ValueError("the picture breaks off")


def _logo_too_large() -> BusinessRuleError:
    message = _("The image is wider or taller than %(count)d pixels.") % {"count": MAX_LOGO_SIDE}
    return BusinessRuleError("file_too_large", message, field="logo")


def logo_media_type(name: str) -> str:
    return LOGO_MEDIA_TYPES[PurePosixPath(name).suffix.lstrip(".").lower()]
