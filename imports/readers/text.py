"""Streaming reader of CSV, TSV and other delimited text that detects encoding, delimiter and quoting."""

from __future__ import annotations

import codecs
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from core.exports import meant
from core.text import is_binary
from imports.readers.formats import BadFile, binary

MAX_CELL = 100_000
DELIMITERS = ",;\t|"
NO_QUOTES = "none"
#: What an administrator may choose; only the first few are ever found by themselves.
ENCODINGS = ("utf-8", "utf-16", "cp1252", "iso8859-15", "iso8859-1")
SAMPLE = 256 * 1024
_CHUNK = 1024 * 1024
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

csv.field_size_limit(MAX_CELL)


@dataclass(frozen=True)
class Dialect:
    encoding: str
    delimiter: str
    quote: str


def find_dialect(path: Path, encoding: str = "", delimiter: str = "", quote: str = "") -> Dialect:
    """Return the reading options, detecting the empty ones. Raises :class:`BadFile` for a binary file."""
    _check_is_text(path)
    encoding = encoding or find_encoding(path)
    lines = _first_lines(path, encoding)
    if not any(line.strip() for line in lines):
        raise BadFile("empty", _("The file is empty."))
    quote = quote or '"'
    return Dialect(encoding, delimiter or find_delimiter(lines, quote), quote)


def _check_is_text(path: Path) -> None:
    """Raise :class:`BadFile` for what is text in no encoding, so that nobody is asked to choose another one."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if is_binary(head) and not _wide(head):
        raise binary()


def find_encoding(path: Path) -> str:
    """Return the encoding by its byte order mark, by validity as UTF-8, or by its likely letters."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    wide = _wide(head)
    if wide:
        return wide
    odd = _not_utf8(path)
    if odd is None:
        return "utf-8"
    best = from_bytes(odd, cp_isolation=["cp1252", "iso8859_15"]).best()
    return best.encoding.replace("_", "-") if best and best.encoding != "cp1252" else _single_byte(odd)


def _wide(head: bytes) -> str:
    """Return the byte order of UTF-16 text without a mark, or None: every second byte of Western text is zero."""
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    half = max(1, min(len(head), 2000) // 2)
    if max(even, odd) <= half * 0.7 or (even and odd):
        return ""
    encoding = "utf-16-le" if odd else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(encoding, "ignore")
    return "" if any(ord(character) < 9 for character in text) else encoding


def _not_utf8(path: Path) -> bytes | None:
    """Return the bytes around the first invalid UTF-8, or None. Raises :class:`BadFile` for a zero byte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if b"\x00" in chunk:
                raise binary()
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                return chunk
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return chunk or b"\xff"
    return None


def _single_byte(sample: bytes) -> str:
    """Return Windows-1252 unless the text has bytes that it does not define."""
    try:
        sample.decode("cp1252")
    except UnicodeDecodeError:
        controls = sum(byte < 9 or 13 < byte < 32 for byte in sample)
        if controls > len(sample) // 50:
            raise binary() from None
        return "iso8859-15"
    return "cp1252"


def _codec(encoding: str) -> str:
    """Return the codec's name; the one for UTF-8 skips a byte order mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _first_lines(path: Path, encoding: str) -> list[str]:
    try:
        with path.open(encoding=_codec(encoding), newline="") as file:
            return list(islice(iter(lambda: file.readline(MAX_CELL), ""), 200))
    except (UnicodeError, LookupError) as error:
        raise wrong_encoding(encoding) from error


def find_delimiter(lines: list[str], quote: str) -> str:
    """Return the character that splits most lines into the same number (more than one) of cells."""
    scores = {mark: _evenness(lines, mark, quote) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: scores[mark])
    return best if scores[best] > 0 else ","


def _evenness(lines: list[str], delimiter: str, quote: str) -> float:
    """Return the share of lines with the commonest number of cells, slightly favouring more cells."""
    try:
        widths = [len(row) for row in csv.reader(lines, **_format(delimiter, quote, strict=False)) if row]
    except csv.Error:
        return 0
    counts = Counter(width for width in widths if width > 1)
    if not counts:
        return 0
    width, count = counts.most_common(1)[0]
    return count / len(widths) + min(width, 50) / 1_000


def _format(delimiter: str, quote: str, *, strict: bool) -> dict[str, Any]:
    if quote == NO_QUOTES:
        return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE, "quotechar": None, "strict": strict}
    return {"delimiter": delimiter, "quotechar": quote, "strict": strict}


def read_rows(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with their first line numbers. Raises :class:`BadFile` for broken text."""
    with path.open(encoding=_codec(dialect.encoding), newline="") as file:
        reader = csv.reader(file, **_format(dialect.delimiter, dialect.quote, strict=True))
        line = 1
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise broken(line, error) from error
            except UnicodeError as error:
                raise wrong_encoding(dialect.encoding) from error
            yield line, check_cells(line, [cell.strip() for cell in row])
            line = reader.line_num + 1


def check_cells(number: int, cells: list[str]) -> list[str]:
    """Return the cells. Raises :class:`BadFile` for a zero character or an oversized cell."""
    text = "".join(cells)
    if "\x00" in text:
        raise binary()
    if len(text) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
        raise _huge(number)
    return [meant(cell) for cell in cells] if "'" in text else cells


def broken(line: int, error: csv.Error) -> BadFile:
    if "field limit" in str(error):
        return _huge(line)
    return BadFile(
        "broken_quoting",
        _("The quotation marks do not match on line %d: fix the file or choose another quotation mark.") % line,
    )


def _huge(line: int) -> BadFile:
    return BadFile(
        "huge_cell",
        _("Row %(row)d has a cell longer than %(limit)d characters: is a quotation mark missing?")
        % {"row": line, "limit": MAX_CELL},
    )


def wrong_encoding(encoding: str) -> BadFile:
    return BadFile("encoding", _("The file is not text in the encoding %s: choose another one.") % encoding)
