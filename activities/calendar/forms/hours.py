"""Forms of hours: the cells of the week, the weekly target, the export."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.calendar.models import WorkTarget
from activities.calendar.selectors.calendar import DAY
from activities.calendar.selectors.hours import WeekHours
from activities.calendar.services.hours import Entry
from core import clock
from core.dates import DayField
from core.forms import DecimalField
from core.numbers import parse_decimal

LONGEST_DAYS = 366


def read_entries(week: WeekHours, data: Any) -> list[Entry]:
    """Return the hours typed into the cells of the week; a cell without a valid number gets an ``error``."""
    entries = []
    for row in week.rows:
        for cell in row.cells:
            if cell.name in data:
                cell.typed = data[cell.name].strip()[:20]
                try:
                    before, hours = _parse_hours(data.get(f"was-{cell.name}", "")), _parse_hours(cell.typed)
                except ValueError:
                    cell.error = _("Enter the hours as a number, such as 1.5.")
                else:
                    entries.append(Entry(row.type, row.customer, cell, before, hours))
    return entries


def _parse_hours(text: str) -> Decimal:
    number = parse_decimal(text.strip()) if text.strip() else Decimal(0)
    return number.quantize(Decimal("0.01")) if abs(number) < 1_000 else number


class WorkTargetForm(forms.ModelForm):
    """The weekly target; an empty field removes it."""

    hours = DecimalField(
        label=gettext_lazy("Target hours per week"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
    )

    class Meta:
        model = WorkTarget
        fields = ("hours",)


class ExportForm(forms.Form):
    """The days and people of the export."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))
    user = forms.ModelChoiceField(
        WorkTarget.objects.none(), required=False, label=gettext_lazy("Person"), empty_label=gettext_lazy("Everyone")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("File"),
        choices=[("xlsx", gettext_lazy("Excel (.xlsx)")), ("csv", gettext_lazy("Text file (.csv)"))],
    )

    def __init__(self, data: Any, *, people: Any, viewer: Any) -> None:
        today = clock.user_today()
        initial = {"first": today.replace(day=1), "last": today, "user": viewer.pk, "kind": "xlsx"}
        super().__init__(data, initial=initial)
        users: Any = self.fields["user"]
        users.queryset = people

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The end is before the start."))
        elif first and last and last - first > LONGEST_DAYS * DAY:
            self.add_error("last", _("At most %(count)d days at a time.") % {"count": LONGEST_DAYS})
        elif (first and not 1902 <= first.year <= 2198) or (last and not 1902 <= last.year <= 2198):
            self.add_error("first", _("Choose a year between 1902 and 2198."))
        return data
