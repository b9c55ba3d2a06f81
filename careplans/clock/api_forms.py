"""What the API asks of the clocks, read by the forms of the pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.models import Team
from careplans.caremodels.models import ModelVersion
from careplans.clock.clocks import clock_of_all, clock_of_customer, clock_of_team, clock_of_version
from careplans.clock.forms import EventsForm, YearForm
from careplans.clock.rows import Clock
from core import clock
from customers.models import Customer


class _ClockForm(YearForm):
    customer = forms.ModelChoiceField(Customer.objects.none(), required=False)
    care_model_version = forms.ModelChoiceField(ModelVersion.objects.select_related("model"), required=False)
    team = forms.ModelChoiceField(Team.objects.all(), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        given = [name for name in ("customer", "care_model_version", "team") if data.get(name)]
        for name in given[1:]:
            self.add_error(name, _("Ask for one of them: a customer, a version or a team."))
        return data


def _checked(form: Any) -> Any:
    """Return the form, or raise what is wrong with the parameters."""
    if form.is_bound and not form.is_valid():
        raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
    return form


class ClockQuery:
    """Which clock is asked."""

    def __init__(self, query: Any, *, user: Any) -> None:
        form = _ClockForm(query)
        field: Any = form.fields["customer"]
        field.queryset = Customer.objects.visible_to(user)
        self.form, self.user = _checked(form), user

    def clock(self) -> Clock:
        year, today = self.form.chosen_year, clock.today()
        data = self.form.cleaned_data if self.form.is_bound else {}
        if customer := data.get("customer"):
            return clock_of_customer(self.user, customer, year, today)
        if version := data.get("care_model_version"):
            return clock_of_version(self.user, version, year, today)
        if team := data.get("team"):
            return clock_of_team(self.user, team, year, today)
        return clock_of_all(self.user, year, today)


class EventsQuery:
    """Which times of internal events are asked."""

    def __init__(self, query: Any) -> None:
        self.form = _checked(EventsForm(query))

    @property
    def year(self) -> int:
        return int(self.form.chosen_year)

    @property
    def is_claimable(self) -> bool:
        """Whether the times that wait on the reader's lists are asked, whatever the year."""
        return self.form.is_bound and bool(self.form.cleaned_data.get("claim"))

    @property
    def chosen(self) -> dict[str, Any]:
        data = self.form.cleaned_data if self.form.is_bound else {}
        return {"month": data.get("month") or None, "code": data.get("code", ""), "state": data.get("state", "")}
