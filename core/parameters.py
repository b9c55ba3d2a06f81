"""The parameters of pages that are no lists: what a page does not read is refused, as a list refuses it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import ParameterError
from core.filters import FOREIGN_PARAMETERS, LONGEST_NAME

#: What the address of any page may say: scripts add ``_``, forms their token.
ANYWHERE = frozenset(("_", "csrfmiddlewaretoken"))
DAYS = (dt.date(1902, 1, 1), dt.date(2198, 12, 31))


def check_names(request: HttpRequest, known: Iterable[str]) -> None:
    """Raise ParameterError if the address names a parameter that is not among ``known``."""
    names = ANYWHERE.union(known)
    unknown = [name for name in request.GET if name not in names and not name.startswith(FOREIGN_PARAMETERS)]
    if unknown:
        text = _("This page does not know “%(name)s”.")
        raise ParameterError({name: text % {"name": name[:LONGEST_NAME]} for name in unknown})


def check_values(form: forms.Form) -> None:
    """Raise ParameterError if a form that was filled from the address is not valid."""
    if form.is_bound and not form.is_valid():
        texts = {name: " ".join(map(str, errors)) for name, errors in form.errors.items()}
        labels = {name: f"{field.label or name}: " for name, field in form.fields.items()}
        raise ParameterError({name: labels.get(name, "") + text for name, text in texts.items()})


class QueryFormMixin:
    """A page with a ``form`` that is filled from its address: if that is not valid, errors and no figures (400)."""

    form_name = "form"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        form = context[self.form_name]
        status = 400 if form.is_bound and not form.is_valid() else 200
        response: HttpResponse = super().render_to_response(context, status=status, **kwargs)  # type: ignore[misc]
        return response


def asked_day(request: HttpRequest, name: str) -> dt.date:
    """Return the day in the query of the address, the user's today if there is none.

    Raise ParameterError if it is not a day in the form 2026-11-28 or is outside ``DAYS``.
    """
    text = request.GET.get(name, "")
    if not text:
        return clock.user_today()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        day = dt.date.min
    if not DAYS[0] <= day <= DAYS[1]:
        raise ParameterError({name: _("This is not a day: %(text)s.") % {"text": text[:LONGEST_NAME]}})
    return day
