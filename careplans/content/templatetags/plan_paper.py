"""What the plan's PDF needs of its words: Finnish ones are longer than a column of eight is wide."""

from __future__ import annotations

import re

from django import template
from django.utils.translation import get_language

register = template.Library()
#: Shorter words fit into a column.
LONG_WORD = re.compile(r"\w{16,}")
#: In Finnish a syllable begins with the last consonant before a vowel; three letters stay at either end of a word.
SYLLABLE = re.compile(r"(?<=\w{3})(?=[bcdfghjklmnpqrstvwxz][aeiouyäöå]\w)", re.IGNORECASE)
SOFT_HYPHEN = "\u00ad"


@register.filter
def hyphenated(text: str) -> str:
    """Return a text with soft hyphens in its long Finnish words; the renderer knows the other languages itself."""
    if get_language() != "fi":
        return text
    return LONG_WORD.sub(lambda word: SYLLABLE.sub(SOFT_HYPHEN, word[0]), text)
