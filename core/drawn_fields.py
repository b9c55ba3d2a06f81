"""Fields of forms as HTML. Those of filters that are not on look alike on every page, and are drawn once only."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

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
    """Return all that the look of a field without a value depends on; None if it has a value, an error or rows."""
    inner, widget = field.field, field.field.widget
    choices = getattr(widget, "choices", ())
    if isinstance(choices, ModelChoiceIterator) or field.errors or field.value() not in (None, "", []):
        return None
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
    """Return a part of the key: lazy texts in the language of now, and groups of choices as they read."""
    return str(value) if isinstance(value, Promise | list | tuple) else value
