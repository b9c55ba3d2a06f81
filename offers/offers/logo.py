"""The logo on offers: accepted files and their media types."""

from __future__ import annotations

import warnings
from pathlib import PurePosixPath

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image

from core.exceptions import BusinessRuleError

#: Stored file type → media type. Nothing that a browser would run.
MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
MAX_BYTES = 1024 * 1024
MAX_SIDE = 2_000


def check_logo(upload: UploadedFile) -> str:
    """Return the file type of an accepted image, recognised by its content and not by its name.

    Raises :class:`BusinessRuleError` at ``logo``: ``file_empty``, ``file_too_large``, ``file_type``.
    """
    if not upload.size:
        raise BusinessRuleError("file_empty", _("The file is empty."), field="logo")
    if upload.size > MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        raise BusinessRuleError("file_too_large", _("The file is larger than %d MB.") % limit, field="logo")
    return _kind_of_picture(upload)


def _kind_of_picture(upload: UploadedFile) -> str:
    """Read the whole image, so that a truncated one is refused; a huge one is not unpacked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            upload.seek(0)
            with Image.open(upload, formats=[name.upper() for name in MEDIA_TYPES]) as picture:
                if max(picture.size) > MAX_SIDE:
                    raise _too_large()
                _check_end(upload, str(picture.format))
                picture.load()
                kind = str(picture.format).lower()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # raised for other files and damaged images
        message = _("The logo must be an undamaged PNG, JPEG or WebP image.")
        raise BusinessRuleError("file_type", message, field="logo") from error
    upload.seek(0)
    return kind


def _check_end(upload: UploadedFile, kind: str) -> None:
    """Raise ValueError when the file is truncated: Pillow pads such images once the PDF renderer is loaded."""
    place = upload.tell()
    upload.seek(0)
    data = upload.read()
    upload.seek(place)
    ends = {"PNG": data[-8:-4] == b"IEND", "JPEG": data.rstrip(b"\0\r\n")[-2:] == b"\xff\xd9"}
    if not ends.get(kind, len(data) >= 8 + int.from_bytes(data[4:8], "little")):
        raise ValueError("the picture breaks off")


def _too_large() -> BusinessRuleError:
    message = _("The image is wider or taller than %(count)d pixels.") % {"count": MAX_SIDE}
    return BusinessRuleError("file_too_large", message, field="logo")


def media_type(name: str) -> str:
    return MEDIA_TYPES[PurePosixPath(name).suffix.lstrip(".").lower()]
