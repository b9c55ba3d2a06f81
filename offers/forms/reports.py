"""What a report is about: the period and whose offers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import Team, User
from crm import clock
from crm.dates import DayField
from offers.models import OfferType, ProductGroup
from offers.selectors_pipeline import month_after
from offers.selectors_reports import ReportQuery, people_reported_to, teams_reported_to

YEARS = range(1990, 2101)


class ReportForm(forms.Form):
    """Without a period it is the twelve months that end today. Only people and teams whose figures one may see."""

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
        if not self.is_bound:
            self.initial = {**default_period(), **self.initial}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("first", "last"):
            if data.get(name) and data[name].year not in YEARS:
                words = {"first": YEARS.start, "last": YEARS.stop - 1}
                self.add_error(name, _("The year must be between %(first)d and %(last)d.") % words)
        first, last = self._period(data)
        if first > last and not self.errors:
            self.add_error("last", _("The end is before the start."))
        return data

    def _period(self, data: dict[str, Any]) -> tuple[dt.date, dt.date]:
        """Return the days asked for; a missing first one is a year before the last one."""
        last = data.get("last") or max(default_period()["last"], data.get("first") or dt.date.min)
        return data.get("first") or default_period(last)["first"], last

    def query(self) -> ReportQuery | None:
        """Return what is asked for, or None when it cannot be read."""
        data: dict[str, Any] = {}
        if self.is_bound:
            if not self.is_valid():
                return None
            data = self.cleaned_data
        first, last = self._period(data)
        chosen = {name: data.get(name) for name in ("type", "group", "team", "owner")}
        return ReportQuery(reader=self.user, first=first, last=last, **chosen)


def default_period(last: dt.date | None = None) -> dict[str, dt.date]:
    """Return the twelve months up to ``last`` (today), from the first day of the first of them."""
    last = last or clock.today()
    return {"first": month_after(last, -11), "last": last}
