"""A form page's form cut down to the fields that are changed in place, and what their values read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.text import Truncator

from core.formatting import date_text, local, time_text

#: What a browser sends of each field.
Values = Mapping[str, list[str]]
SEEN = "seen-"
EMPTY = "–"
LONGEST_TEXT = 60


def keep_only(form: Any, names: Iterable[str]) -> Any:
    """Remove the other fields from a form, so that only these are checked and written; return it.

    A form that has more than fields (rows of lines, details) defines ``keep_only`` to leave them out too.
    """
    wanted = list(names)
    for name in [name for name in form.fields if name not in wanted]:
        del form.fields[name]
    if hasattr(form, "keep_only"):
        form.keep_only()
    form.fieldsets = ()
    form.auto_id = "inline_%s"
    for field in form.fields.values():
        _make_short(field)
    return form


def _make_short(field: Any) -> None:
    """Let one choice be found by typing, whatever the form page shows it as."""
    is_select = isinstance(field, forms.ChoiceField) and not isinstance(field, forms.MultipleChoiceField)
    if not is_select or isinstance(field, forms.ModelMultipleChoiceField):
        return
    if isinstance(field.widget, forms.RadioSelect):
        choices = field.choices
        field.widget = forms.Select(choices=choices)
    field.widget.attrs.setdefault("data-searchable", "")


def stored(form: forms.BaseForm) -> dict[str, list[str]]:
    """Return what the row has now in each field, as a browser would send it."""
    return {name: _as_sent(form[name]) for name in form.fields}


def _as_sent(bound: forms.BoundField) -> list[str]:
    value = bound.field.prepare_value(bound.initial)
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [str(bound.field.prepare_value(item)) for item in value]
    return [str(value)]


def query_of(values: Values) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, sent in values.items():
        data.setlist(name, sent)
    return data


def seen_of(data: QueryDict, names: Iterable[str]) -> dict[str, list[str]] | None:
    """Return what the user saw in the fields when the editor was opened, None where it does not say so."""
    if f"{SEEN}fields" not in data:
        return None
    return {name: data.getlist(SEEN + name) for name in names}


def differs(bound: forms.BoundField, sent: list[str]) -> bool:
    """Return whether what was sent means another value than the row has now: of times, to the minute."""
    now = _as_sent(bound)
    return now != sent and _meaning(bound, now) != _meaning(bound, sent)


def _meaning(bound: forms.BoundField, sent: list[str]) -> Any:
    field, name = bound.field, bound.html_name
    try:
        value = field.to_python(_sent_value(field, name, sent))
    except ValidationError:
        return sent
    if isinstance(value, dt.datetime):
        return value.replace(second=0, microsecond=0)
    if isinstance(value, list | tuple):
        return sorted(str(field.prepare_value(item)) for item in value)
    return field.prepare_value(value) if value not in field.empty_values else None


def _sent_value(field: forms.Field, name: str, sent: list[str]) -> Any:
    return field.widget.value_from_datadict(query_of({name: sent}), {}, name)


def is_allowed(form: forms.BaseForm, values: Values) -> bool:
    """Return whether the fields themselves would take these values."""
    try:
        for name, sent in values.items():
            form.fields[name].clean(_sent_value(form.fields[name], name, sent))
    except ValidationError:
        return False
    return True


def text_of(form: forms.BaseForm, values: Values) -> str:
    """Return values as a sentence part: names of choices, dates in the form of the language."""
    parts = [_text(form.fields[name], name, sent) for name, sent in values.items()]
    return Truncator(" – ".join(filter(None, parts)) or EMPTY).chars(LONGEST_TEXT)


def _text(field: Any, name: str, sent: list[str]) -> str:
    try:
        value = field.to_python(_sent_value(field, name, sent))
    except ValidationError:
        return ", ".join(sent)
    if isinstance(field, forms.BooleanField) or value in (None, "", []):
        return ""
    if isinstance(field, forms.ModelMultipleChoiceField):
        return ", ".join(field.label_from_instance(row) for row in value)
    if isinstance(field, forms.ModelChoiceField):
        return str(field.label_from_instance(value))
    if isinstance(field, forms.ChoiceField):
        labels = dict(_flat(field.choices))
        return ", ".join(labels.get(str(item), str(item)).strip() for item in _listed(value))
    return _plain(field, value)


def _plain(field: Any, value: Any) -> str:
    if isinstance(value, dt.datetime):
        return f"{date_text(value)} {time_text(local(value))}"
    if isinstance(value, dt.date):
        return date_text(value)
    return str(field.prepare_value(value))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _flat(choices: Any) -> Iterable[tuple[str, str]]:
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield str(value), str(label)
