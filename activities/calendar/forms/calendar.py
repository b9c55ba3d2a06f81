"""Query forms of the calendar: people, teams, types, statuses and the window of time."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from activities.calendar.selectors.calendar import Window, people_offered
from activities.log.enums import ActivityStatus
from activities.log.forms.parts import LONGEST_DAYS, MomentField
from activities.log.models import ActivityType

MAX_PEOPLE = 30


class CalendarQuery(forms.Form):
    """The query of the page, the feed and the endpoint. Without people or teams it is about the user."""

    user = forms.ModelMultipleChoiceField(
        User.objects.none(),
        required=False,
        label=gettext_lazy("Colleagues"),
        widget=forms.SelectMultiple(attrs={"data-searchable": ""}),
    )
    team = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        required=False,
        label=gettext_lazy("Teams"),
        widget=forms.CheckboxSelectMultiple,
    )
    type = forms.ModelMultipleChoiceField(
        ActivityType.objects.all(),
        required=False,
        label=gettext_lazy("Type"),
        widget=forms.CheckboxSelectMultiple,
    )
    status = forms.MultipleChoiceField(
        choices=ActivityStatus.choices,
        required=False,
        label=gettext_lazy("Status"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, user: Any) -> None:
        self.viewer = user
        super().__init__(data, auto_id="calendar_%s")
        people: Any = self.fields["user"]
        people.queryset = people_offered()
        teams: Any = self.fields["team"]
        teams.queryset = Team.objects.visible_to(user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if len(self.people()) > MAX_PEOPLE:
            del self.chosen_people[MAX_PEOPLE:]
            self.add_error("user", _("At most %(count)d people at a time.") % {"count": MAX_PEOPLE})
        return data

    def people(self) -> list[User]:
        """Return the people to show, each once, ordered by name; the user when no one is chosen."""
        return self.chosen_people or [self.viewer]

    @cached_property
    def chosen_people(self) -> list[User]:
        chosen = getattr(self, "cleaned_data", {})
        users, teams = chosen.get("user") or (), chosen.get("team") or ()
        members = people_offered().filter(teams__in=teams) if teams else ()
        people = {person.pk: person for person in [*users, *members]}
        return sorted(people.values(), key=lambda person: str(person.sort_key))

    @property
    def has_choice(self) -> bool:
        return any(self.data.get(name) for name in ("user", "team", "type", "status"))

    def filters(self) -> dict[str, Any]:
        chosen = getattr(self, "cleaned_data", {})
        return {"types": chosen.get("type") or (), "statuses": chosen.get("status") or ()}


class FeedQuery(CalendarQuery):
    """The calendar query with a window of time."""

    start = MomentField()
    end = MomentField()

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        start, end = data.get("start"), data.get("end")
        if start and end and end <= start:
            self.add_error("end", _("The end is before the start."))
        elif start and end and end - start > dt.timedelta(days=LONGEST_DAYS, hours=2):
            self.add_error("end", _("At most %(count)d days at a time.") % {"count": LONGEST_DAYS})
        return data

    @property
    def window(self) -> Window:
        return Window(self.cleaned_data["start"], self.cleaned_data["end"])
