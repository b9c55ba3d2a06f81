"""The form of the adherence page: what the rows are, which period, which actions, and filters."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from careplans.caremodels.models import CareModel
from careplans.following.adherence import FIELDS, Query, days_of
from careplans.following.enums import GroupBy, Part, Period
from careplans.following.permissions import people_seen
from core import clock
from core.dates import DayField
from customers.enums import BranchPurpose
from customers.forms.fields import CustomerSelect
from customers.models import ClassificationNode, Customer
from segmentation.schemes.models import Segment

FIRST_YEAR = 2000
DEFAULTS = {"by": GroupBy.SEGMENT, "period": Period.YEAR, "part": Part.MANDATORY}
_SEARCHED = {"data-searchable": ""}


def _choice(choices: Any, label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, required=False, label=label)


def _row(queryset: Any, label: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        queryset, required=False, label=label, widget=forms.Select(_SEARCHED), empty_label="–"
    )  # fmt: skip


def _completed(data: Any) -> Any:
    """Return the values of an address with the defaults that it lacks; days make the period one of own dates."""
    if data is None:
        return None
    found = data.copy()
    for name, default in DEFAULTS.items():
        if not found.get(name):
            found[name] = str(default)
    if found.get("first") or found.get("last"):
        found["period"] = str(Period.OWN)
    return found


class AdherenceForm(forms.Form):
    """What the page of adherence counts: the first fields are always in sight, the others (``FURTHER``) unfold."""

    FURTHER = ("customer", "owner", "team", "unit", "segment", "group", "care_model", "code")

    by = _choice(GroupBy.choices, gettext_lazy("Rows by"))
    period = _choice(Period.choices, gettext_lazy("Period"))
    first = DayField(label=gettext_lazy("From"), required=False)
    last = DayField(label=gettext_lazy("To"), required=False)
    part = _choice(Part.choices, gettext_lazy("Which actions"))
    customer = forms.ModelChoiceField(
        Customer.objects.none(), required=False, label=gettext_lazy("Customer"), widget=CustomerSelect()
    )  # fmt: skip
    owner = _row(User.objects.none(), gettext_lazy("Who has it"))
    team = _row(Team.objects.all(), gettext_lazy("Team"))
    unit = _row(Team.objects.filter(kind="unit"), gettext_lazy("Unit"))
    segment = _row(Segment.objects.primary(), gettext_lazy("Segment"))
    group = _row(ClassificationNode.objects.none(), gettext_lazy("Customer group"))
    care_model = _row(CareModel.objects.all(), gettext_lazy("Care model"))
    code = forms.CharField(max_length=60, required=False, label=gettext_lazy("Code of the action"))

    @property
    def first_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.FURTHER]

    @property
    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FURTHER]

    @property
    def is_narrowed(self) -> bool:
        """Return whether a further field has a value or an error, so that the page shows them."""
        return any(self.data.get(name) for name in self.FURTHER)

    def __init__(self, data: Any = None, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(_completed(data), *args, **kwargs)
        self.user, fields = user, self.fields
        rows: dict[str, Any] = {
            "customer": Customer.objects.visible_to(user),
            "owner": people_seen(user),
            "group": ClassificationNode.objects.filter(branch__purpose=BranchPurpose.GROUP),
        }
        for name, found in rows.items():
            fields[name].queryset = found  # type: ignore[attr-defined]
        self.initial = {**DEFAULTS, **self.initial}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("first", "last"):
            day = data.get(name)
            if day and not FIRST_YEAR <= day.year <= clock.today().year + 2:
                years = {"first": FIRST_YEAR, "last": clock.today().year + 2}
                self.add_error(name, _("Choose a day of the years %(first)d–%(last)d.") % years)
        if not self.errors and data["first"] and data["last"] and data["first"] > data["last"]:
            self.add_error("last", _("The end is before the start."))
        return data

    def query(self) -> Query | None:
        """Return what is asked, None if the form is not valid; without an address the usual figures."""
        if self.is_bound and not self.is_valid():
            return None
        data: dict[str, Any] = self.cleaned_data if self.is_bound else {}
        asked = {name: data.get(name) or default for name, default in DEFAULTS.items()}
        first, last = self._days(str(asked["period"]), data)
        chosen = {name: data[name] for name in FIELDS if data.get(name)}
        return Query(self.user, first, last, asked["period"], asked["part"], asked["by"], chosen)

    def _days(self, period: str, data: dict[str, Any]) -> tuple[dt.date, dt.date]:
        """Return the days of the period; own ones that lack a side are those of the year."""
        today = clock.today()
        if period != Period.OWN:
            return days_of(period, today)
        first, last = days_of(Period.YEAR, today)
        first = data.get("first") or min(first, data.get("last") or first)
        return first, data.get("last") or max(last, first)
