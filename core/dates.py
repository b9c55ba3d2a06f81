"""Form fields for days and times: typed in the form of the page's language, or picked from the browser's calendar."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DAY_LENGTH, TIME_LENGTH = 30, 40
CLOCK = re.compile(r"\s*\b(?:klo|kl|at)\b\.?\s*(?=\d)|\s+", re.IGNORECASE)


class _TypedInput(forms.widgets.DateTimeBaseInput):
    """A text field; a button beside it opens the browser's own calendar (``static/js/dates.js``)."""

    template_name = "core/widgets/typed_date.html"
    native = "date"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["native"] = self.native
        return context


class DayInput(_TypedInput, forms.DateInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"placeholder": _("dd/mm/yyyy"), "autocomplete": "off", "maxlength": DAY_LENGTH} | (attrs or {})
        )


class TimeInput(_TypedInput, forms.DateTimeInput):
    native = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        hint = {"placeholder": _("dd/mm/yyyy hh:mm"), "autocomplete": "off", "maxlength": TIME_LENGTH}
        super().__init__(hint | (attrs or {}))


class DayField(forms.DateField):
    """A day: 21.11.2026, 21/11/2026 or 2026-11-21."""

    widget = DayInput
    default_error_messages = {"invalid": _("Enter the date as day, month and year, such as 21/11/2026.")}

    def to_python(self, value: Any) -> Any:
        return super().to_python(_plain(value))


class TimeField(forms.DateTimeField):
    """A day and a time: 21.11.2026 14.05, 21.11.2026 klo 14.05, 21/11/2026 14:05 or 2026-11-21T14:05."""

    widget = TimeInput
    default_error_messages = {"invalid": _("Enter the date and the time, such as 21/11/2026 14:05.")}

    def to_python(self, value: Any) -> Any:
        return super().to_python(_plain(value))


def _plain(value: Any) -> Any:
    return CLOCK.sub(" ", value).strip() if isinstance(value, str) else value
