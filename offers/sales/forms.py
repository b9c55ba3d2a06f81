"""Forms of report filters, target periods and targets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Team, User
from core import clock
from core.dates import DayField
from core.forms import DecimalField
from core.numbers import parse_id
from core.parameters import SwitchField
from core.people import rank_people
from offers.offers.models import OfferType
from offers.products.models import ProductGroup
from offers.products.money import MAX_NET
from offers.sales.enums import TargetKind
from offers.sales.selectors.pipeline import month_after
from offers.sales.selectors.reports import ReportQuery, people_reported_to, teams_reported_to
from offers.sales.selectors.targets import KINDS, Period

YEARS = range(1990, 2101)


class ReportForm(forms.Form):
    """The filters of a report. The default period is the twelve months that end today.

    The choices are the people and teams with figures that the user may see.
    """

    first = DayField(label=gettext_lazy("From"), required=False)
    last = DayField(label=gettext_lazy("To"), required=False)
    type = forms.ModelChoiceField(OfferType.objects.all(), label=pgettext_lazy("offer", "Type"), required=False)
    group = forms.ModelChoiceField(ProductGroup.objects.none(), label=gettext_lazy("Product group"), required=False)
    team = forms.ModelChoiceField(Team.objects.none(), label=gettext_lazy("Team"), required=False)
    owner = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Account manager"), required=False)

    def __init__(self, *args: Any, user: User, without: frozenset[str] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        fields: Any = self.fields
        fields["group"].queryset = ProductGroup.objects.all()
        fields["team"].queryset = teams_reported_to(user).order_by("name")
        fields["owner"].queryset = people_reported_to(user).order_by("sort_key", "pk")
        for name in ("type", "group", "team", "owner"):
            fields[name].empty_label = "–"
        for name in without:
            del fields[name]
        rank_people(self, user)
        if not self.is_bound:
            self.initial = {**default_period(), **self.initial}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("first", "last"):
            if data.get(name) and data[name].year not in YEARS:
                limits = {"first": YEARS.start, "last": YEARS.stop - 1}
                self.add_error(name, _("The year must be between %(first)d and %(last)d.") % limits)
        first, last = self._period(data)
        if first > last and not self.errors:
            self.add_error("last", _("The end is before the start."))
        return data

    def _period(self, data: dict[str, Any]) -> tuple[dt.date, dt.date]:
        """Return the first and the last day; a missing first day is a year before the last one."""
        last = data.get("last") or max(default_period()["last"], data.get("first") or dt.date.min)
        return data.get("first") or default_period(last)["first"], last

    def query(self) -> ReportQuery | None:
        """Return the query of the report, or None if the form is not valid."""
        data: dict[str, Any] = {}
        if self.is_bound:
            if not self.is_valid():
                return None
            data = self.cleaned_data
        first, last = self._period(data)
        chosen = {name: data.get(name) for name in ("type", "group", "team", "owner")}
        return ReportQuery(reader=self.user, first=first, last=last, **chosen)


def default_period(last: dt.date | None = None) -> dict[str, dt.date]:
    """Return the twelve months up to ``last`` (today by default), from the first day of the first month."""
    last = last or clock.today()
    return {"first": month_after(last, -11), "last": last}


FIRST_YEAR, LAST_YEAR = 2000, 2100


def quarter_label(quarter: int) -> str:
    return _("Quarter %(number)d") % {"number": quarter} if quarter else _("Whole year")


class PeriodForm(forms.Form):
    """``?year=…&quarter=…&all=on``; this year if they are not valid."""

    year = forms.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR, label=gettext_lazy("Year"))
    quarter = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Period"))
    all = SwitchField(label=gettext_lazy("Also those without a target"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["quarter"]
        choices.choices = [(number, quarter_label(number)) for number in range(5)]
        self.fields["year"].widget = forms.Select(choices=[(year, str(year)) for year in self._years()])

    def _years(self) -> list[int]:
        """Return the years to choose from: the next one, five before it, and the one that is chosen."""
        following = clock.today().year + 1
        chosen = parse_id(str(self.data.get("year", ""))) if self.is_bound else None
        years = {*range(following - 5, following + 1), *([chosen] if chosen else [])}
        return sorted(years, reverse=True)

    @property
    def period(self) -> Period:
        if not self.is_valid():
            return Period(clock.today().year)
        data = self.cleaned_data
        return Period(data.get("year") or clock.today().year, data.get("quarter") or 0)


class TargetForm(forms.Form):
    """A field for each kind and quarter; an empty one removes the target."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in KINDS:
            for quarter in range(5):
                self.fields[self.name(kind, quarter)] = DecimalField(
                    label=f"{kind.label}, {quarter_label(quarter)}",
                    required=False,
                    min_value=0,
                    max_value=MAX_NET,
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
        """Return the fields by kind, for the table."""
        return [(kind, [self[self.name(kind, quarter)] for quarter in range(5)]) for kind in KINDS]

    @property
    def amounts(self) -> dict[tuple[TargetKind, int], Decimal | None]:
        return {(kind, q): self.cleaned_data[self.name(kind, q)] for kind in KINDS for q in range(5)}
