"""vCard files (2.1, 3.0, 4.0) as a table: one row per card, one column per property."""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from icalendar.parser import Contentline, Contentlines

from imports.readers.formats import damaged

_FIRST = ["Organization", "Name", "First name", "Middle name", "Last name", "Salutation", "Suffix", "Department"]
_FIRST += [
    "Job title",
    "Phone",
    "Fax",
    "E-mail",
    "Website",
    "Street address",
    "City",
    "Postal code",
    "Country",
    "Notes",
]
_COLUMNS = {"FN": "Name", "TITLE": "Job title", "URL": "Website", "NOTE": "Notes"}
_NAME = ("Last name", "First name", "Middle name", "Salutation", "Suffix")
_ADDRESS = ("", "", "Street address", "City", "Region", "Postal code", "Country")
_FORMAL = frozenset({"BEGIN", "END", "VERSION", "PRODID"})
_FILES = frozenset({"PHOTO", "LOGO", "SOUND", "KEY"})
_NO_PHONES = frozenset({"fax", "pager", "modem", "bbs", "isdn", "pcs", "video"})
#: Types that say nothing about a number or an address.
_PLAIN_TYPES = frozenset({"voice", "text", "pref", "internet", "msg", "x400", ""})
_BETWEEN = " ::: "
_UNESCAPED_SEMICOLON = re.compile(r"(?<!\\);")
_ESCAPED = re.compile(r"\\([nN,;:\\])")
_SOFT_BREAK = re.compile(r"^[^\n:]*QUOTED-PRINTABLE[^\n:]*:(?:[^\n]*=\r?\n)+[^\n]*", re.IGNORECASE | re.MULTILINE)
_OLD_PARAMETERS = re.compile(r"^([\w.-]+)((?:;[^:;=\"]+(?:=(?:\"[^\"]*\"|[^:;\"]*))?)*):", re.IGNORECASE)


@dataclass(frozen=True)
class Property:
    name: str
    types: frozenset[str]
    value: str
    pref: int


def read_cards(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the header and a row for each card. Raises :class:`imports.readers.formats.BadFile`."""
    try:
        text = path.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
        cards = [_cells(card) for card in _cards(text)]
    except (ValueError, LookupError) as error:
        raise damaged() from error
    found = {column: None for card in cards for column, cell in card.items() if cell}
    header = [column for column in _FIRST if column in found] + [column for column in found if column not in _FIRST]
    yield 1, header
    for number, card in enumerate(cards, 2):
        yield number, [card.get(column, "") for column in header]


def _cards(text: str) -> Iterator[list[Property]]:
    card: list[Property] | None = None
    text = _SOFT_BREAK.sub(_joined, text)
    for line in Contentlines.from_ical(text):
        bare = str(line).strip().upper()
        if bare == "BEGIN:VCARD":
            card = []
        elif bare == "END:VCARD" and card is not None:
            yield card
            card = None
        elif card is not None and bare:
            card.append(_property(str(line)))


def _joined(match: re.Match[str]) -> str:
    """Join the lines of a value that is encoded as quoted-printable (vCard 2.1)."""
    return re.sub(r"=\r?\n", "", match[0])


def _property(line: str) -> Property:
    match = _OLD_PARAMETERS.match(line)
    if match:  # parameters without a name, as in vCard 2.1
        parts = [f"TYPE={part}" if "=" not in part else part for part in filter(None, match[2].split(";"))]
        line = "".join([match[1], *(f";{part}" for part in parts), line[match.end() - 1 :]])
    name, params, value = Contentline(line).parts()
    types = params.get("TYPE", [])
    types = [types] if isinstance(types, str) else types
    words = {word.lower() for item in types for word in str(item).split(",")}
    encoding = str(params.get("ENCODING", "")).upper()
    if encoding == "QUOTED-PRINTABLE" or "quoted-printable" in words:
        value = quopri.decodestring(value.encode()).decode(str(params.get("CHARSET", "utf-8")), "replace")
    pref = str(params.get("PREF", ""))
    order = int(pref) if pref.isdecimal() and len(pref) < 4 else (1 if "pref" in words else 100)
    return Property(name.rpartition(".")[2].upper(), frozenset(words), value, order)


def _cells(card: list[Property]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for item in sorted(card, key=lambda item: item.pref):
        for column, cell in _parts(item):
            if cell:
                cells[column] = f"{cells[column]}{_BETWEEN}{cell}" if column in cells else cell
    return cells


def _parts(item: Property) -> Iterator[tuple[str, str]]:
    """Yield the columns and cells of a property."""
    if item.name in _FORMAL:
        return
    if item.name == "N":
        yield from zip(_NAME, _pieces(item.value), strict=False)
    elif item.name == "ORG":
        name, *units = _pieces(item.value)
        yield from (("Organization", name), ("Department", ", ".join(filter(None, units))))
    elif item.name == "ADR":
        pieces = [*_pieces(item.value), *[""] * 7][:7]
        street = ", ".join(filter(None, pieces[:3]))
        is_home = "home" in item.types and "work" not in item.types
        columns = [f"Home: {column}" if is_home else column for column in _ADDRESS[2:]]
        yield from zip(columns, [street, *pieces[3:]], strict=True)
    elif item.name == "TEL":
        column = "Fax" if item.types & _NO_PHONES else "Phone"
        yield column, _with_type(item)
    elif item.name == "EMAIL":
        yield "E-mail", _with_type(item)
    elif item.name in _FILES:
        yield item.name, "(…)"
    else:
        yield _COLUMNS.get(item.name, item.name), _plain(item.value)


def _pieces(value: str) -> list[str]:
    return [" ".join(_plain(piece).split()) for piece in _UNESCAPED_SEMICOLON.split(value)]


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value).strip()


def _with_type(item: Property) -> str:
    types = sorted(item.types - _PLAIN_TYPES)
    value = _plain(item.value)
    return f"{value} ({', '.join(types)})" if types else value
