"""Small pieces of HTML, quickly.

Django's ``escape`` and ``format_html`` look at each argument for texts to be translated later, which a page of a list
pays for a thousand times.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from django.utils.safestring import SafeString


def safe(value: Any) -> SafeString:
    """Return ``value`` as HTML: escaped, unless it is HTML already."""
    if type(value) is SafeString:
        return value
    if hasattr(value, "__html__"):
        return SafeString(value.__html__())
    return SafeString(escape(str(value)))


def html(template: str, *args: Any) -> SafeString:
    """Return ``template`` (a literal text) with each ``{}`` replaced by an argument, escaped unless it is HTML."""
    return SafeString(template.format(*[safe(arg) for arg in args]))


def html_join(separator: str, parts: Iterable[Any]) -> SafeString:
    """Return the parts, each escaped unless it is HTML, with ``separator`` (a literal text) between them."""
    return SafeString(separator.join([safe(part) for part in parts]))
