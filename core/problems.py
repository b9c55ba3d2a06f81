"""What is wrong with a refused form, for the summary above it: how many errors, and a link to each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True)
class Problem:
    """An error: the label of its field, the message, and the id of the field, if it is one that is shown."""

    label: str
    text: str
    anchor: str = ""


def problems_of(form: Any) -> list[Problem]:
    """Return the errors of a form and of its parts, in the order of the form.

    A form of several forms returns the others in ``parts()``, and what is no form's (rows of lines) in
    ``other_problems()``.
    """
    if not form.is_bound:
        return []
    parts = form.parts() if hasattr(form, "parts") else ()
    others = list(form.other_problems()) if hasattr(form, "other_problems") else []
    return [problem for part in (form, *parts) for problem in _of_form(part)] + others


def _of_form(form: Any) -> Iterator[Problem]:
    if not form.errors:
        return
    for error in form.non_field_errors():
        yield Problem("", str(error))
    for field in form:
        yield from _of_field(field)


def _of_field(field: forms.BoundField) -> Iterator[Problem]:
    label, anchor = ("", "") if field.is_hidden else (str(field.label or ""), field.id_for_label or field.auto_id)
    for error in field.errors:
        yield Problem(label, str(error), anchor)
