"""Where in a found activity's texts the searched words stand: a line for the list."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from activities import text_sources
from activities.models import Activity
from crm.richtext import to_text
from customers.search import read, stems

BEFORE, LENGTH = 40, 160
_WORD = re.compile(r"\w+")


def add_snippets(rows: Sequence[Activity], text: str) -> None:
    """Give each of ``rows`` whose title does not show it a ``snippet``: where the first word is found. Two queries."""
    parts = [stem for word in read(text).words for stem in stems(word)]
    if not rows or not parts:
        return
    elsewhere = [source.texts(rows) for source in text_sources.registered()]
    for row in rows:
        if not _first(row.title, parts):
            others = (to_text(texts.get(row.pk, "")) for texts in elsewhere)
            texts = (row.goal, to_text(row.memo), row.settlement, *others)
            row.snippet = _snippet(texts, parts)  # type: ignore[attr-defined]


def _snippet(texts: Iterable[str], parts: list[str]) -> SafeString | str:
    for text in texts:
        line = " ".join(text.split())
        if match := _first(line, parts):
            return _cut(line, match)
    return ""


def _first(text: str, parts: list[str]) -> re.Match[str] | None:
    words = (match for match in _WORD.finditer(text) if _fold(match[0]).startswith(tuple(parts)))
    return next(words, None)


def _cut(line: str, match: re.Match[str]) -> SafeString:
    begin = line.rfind(" ", 0, max(match.start() - BEFORE, 0)) + 1 if match.start() > BEFORE else 0
    end = begin + LENGTH if begin + LENGTH >= match.end() else match.end()
    return format_html(
        "{}{}<mark>{}</mark>{}{}",
        "… " if begin else "",
        line[begin : match.start()],
        match[0],
        line[match.end() : end],
        " …" if end < len(line) else "",
    )


def _fold(word: str) -> str:
    """As the database folds: lower case, without accents."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(letter)
    )
