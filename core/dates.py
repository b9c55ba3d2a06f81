"""Form fields for days and times: typed in the form of the page's language, or picked from the browser's calendar."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import clock
from core.formatting import date_text
from core.natural_dates import MORNING, Understood, parse_day, parse_moment

DAY_LENGTH, TIME_LENGTH = 30, 40
#: Days outside are slips of the pen, and near the ends of the calendar nobody can count on by a day.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
YEARS = {"first": FIRST_DAY.year, "last": LAST_DAY.year}
NOW = frozenset({"nyt", "now"})
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
    """A day: 21.11.2026, 21/11/2026, 2026-11-21, or as people say it (``core.natural_dates``)."""

    widget = DayInput
    default_error_messages = {
        "invalid": _("Enter the date as day, month and year, such as 21/11/2026."),
        "out_of_range": _("The year must be between %(first)d and %(last)d."),
    }
    is_bounded = True

    def prepare_value(self, value: Any) -> Any:
        """Show a day of an address (2026-11-21) as the language writes it."""
        try:
            return dt.date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            return value

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(_plain(value))
        except forms.ValidationError:
            day = parse_day(value, clock.user_today()) if isinstance(value, str) else None
            if day is None:
                raise
            return day

    def validate(self, value: Any) -> None:
        super().validate(value)
        if self.is_bounded and value and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(self.error_messages["out_of_range"], code="out_of_range", params=YEARS)


class TimeField(forms.DateTimeField):
    """A day and a time: 21.11.2026 14.05, 21/11/2026 14:05, 2026-11-21T14:05, or as people say it: eilen 13, ma 9.

    A day alone is its morning.
    """

    widget = TimeInput
    default_error_messages = {
        "invalid": _("Enter the date and the time, such as 21/11/2026 14:05."),
        "no_such_time": _("This time does not exist or occurs twice because summer time begins or ends."),
    }

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip().lower() in NOW:
            return timezone.localtime(clock.now())
        try:
            return self._read(value)
        except forms.ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            raise forms.ValidationError(self.error_messages["no_such_time"], code="no_such_time") from error

    def _read(self, value: Any) -> Any:
        said = parse_moment(value, clock.user_today()) if isinstance(value, str) else None
        if said is not None and said.time is None:
            return self._moment(said)
        try:
            return super().to_python(_plain(value))
        except forms.ValidationError:
            if said is None:
                raise
            return self._moment(said)

    def _moment(self, said: Understood) -> Any:
        return super().to_python(dt.datetime.combine(said.day, said.time or MORNING))


def _plain(value: Any) -> Any:
    return CLOCK.sub(" ", value).strip() if isinstance(value, str) else value


def in_words(value: dt.date) -> str:
    """Return a day with its weekday, and the time of a moment: Friday 27 Nov 2026 13:00."""
    is_moment = isinstance(value, dt.datetime)
    return f"{date_text(value, 'l')} {date_text(value, 'SHORT_DATETIME_FORMAT' if is_moment else 'SHORT_DATE_FORMAT')}"
