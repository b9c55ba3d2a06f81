"""The Finvoice formats of texts, numbers, days and codes."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement

from offers.products.money import cents

CURRENCY = {"AmountCurrencyIdentifier": "EUR"}
DAY = {"Format": "CCYYMMDD"}
#: What XML 1.0 cannot hold; line breaks and tabs become spaces.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

#: Countries as people write them; others have only their name.
COUNTRIES = {
    "FI": ("", "suomi", "finland", "fi"),
    "SE": ("ruotsi", "sverige", "sweden", "se"),
    "NO": ("norja", "norge", "norway", "no"),
    "DK": ("tanska", "danmark", "denmark", "dk"),
    "EE": ("viro", "eesti", "estonia", "ee"),
    "DE": ("saksa", "deutschland", "germany", "de"),
}
#: Units of the default data by UN/ECE Recommendation 20.
UNITS = {
    "kpl": "C62", "h": "HUR", "tunti": "HUR", "pv": "DAY", "päivä": "DAY", "kk": "MON", "kuukausi": "MON",
    "hlö": "IE", "henkilö": "IE", "ryhmä": "10", "km": "KMT",
}  # fmt: skip


def text(value: object, maximum: int, minimum: int = 0) -> str:
    """Return one line of valid XML text, cut at ``maximum`` characters and filled up to ``minimum``."""
    clean = " ".join(_FORBIDDEN.sub("", str(value or "")).split())[:maximum].rstrip()
    return clean.ljust(minimum, "–") if minimum else clean


def pieces(value: object, maximum: int, count: int) -> list[str]:
    """Return a text in at most ``count`` parts of at most ``maximum`` characters, the first at least two long."""
    whole = text(value, maximum * count)
    parts = [whole[start : start + maximum].strip() for start in range(0, len(whole), maximum)]
    long = [part for part in parts if len(part) > 1]
    return long or [text(whole, maximum, 2)]


def amount(value: Decimal) -> str:
    return f"{cents(value):.2f}".replace(".", ",")


def number(value: Decimal) -> str:
    """Return a quantity or a percentage without trailing zeros."""
    plain = f"{value:.2f}".rstrip("0").rstrip(".")
    return plain.replace(".", ",")


def day(value: dt.date) -> str:
    return f"{value:%Y%m%d}"


def country_code(name: str) -> str:
    return next((code for code, names in COUNTRIES.items() if name.strip().casefold() in names), "")


def unit_code(unit: str) -> str:
    return UNITS.get(unit.strip().rstrip(".").casefold(), "")


def party_code(business_id: str) -> str:
    """Return the OVT code of a Finnish organisation: its e-invoice address unless it has given another one."""
    digits = "".join(filter(str.isdigit, business_id))
    return f"0037{digits}" if len(digits) == 8 else ""


def add(parent: Element, name: str, value: str = "", attributes: dict[str, str] | None = None) -> Element:
    """Add an element with its text; a mandatory one can be empty."""
    element = SubElement(parent, name, attributes or {})
    element.text = value or None
    return element


def add_if(parent: Element, name: str, value: str, attributes: dict[str, str] | None = None) -> None:
    """Add an element if its value is not empty."""
    if value:
        add(parent, name, value, attributes)


def add_amount(parent: Element, name: str, value: Decimal) -> None:
    add(parent, name, amount(value), CURRENCY)


def add_day(parent: Element, name: str, value: dt.date) -> None:
    add(parent, name, day(value), DAY)
