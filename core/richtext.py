"""Rich text: short HTML that people write (lists, bold, links), cleaned before it is stored and shown."""

from __future__ import annotations

import html
import re

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

TAGS = {
    "p",
    "div",
    "br",
    "h1",
    "h2",
    "h3",
    "strong",
    "b",
    "em",
    "i",
    "u",
    "del",
    "a",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
}
ATTRIBUTES = {"a": {"href"}}
SCHEMES = {"http", "https", "mailto", "tel"}

_BLOCK_END = re.compile(r"(?i)<br\s*/?>|</(?:p|div|h[1-3]|li|blockquote|pre|ul|ol)>")
_HEADING = re.compile(r"<(/?)h[12]>")
_ITEM = re.compile(r"(?i)<li[^>]*>")
_TAG = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_NESTING = re.compile(r"(?i)<(/?)(?!(?:p|li|br|hr|img|input|meta|link|t[rdh]|col|tbody|dd|dt|option|wbr)\b)[a-z]")
#: Reading deeper nesting takes time that grows with its square, and nobody writes it.
DEEPEST = 200


def clean(text: str) -> str:
    """Return HTML with nothing but the tags of :data:`TAGS` and links of safe schemes."""
    text = text.replace("\x00", "")
    cleaned: str = nh3.clean(
        from_text(to_text(text)) if _is_too_deep(text) else text,
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer",
    )
    return "" if not to_text(cleaned) else cleaned


def _is_too_deep(text: str) -> bool:
    depth = 0
    for match in _NESTING.finditer(text):
        depth += -1 if match[1] else 1
        if depth > DEEPEST:
            return True
    return False


def show(text: str) -> SafeString:
    """Return stored rich text for a page; it is cleaned again, whatever wrote it, its headings below the page's own."""
    return mark_safe(_HEADING.sub(r"<\1h3>", clean(text)))  # noqa: S308 - cleaned


def to_text(text: str) -> str:
    """Return the plain text of rich text: lines for blocks, "- " for items of lists."""
    lines = _BLOCK_END.sub("\n", _ITEM.sub("- ", text))
    plain = html.unescape(_TAG.sub("", lines))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in plain.split("\n"))).strip()


def from_text(text: str) -> str:
    """Return plain text as rich text: paragraphs, line breaks, lists of lines that begin with "- "."""
    blocks = re.split(r"\n{2,}", text.replace("\r\n", "\n").strip("\n"))
    return "".join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> str:
    lines = block.split("\n")
    if all(line.startswith(("- ", "* ")) for line in lines):
        return "<ul>" + "".join(f"<li>{escape(line[2:])}</li>" for line in lines) + "</ul>"
    return "<p>" + "<br>".join(escape(line) for line in lines) + "</p>"
