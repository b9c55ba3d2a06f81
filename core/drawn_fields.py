"""Fields of forms as HTML. Those of filters that are not on look alike on every page, and are drawn once only."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from core.forms import DrawnOptions

#: As many as the filters of all lists in all languages, more or less.
KEPT = 2_000
_kept: dict[Hashable, SafeString] = {}


def field_html(field: forms.BoundField) -> SafeString:
    """Return ``forms/field.html`` of a field."""
    key = _key(field)
    if key is None:
        return _drawn(field)
    if key not in _kept:
        if len(_kept) >= KEPT:
            _kept.clear()
        _kept[key] = _drawn(field)
    return _kept[key]


def _drawn(field: forms.BoundField) -> SafeString:
    return render_to_string("forms/field.html", {"field": field})


def _key(field: forms.BoundField) -> Hashable:
    """Return all that the look of a field without a value depends on; None if it has a value or an error."""
    inner, widget = field.field, field.field.widget
    if field.errors or field.value() not in (None, "", []) or getattr(widget, "offered", None) is not None:
        return None
    choices = () if isinstance(widget, DrawnOptions) else getattr(widget, "choices", ())
    if isinstance(choices, ModelChoiceIterator):
        choices = widget.choices = list(iter(choices))  # read once for the key and for drawing, and not counted
    return (
        get_language(),
        type(field.form).__name__,
        type(inner),
        type(widget),
        field.html_name,
        field.auto_id,
        str(field.label),
        str(field.help_text),
        inner.required,
        tuple((name, _plain(value)) for name, value in widget.attrs.items()),
        tuple((_plain(value), _plain(label)) for value, label in choices),
    )


def _plain(value: Any) -> Hashable:
    """Return a part of the key: texts in the language of now, and rows and groups of choices as they read."""
    return value if value is None or isinstance(value, bool | int | SafeString) else str(value)
