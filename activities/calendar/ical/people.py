"""The e-mail addresses of those who take part in an event."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

#: Parameters with the address of a person whose value is something else: a path, a number, a relay.
_PARAMETERS = ("EMAIL", "X-CALENDARSERVER-EMAIL", "X-EMAIL")
_ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+")
MAX_PEOPLE = 200


def emails_of(person: Any) -> list[str]:
    """Return the addresses of an ATTENDEE or ORGANIZER, in lower case: those in parameters, then the value's."""
    parameters = getattr(person, "params", {})
    texts = [str(parameters.get(name, "")) for name in _PARAMETERS]
    addresses = [_address(text) for text in (*texts, _value(str(person)))]
    return list(dict.fromkeys(address for address in addresses if address))


def email_of(person: Any) -> str:
    """Return the person's own address; empty if there is none."""
    return next(iter(emails_of(person)), "")


def emails_of_event(event: Any) -> list[str]:
    """Return the address of each person of an event, each once."""
    people: list[Any] = []
    for name in ("ORGANIZER", "ATTENDEE"):
        values = event.get(name)
        people += values if isinstance(values, list) else [values] if values is not None else []
    return list(dict.fromkeys(email for person in people[:MAX_PEOPLE] if (email := email_of(person))))


def _value(text: str) -> str:
    """Return the address of a mailto, without its header fields; other values have none unless they are addresses."""
    scheme, colon, rest = text.strip().partition(":")
    if (colon and scheme.lower() != "mailto") or text.lstrip().startswith("/"):
        return ""
    return unquote(rest.partition("?")[0]) if colon else text


def _address(text: str) -> str:
    text = text.strip().strip('"').strip().lower().removeprefix("mailto:").strip().strip("<>")
    return text if len(text) <= 254 and _ADDRESS.fullmatch(text) else ""
