"""The team week: sums by person and day, and each person's week when it is unfolded."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.models import Team, User
from activities.calendar.selectors.calendar import DAY, LIMIT, holidays_between, monday
from activities.calendar.selectors.hours import ZERO
from activities.calendar.selectors.team import load_day, person_week, team_of, team_week, totals_of
from activities.calendar.views.calendar import WEEK
from core import clock, registry
from core.exceptions import ParameterError
from core.parameters import TextField, asked_day
from core.permissions import PermissionMixin
from core.tabs import PanelMixin
from core.views import VisibleObjectMixin
from customers.acting import Concern, acting_on


class TeamWeekView(PermissionMixin, TemplateView):
    """The week of all members: entries and hours by day, open and overdue activities, on one printable page."""

    template_name = "calendar/team/page.html"
    permission_required = "activities.view_activity"
    parameters = {"team": TextField(), "week": TextField()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = monday(asked_day(self.request, "week"))
        team = self.team
        members, number_of_people = team_week(self.user, team, first) if team else ([], 0)
        days = [first + number * DAY for number in range(7)]
        free = holidays_between(first, days[-1])
        people = {member.person.pk: Concern.of(member.person.pk) for member in members if member.overdue}
        hours = [member.hours for member in members if member.hours is not None]
        return super().get_context_data(
            title=_("Team week"),
            team=team,
            teams=Team.objects.visible_to(self.user).order_by("name"),
            members=members,
            totals=totals_of(members, first),
            total_hours=sum(hours, ZERO) if hours else None,
            unfinished=sum(member.unfinished for member in members),
            number_of_people=number_of_people,
            days=[(day, free.get(day, "")) for day in days],
            acting=acting_on(self.user, people),
            today=clock.user_today(),
            last=load_day(first),
            first=first,
            number=first.isocalendar().week,
            **(registry.placed_panels("team", self.user, team) if team else {}),
            links={"previous": self._url(first - WEEK), "next": self._url(first + WEEK)},
            **kwargs,
        )

    @cached_property
    def team(self) -> Team | None:
        """Return the team of the page: ``?team=``, else one of the user's own, else the first."""
        asked = self.request.GET.get("team", "")
        team = team_of(self.user, asked)
        if team is None and asked:
            raise ParameterError({"team": _("There is no such team.")})
        return team

    def _url(self, day: Any) -> str:
        query = {"week": day.isoformat()} | ({"team": str(self.team.pk)} if self.team else {})
        return f"{reverse('calendar:team_week')}?{urlencode(query)}"


class PersonWeekView(PanelMixin, VisibleObjectMixin, TemplateView):
    """One person's week in the team week: entries by day and the open activities, oldest first."""

    model = User
    template_name = "calendar/team/member.html"
    permission_required = "activities.view_activity"
    parameters = {"week": TextField()}

    def get_permission_object(self) -> None:
        return None  # everyone who may see activities sees the weeks of colleagues

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = monday(asked_day(self.request, "week"))
        return super().get_context_data(
            title=f"{_('Team week')}: {self.object}",
            first=first,
            last=load_day(first),
            limit=LIMIT,
            may_act=bool(acting_on(self.user, {"": Concern.of(self.object.pk)})),
            week=person_week(self.user, self.object, first),
            **kwargs,
        )
