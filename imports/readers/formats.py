"""Detection of a file's format by its content, and the error of files that cannot be read."""

from __future__ import annotations

import zipfile
from enum import Enum
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.exceptions import BusinessRuleError

MAX_UNPACKED = 600 * 1024 * 1024
MAX_MEMBERS = 5_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


_START = 4_096
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<meta", b"<body", b"<table", b"<style", b"<div")
#: Text that is no table: documents, and data in other forms.
_DOCUMENTS = (b"%pdf-", b"%!ps", b"{\\rtf", b"<?xml", b"<svg", b'{"', b"[{", b"begin:vcalendar")
_XML_PAGES = (b"urn:schemas-microsoft-com:office:spreadsheet", b"<html", b"<workbook")
_WEB_PAGE = gettext_lazy(
    "This is a web page with the name of a spreadsheet: open it in Excel and save it as an Excel workbook (.xlsx) "
    "or CSV."
)


class BadFile(BusinessRuleError):
    """The file cannot be read; the message is shown to the user."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code, message, field="file")


class Format(Enum):
    TEXT = "text"
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    VCARD = "vcard"


def find_format(path: Path) -> Format:
    """Return the format. Raises :class:`BadFile` for an empty, protected, damaged, oversized or unknown file."""
    with path.open("rb") as file:
        start = file.read(_START)
    head = start[:8]
    if not head:
        raise BadFile("empty", _("The file is empty."))
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zipped(path)
    if head == _OLE:
        return _ole(path)
    return _textual(start)


def _textual(start: bytes) -> Format:
    """Return the format of text by its first characters.

    Raises :class:`BadFile` for web pages named as tables, documents, and data in other forms (XML, JSON).
    """
    text = start.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith(b"begin:vcard"):
        return Format.VCARD
    is_page = text.startswith(_PAGES) or (text.startswith(b"<?xml") and any(word in text for word in _XML_PAGES))
    if is_page or (text.startswith(b"mime-version:") and b"multipart/related" in text):
        raise BadFile("web_page", _WEB_PAGE)
    if text.startswith(_DOCUMENTS):
        raise not_a_table()
    return Format.TEXT


def _ole(path: Path) -> Format:
    with path.open("rb") as file:
        content = file.read(4 * 1024 * 1024)
    if _ENCRYPTED in content:
        raise protected()
    if not any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        raise not_a_table()
    return Format.XLS


def _zipped(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            form = _kind(archive)
            _check_size(archive)
            return form
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise damaged() from error


def _kind(archive: zipfile.ZipFile) -> Format:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return Format.XLSX
    if "content.xml" in names and "META-INF/manifest.xml" in names:
        if b"encryption-data" in archive.open("META-INF/manifest.xml").read(1024 * 1024):
            raise protected()
        return Format.ODS
    raise not_a_table()


def _check_size(archive: zipfile.ZipFile) -> None:
    """Raise :class:`BadFile` if the archive unpacks to too much, measured by unpacking it."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
        limit = MAX_UNPACKED // 1024 // 1024
        raise BadFile("bursting", _("Unpacked, the file would be larger than %d MB: save it as CSV.") % limit)
    for member in members:
        with archive.open(member) as packed:
            while packed.read(1024 * 1024):
                pass


def binary() -> BadFile:
    return BadFile("binary", _("This is not text but a binary file: choose a CSV, Excel or OpenDocument file."))


def not_a_table() -> BadFile:
    return BadFile("not_a_table", _("This is not a table: choose a CSV, Excel or OpenDocument spreadsheet file."))


def protected() -> BadFile:
    return BadFile("protected", _("The file is protected by a password: save it without one."))


def damaged() -> BadFile:
    return BadFile("damaged", _("The file is damaged: it can't be opened."))
