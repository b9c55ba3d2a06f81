"""The body of a message as safe HTML, without remote images, and its quoted history."""

from __future__ import annotations

import re

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.richtext import SCHEMES, to_text

#: No images, styles or forms; tables stay, letters are laid out with them.
TAGS = {
    "p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "u", "s", "del", "a", "ul", "ol",
    "li", "blockquote", "pre", "code", "table", "thead", "tbody", "tr", "td", "th", "hr", "sub", "sup",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
#: Tags that are removed with their content.
DROPPED = {"script", "style", "title", "noscript", "template", "iframe", "object", "svg", "math", "xml"}
MAX_CHARACTERS = 100_000
MAX_DEPTH = 100

_NESTING = re.compile(r"(?i)<(/?)(?!(?:p|li|br|hr|img|input|meta|link|t[rdh]|col|tbody|wbr)\b)[a-z]")
_LINK = re.compile(r"https?://[^\s<>\"'&]+(?:&amp;[^\s<>\"'&]+)*[^\s<>\"'&.,;:!?)\]]")
_EMPTY = re.compile(r"(?i)(?:<(?:div|p)>\s*(?:<br>|&nbsp;|\s)*</(?:div|p)>\s*){2,}")
#: The beginning of a thread's history: the lines that programs write above a quoted message.
_QUOTE_HEADER = (
    r"(?:-{2,}\s*(?:Original Message|Alkuperäinen viesti|Ursprungligt meddelande|Forwarded message)\s*-{2,})"
    r"|(?:\b(?:From|Lähettäjä|Från)\s*:.{1,400}?(?:Sent|Date|Lähetetty|Päivämäärä|Skickat|Datum)\s*:)"
    r"|(?:\b(?:On|Den|Am)\s.{6,160}?\s(?:wrote|skrev|schrieb)\s*:)"
    r"|(?:(?<=[>\n])[^<>\n]{6,160}?\skirjoitti(?:\s[^<>\n:]{0,80})?\s*:)"
)
_HISTORY = re.compile(rf"(?is){_QUOTE_HEADER}")
_QUOTE = re.compile(r"(?i)<(/?)blockquote\b[^>]*>")
_BLOCK_START = re.compile(r"(?i)<(?:p|div|table|tr|blockquote|hr|br)\b[^>]*>")


def clean_html(text: str) -> str:
    """Return HTML with only the tags of :data:`TAGS`: no images or styles, and links with safe schemes."""
    text = text.replace("\x00", "")[: 20 * MAX_CHARACTERS]
    if _is_too_deep(text):
        return from_text(to_text(text))
    cleaned: str = nh3.clean(
        text,
        tags=set(TAGS),
        clean_content_tags=set(DROPPED),
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return _EMPTY.sub("<br>", _cut(cleaned)).strip()


def from_text(text: str, *, flowed: bool = False, delsp: bool = False) -> str:
    """Return plain text as HTML: paragraphs, links, lines that begin with ``>`` as quotations."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")[:MAX_CHARACTERS]
    lines = _unflow(text.split("\n"), delsp) if flowed else text.split("\n")
    parts: list[str] = []
    for is_quote, block in _runs(lines):
        inner = _paragraphs([line.lstrip("> ") for line in block] if is_quote else block)
        parts.append(f"<blockquote>{inner}</blockquote>" if is_quote and inner else inner)
    return "".join(parts)


def split_quoted(body: str) -> tuple[str, str]:
    """Return the message's own text and its quoted history; a message that only quotes is not split."""
    positions = [at for at in (_history_at(body), _last_quotation_at(body)) if at is not None]
    if not positions:
        return body, ""
    own, quoted = clean_html(body[: min(positions)]), clean_html(body[min(positions) :])
    return (own, quoted) if to_text(own) else (body, "")


def own_text(body: str) -> str:
    """Return the writer's own text as plain text; for a message that only quotes, the quotation."""
    own = _without_quotations(split_quoted(body)[0])
    return to_text(own) or to_text(body)


def _without_quotations(body: str) -> str:
    parts, depth, at = [], 0, 0
    for match in _QUOTE.finditer(body):
        if depth == 0:
            parts.append(body[at : match.start()])
        depth = max(0, depth + (-1 if match[1] else 1))
        at = match.end()
    return "".join(parts) + (body[at:] if depth == 0 else "")


def _history_at(body: str) -> int | None:
    """Return the position of the block with the header of a quoted message."""
    match = _HISTORY.search(body)
    if match is None:
        return None
    starts = [block.start() for block in _BLOCK_START.finditer(body, 0, match.start())]
    return starts[-1] if starts else match.start()


def _last_quotation_at(body: str) -> int | None:
    """Return the position of the quotation at the end of the message; quotations between answers stay visible."""
    depth, at, end = 0, 0, 0
    for match in _QUOTE.finditer(body):
        at = match.start() if not match[1] and depth == 0 else at
        depth += -1 if match[1] else 1
        end = match.end()
    return at if end and not to_text(body[end:]) else None


def show(body: str) -> SafeString:
    """Return a stored body for a page, cleaned again and with its history folded."""
    own, quoted = split_quoted(clean_html(body))
    if quoted:
        label = escape(_("Show quoted text"))  # gettext does not read f-strings
        own += f"<details><summary>{label}</summary>{quoted}</details>"
    return mark_safe(own)  # noqa: S308 - cleaned


def _cut(text: str) -> str:
    """Return at most :data:`MAX_CHARACTERS`, cut at a tag and with open tags closed."""
    if len(text) <= MAX_CHARACTERS:
        return text
    at = text.rfind("<", 0, MAX_CHARACTERS)
    cut: str = nh3.clean(text[: at if at > 0 else MAX_CHARACTERS], tags=set(TAGS), attributes=ATTRIBUTES)
    return cut + "<p>…</p>"


def _is_too_deep(text: str) -> bool:
    """Return whether tags are nested too deeply: parsing time grows with the square of the depth."""
    depth = 0
    for match in _NESTING.finditer(text):
        depth += -1 if match[1] else 1
        if depth > MAX_DEPTH:
            return True
    return False


def _runs(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Return consecutive lines in groups, each with whether it is a quotation."""
    runs: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_quote = line.startswith(">")
        if not runs or runs[-1][0] != is_quote:
            runs.append((is_quote, []))
        runs[-1][1].append(line)
    return runs


def _paragraphs(lines: list[str]) -> str:
    blocks = re.split(r"\n\s*\n+", "\n".join(lines).strip("\n"))
    return "".join(f"<p>{_linked(block)}</p>" for block in blocks if block.strip())


def _linked(block: str) -> str:
    text = _LINK.sub(
        lambda match: f'<a href="{match[0]}" rel="noopener noreferrer nofollow">{match[0]}</a>', escape(block)
    )
    return text.replace("\n", "<br>")


def _unflow(lines: list[str], delsp: bool) -> list[str]:
    """Join the lines that were wrapped to fit (RFC 3676): they end in a space and have the same depth of quotation."""
    joined: list[str] = []
    is_open = False
    for line in lines:
        depth = len(line) - len(line.lstrip(">"))
        text = line[depth:].removeprefix(" ")
        is_continued = is_open and bool(joined) and depth == len(joined[-1]) - len(joined[-1].lstrip(">"))
        if is_continued:
            joined[-1] = (joined[-1][:-1] if delsp else joined[-1]) + text
        else:
            joined.append(">" * depth + (" " if depth else "") + text)
        is_open = text.endswith(" ") and text != "-- "
    return joined
