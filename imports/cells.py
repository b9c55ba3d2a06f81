"""Cells that hold several values: phone numbers and e-mail addresses, each with what the cell says about it."""

from __future__ import annotations

import re

from core.import_kinds import Part
from core.text import visible

_AND = r"\b(?:tai|ja|or|and|eller|och|oder|und)\b"
_OUTSIDE = r"(?![^()]*\))"
_PHONES = re.compile(rf"(?::::|[;|/\n]|{_AND}){_OUTSIDE}", re.IGNORECASE)
_COMMA = re.compile(f",{_OUTSIDE}")
_ADDRESS = re.compile(r"[^\s;,|/<>()\[\]\"]+@[^\s;,|/<>()\[\]\"]+")
#: An extension at the end of a number, or alone after a separator.
_EXTENSION = re.compile(
    r"[\s,]*(?P<words>(?:ext(?:ension)?|alanro|alanumero|alanum|anknytning(?:snummer)?|ankn|sisänumero|sis|int|nebenstelle"
    r"|durchwahl|x|\#)\s*[.:]?\s*\d{1,8})\s*\)?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\+?\(?\d(?:\d\)|[\d\s.\u00a0–-]|\(\d+\))*")
_SCIENTIFIC = re.compile(r"\d[.,]?\d*e[+-]?\d+", re.IGNORECASE)
#: Cells with nothing but one number or one address.
_ONE_NUMBER = re.compile(r"\+?[0-9](?:[ -]?[0-9])+")
_ONE_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
#: What only says that a phone number follows.
_MARKS = re.compile(r"^(?:tel|puh|phone|p|t|tlf|tfn)\b[.:]*\s*", re.IGNORECASE)
#: A second number after a comma has at least this many digits.
_DIGITS = 5


def phones(cell: str) -> list[Part]:
    """Return the phone numbers of a cell; extensions and remarks are their notes."""
    if _ONE_NUMBER.fullmatch(cell):
        return [Part(cell)]
    found: list[Part] = []
    for text in _phone_texts(cell):
        part = _phone(text)
        if found and not _is_number(part.text):
            found[-1] = Part(found[-1].text, _join(found[-1].note, text))
        else:
            found.append(part)
    return found


def _phone_texts(cell: str) -> list[str]:
    """Divide the cell; a comma divides only where a whole number follows it."""
    texts: list[str] = []
    for text in _PHONES.split(visible(cell)):
        first, *rest = _COMMA.split(text)
        texts.append(first)
        for piece in rest:
            digits = sum(character.isdigit() for character in piece)
            if digits >= _DIGITS and not _EXTENSION.fullmatch(piece):
                texts.append(piece)
            else:
                texts[-1] += f",{piece}"
    return [text.strip() for text in texts if text.strip()]


def _phone(text: str) -> Part:
    if _SCIENTIFIC.fullmatch(text):
        return Part(text)
    extension = _EXTENSION.search(text)
    rest = text[: extension.start()] if extension and _is_number(text[: extension.start()]) else text
    note = extension["words"] if extension and rest != text else ""
    number = _NUMBER.search(rest)
    if not number or not _is_number(number[0]):
        return Part(text)
    if re.match(r"[^\W\d_]", rest[number.end() :]) and not number[0].endswith((" ", "(")):
        return Part(text)  # letters that are dialled
    number_text = number[0].rstrip(" (,.-–")
    remark = f"{rest[: number.start()]} {rest[number.start() + len(number_text) :]}"
    remark = _MARKS.sub("", " ".join(remark.split())).strip(" ,.:()-–")
    if sum(character.isdigit() for character in remark) >= _DIGITS:
        return Part(text, note)
    return Part(number_text, _join(note, remark))


def _is_number(text: str) -> bool:
    return sum(character.isdigit() for character in text) >= 3 and not text.strip()[:1].isalpha()


def _join(*texts: str) -> str:
    return ", ".join(filter(None, texts))


def addresses(cell: str) -> list[Part]:
    """Return the e-mail addresses of a cell; the other words are notes of the address that they belong to."""
    if _ONE_ADDRESS.fullmatch(cell):
        return [Part(cell)]
    text = re.sub(r"\bmailto:", "", visible(cell))
    matches = list(_ADDRESS.finditer(text))
    if not matches:
        return [Part(text.strip())]
    notes = [""] * len(matches)
    ends = [0, *(match.end() for match in matches)]
    starts = [*(match.start() for match in matches), len(text)]
    for index, (end, start) in enumerate(zip(ends, starts, strict=True)):
        words = " ".join(re.sub(_AND, " ", text[end:start], flags=re.IGNORECASE).split())
        owner = index if index == 0 or text[start - 1 : start] == "<" else index - 1
        notes[owner] = _join(notes[owner], words.strip(' ,;:|/<>()[]"'))
    return [Part(match[0], note) for match, note in zip(matches, notes, strict=True)]
