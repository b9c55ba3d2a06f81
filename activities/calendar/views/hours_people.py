"""Pages of several people's hours: sums by person and day, and one person's week when it is unfolded."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from accounts.models import Team
from activities.calendar.selectors.calendar import DAY, monday
from activities.calendar.selectors.hours import ZERO, person_of, week_hours
from activities.calendar.selectors.hours_people import people_hours, people_of_page
from activities.calendar.views.calendar import WEEK
from core import clock
from core.exceptions import ParameterError
from core.parameters import TextField, asked_day
from core.permissions import PermissionMixin
from core.tabs import PanelMixin


class HoursPeopleView(PermissionMixin, TemplateView):
    """The hours of all people that the user may see, or of a team: people down, days across."""

    template_name = "calendar/hours/people.html"
    permission_required = "calendar.view_hours"
    parameters = {"team": TextField(), "week": TextField()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first = monday(asked_day(self.request, "week"))
        team, people, number_of_people = self._people()
        rows = people_hours(people, first)
        return super().get_context_data(
            title=_("Hours"),
            team=team,
            teams=Team.objects.visible_to(self.user).order_by("name"),
            rows=rows,
            number_of_people=number_of_people,
            days=[first + number * DAY for number in range(7)],
            sums=[sum((row.days[number] for row in rows), ZERO) for number in range(7)],
            total=sum((row.total for row in rows), ZERO),
            today=clock.user_today(),
            first=first,
            number=first.isocalendar().week,
            links={"previous": self._url(team, first - WEEK), "next": self._url(team, first + WEEK)},
            **kwargs,
        )

    def _people(self) -> Any:
        asked = self.request.GET.get("team", "")
        team, people, number = people_of_page(self.user, asked)
        if team is None and asked:
            raise ParameterError({"team": _("There is no such team.")})
        return team, people, number

    def _url(self, team: Team | None, day: Any) -> str:
        query = {"week": day.isoformat()} | ({"team": str(team.pk)} if team else {})
        return f"{reverse('calendar:hours_people')}?{urlencode(query)}"


class HoursPersonView(PanelMixin, TemplateView):
    """One person's hours of a week by type and customer, to read."""

    template_name = "calendar/hours/person.html"
    permission_required = "calendar.view_hours"
    parameters = {"week": TextField()}

    def get_permission_object(self) -> Any:
        try:
            self.person = person_of(self.user, str(self.kwargs["pk"]))
        except ParameterError as error:
            raise Http404 from error
        return self.person

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        week = week_hours(self.person, asked_day(self.request, "week"))
        title = f"{_('Hours')}: {self.person}"
        return super().get_context_data(title=title, person=self.person, week=week, may_write=False, **kwargs)
