"""Adherence and the page of a key account as PDF."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import get_language

from careplans.following.strip import Strip
from core import clock
from core.exceptions import BusinessRuleError
from core.pdf import render

STYLES, STRIP = (Path(__file__).with_name(name) for name in ("print.css", "strip.css"))


def pdf_response(template: str, name: str, context: dict[str, Any], *, styles: str = "") -> HttpResponse:
    """Answer a page as PDF, with more ``styles``; 503 where the server cannot make one."""
    about = {"language": get_language() or "fi", "organisation": settings.ORGANISATION, "today": clock.user_today()}
    try:
        pdf = render(render_to_string(template, {**about, **context}), _styles(STYLES) + styles)
    except BusinessRuleError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    file = f"{slugify(name)}-{clock.user_today():%Y-%m-%d}.pdf"
    return HttpResponse(
        pdf, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{file}"'}
    )


def strip_to_print(strip: Strip) -> SafeString:
    return strip.drawn(_styles(STRIP))


@cache
def _styles(path: Path) -> str:
    return path.read_text()
