"""Forms of targets: the year's grid of a person or a team, and which period is looked at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import clock
from crm.forms import DecimalField
from offers.enums import TargetKind
from offers.money import MOST_NET
from offers.selectors_targets import KINDS, Period

FIRST_YEAR, LAST_YEAR = 2000, 2100


def quarter_label(quarter: int) -> str:
    return _("Quarter %(number)d") % {"number": quarter} if quarter else _("Whole year")


class PeriodForm(forms.Form):
    """``?year=…&quarter=…``; what cannot be read is this year."""

    year = forms.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR, label=gettext_lazy("Year"))
    quarter = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Period"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["quarter"]
        choices.choices = [(number, quarter_label(number)) for number in range(5)]

    @property
    def period(self) -> Period:
        if not self.is_valid():
            return Period(clock.today().year)
        data = self.cleaned_data
        return Period(data.get("year") or clock.today().year, data.get("quarter") or 0)


class TargetForm(forms.Form):
    """A field for each kind and quarter; an empty one takes the target away."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS:
            for quarter in range(5):
                self.fields[self.name(kind, quarter)] = DecimalField(
                    label=f"{kind.label}, {quarter_label(quarter)}",
                    required=False,
                    min_value=0,
                    max_value=MOST_NET,
                    max_digits=12,
                    decimal_places=2 if kind == TargetKind.EUROS else 0,
                )
        for field in self.fields.values():
            field.widget.attrs |= {"aria-label": field.label, "size": 9}

    @staticmethod
    def name(kind: TargetKind, quarter: int) -> str:
        return f"{kind.value}_{quarter}"

    @property
    def grid(self) -> list[tuple[TargetKind, list[forms.BoundField]]]:
        """The fields by kind, for the table."""
        return [(kind, [self[self.name(kind, quarter)] for quarter in range(5)]) for kind in KINDS]

    @property
    def amounts(self) -> dict[tuple[TargetKind, int], Decimal | None]:
        return {(kind, q): self.cleaned_data[self.name(kind, q)] for kind in KINDS for q in range(5)}
