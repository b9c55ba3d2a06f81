"""Texts that are kept when something happens and read in the language of whoever reads them later."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils import translation


def worded(say: Callable[[], str]) -> dict[str, str]:
    """Return what ``say`` says in each language of the program, by its code."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language] = str(say())
    return texts


def wording(texts: Mapping[str, str] | None, otherwise: str = "") -> str:
    """Return the one of ``texts`` in the reader's language, ``otherwise`` where there is none."""
    return (texts or {}).get((translation.get_language() or "")[:2], otherwise)
