"""The labels in the glossary are texts of the interface, with the glossary's terms as their translations."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po
from django.utils import translation

from offers.offers.models import OfferType
from offers.orders.models import Invoice, Order

ROOT = Path(__file__).resolve().parent.parent
LABEL = "label in the interface"


def glossary_labels() -> Iterator[tuple[str, str]]:
    """Yield each label of the glossary's tables with the Finnish terms of its row."""
    header: list[str] = []
    for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells or not header:
            header = cells
        elif LABEL in header and not set(line) <= set("|-"):
            yield from ((cells[0], label) for label in cells[header.index(LABEL)].split(", ") if label != "–")


def translations() -> dict[str, set[str]]:
    """Return the Finnish translations of each English text of the interface."""
    found: dict[str, set[str]] = defaultdict(set)
    with (ROOT / "locale" / "fi" / "LC_MESSAGES" / "django.po").open("rb") as file:
        for message in read_po(file):
            if message.id and isinstance(message.id, str):
                found[message.id].add(str(message.string))
    return found


def stems(text: str) -> set[str]:
    """Return the beginnings of the words, which stay the same when words are inflected."""
    return {word[:4] for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.casefold())}


def test_each_label_of_the_glossary_is_a_text_of_the_interface_in_the_same_words() -> None:
    catalogue, rows = translations(), list(glossary_labels())
    wrong = [
        (finnish, label)
        for finnish, label in rows
        if not any(stems(finnish) & stems(translation) for translation in catalogue.get(label, ()))
    ]
    assert len(rows) > 60
    assert wrong == []


def test_one_english_word_with_two_meanings_has_two_finnish_ones():
    with translation.override("fi"):
        assert (str(Order._meta.verbose_name), str(Invoice._meta.get_field("order").verbose_name)) == (
            "tilaus",
            "tilaus",
        )
        assert str(OfferType._meta.get_field("order").verbose_name) == "järjestys"
