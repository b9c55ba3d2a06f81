"""The capacity that is asked: of a team or unit, or one's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, Q, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import TeamKind
from accounts.models import Team, User
from accounts.selectors import people_ids
from careplans.following.permissions import people_seen, sees_everyone


def teams_seen(user: Any) -> Any:
    """Return the teams and units with somebody else the user sees the figures of."""
    teams = Team.objects.visible_to(user).order_by("name", "pk")
    if sees_everyone(user):
        return teams
    others = people_seen(user).exclude(pk=user.pk).order_by().values("pk")
    return teams.filter(Q(leader=user) | Q(members__in=others)).distinct()


def led_team(user: Any) -> Team | None:
    """Return the team that the user leads; one of people who work together comes before a care team."""
    in_order = Case(When(kind=TeamKind.CARE, then=1), default=0)
    return Team.objects.visible_to(user).filter(leader=user).order_by(in_order, "name", "pk").first()


class CapacityForm(forms.Form):
    """A team or unit; until one is chosen that which the user leads, else the user and own people."""

    team = forms.ModelChoiceField(
        Team.objects.none(), required=False, label=gettext_lazy("Team or unit"),
        widget=forms.Select({"data-searchable": ""}),
    )  # fmt: skip

    idle = forms.BooleanField(required=False, label=gettext_lazy("Also people without hours"))

    def __init__(self, data: Any = None, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.user = user
        field: Any = self.fields["team"]
        field.queryset = teams_seen(user)
        field.empty_label = _("Oneself and those one is the superior of")
        if not self.is_bound:
            self.initial = {"team": led_team(user), **self.initial}

    def people(self) -> list[User]:
        """Return the active people that are shown, by name; none if the form is not valid."""
        if self.is_bound and not self.is_valid():
            return []
        team = self.cleaned_data["team"] if self.is_bound else self.initial["team"]
        seen = people_seen(self.user).filter(is_active=True)
        of = Q(pk__in=people_ids(team)) if team else Q(pk=self.user.pk) | Q(manager=self.user)
        return list(seen.filter(of))
