"""The minutes of a review as a PDF: the frozen list with its words, the answers and the decision."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language

from core.pdf import render
from segmentation.casework.models import Review
from segmentation.casework.reviewing import minutes_lines, progress_of, sums_of

STYLES = Path(__file__).with_name("minutes.css")


def minutes_pdf(review: Review) -> bytes:
    """Return the minutes in the language of the page. Raises ``pdf_unavailable`` as :func:`core.pdf.render`."""
    return render(minutes_html(review), _styles())


def minutes_html(review: Review) -> str:
    progress = progress_of(review)
    context = {
        "review": review,
        "lines": minutes_lines(review),
        "progress": progress,
        "sums": sums_of(progress),
        "language": get_language() or "fi",
        "organisation": settings.ORGANISATION,
    }
    return render_to_string("casework/minutes.html", context)


@cache
def _styles() -> str:
    return STYLES.read_text()
