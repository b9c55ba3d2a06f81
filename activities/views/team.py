"""The team's week, for the account team's meeting."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.models import Team
from activities.selectors_calendar import DAY, holidays_between, monday
from activities.selectors_team import team_of, team_week
from activities.views.calendar import WEEK, asked_day
from crm import registry
from crm.permissions import PermissionMixin


class TeamWeekView(PermissionMixin, TemplateView):
    """Everybody's week, open activities, what has hung for long, and hours, on one page that prints well."""

    template_name = "activities/team/page.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = monday(asked_day(self.request, "week"))
        team = team_of(self.user, self.request.GET.get("team", ""))
        members, is_cut = team_week(self.user, team, first) if team else ([], False)
        days = [first + number * DAY for number in range(7)]
        free = holidays_between(first, days[-1])
        return super().get_context_data(
            title=_("Team week"),
            team=team,
            teams=Team.objects.visible_to(self.user).order_by("name"),
            members=members,
            is_cut=is_cut,
            days=[(day, free.get(day, "")) for day in days],
            first=first,
            number=first.isocalendar().week,
            **(registry.placed_panels("team", self.user, team) if team else {}),
            links={"previous": self._url(team, first - WEEK), "next": self._url(team, first + WEEK)},
            **kwargs,
        )

    def _url(self, team: Team | None, day: Any) -> str:
        query = {"week": day.isoformat()} | ({"team": str(team.pk)} if team else {})
        return f"{self.request.path}?{urlencode(query)}"
