"""The pages and panels of targets: all that the user may see, and the form of a person's or a team's year."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from accounts.models import Team, User
from accounts.selectors import people_ids
from core import clock
from core.paging import first_rows
from core.parameters import QueryFormMixin, of_form
from core.permissions import PermissionMixin, allowed
from core.tabs import PanelMixin
from core.views import ServiceFormView, VisibleObjectMixin
from offers.sales.enums import TargetKind
from offers.sales.forms import PeriodForm, TargetForm, quarter_label
from offers.sales.models import SalesTarget
from offers.sales.reports.links import NOT_CANCELLED, with_inactive
from offers.sales.selectors.targets import (
    DEFINITIONS,
    MAX_PEOPLE,
    Period,
    PersonProgress,
    Progress,
    people_followed_by,
    people_with_targets,
    progress_of,
    target_grid,
    team_progress,
)
from offers.sales.services import targets_set


def linked(rows: list[Progress], period: Period, owner: User | Team, reader: User) -> list[Progress]:
    """Return progress with links from each actual to the orders or meetings that it counts, for its reader."""
    key, participant = ("owner", "participant") if isinstance(owner, User) else ("team", "team")
    dates = {"date_from": period.first, "date_to": period.end}
    orders = {"tab": "all", key: owner.pk, **dates, "status": NOT_CANCELLED, **with_inactive(reader)}
    days = {"start_from": period.first, "start_to": period.end, **with_inactive(reader)}
    urls = {
        TargetKind.EUROS: reverse("orders:list", query=orders),
        TargetKind.NEW_CUSTOMERS: reverse("orders:list", query={**orders, "purchase": "first"}),
        TargetKind.REPEAT_PURCHASES: reverse("orders:list", query={**orders, "purchase": "repeat"}),
        TargetKind.MEETINGS: reverse("activities:list", query={participant: owner.pk, "meeting": "true", **days}),
    }
    return [replace(row, url=urls[row.kind]) for row in rows]


def with_links(one: PersonProgress, period: Period, reader: User) -> PersonProgress:
    """Return a person's progress with its links."""
    return replace(one, rows=linked(one.rows, period, one.person, reader))


class TargetsView(QueryFormMixin, PermissionMixin, TemplateView):
    """Targets and actuals, for a year or a quarter, of the people and teams with figures that the user may see."""

    template_name = "sales/targets/page.html"
    permission_required = "sales.view_targets"
    parameters = of_form(PeriodForm)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.user
        form = PeriodForm(self.request.GET or None)
        period = form.period
        shows_all = form.is_valid() and form.cleaned_data["all"]
        followed = people_followed_by(user) if shows_all else people_with_targets(user, period)
        people, number_of_people = first_rows(followed, MAX_PEOPLE)
        return super().get_context_data(
            title=_("Targets"),
            form=form if form.is_bound else PeriodForm(initial={"year": period.year, "quarter": period.quarter}),
            period=period,
            shows_all=shows_all,
            all_url=f"?{urlencode({'year': period.year, 'quarter': period.quarter, 'all': 'on'})}",
            period_label=f"{period.year}, {quarter_label(period.quarter)}" if period.quarter else str(period.year),
            teams=[
                (team, linked(team_progress(team, period), period, team, user))
                for team in self._teams(period, shows_all)
            ],
            people=[with_links(one, period, user) for one in progress_of(people, period, compare=True)],
            number_of_people=number_of_people,
            definitions=[(kind.label, text) for kind, text in DEFINITIONS.items()],
            editable={person.pk for person in people if allowed(user, "sales.edit_target", person)},
            may_set_all=user.has_perm("sales.set_targets"),
            **kwargs,
        )

    def _teams(self, period: Period, shows_all: bool) -> list[Team]:
        """Return the teams with figures that the user may see; at most eight, because each needs separate queries.

        Without ``shows_all`` only those that have a target in the period's year.
        """
        teams: Any = Team.objects.visible_to(self.user).order_by("name")
        if not self.user.has_perm("accounts.view_reports"):
            teams = teams.filter(memberships__user=self.user) | teams.filter(leader=self.user)
        if not shows_all:
            teams = teams.filter(pk__in=SalesTarget.objects.filter(team__isnull=False, year=period.year).values("team"))
        return list(teams.distinct()[:8])


class TargetFormView(VisibleObjectMixin, ServiceFormView):
    """The targets of a year: kinds down, the year and its quarters across."""

    form_class = TargetForm
    template_name = "sales/targets/form.html"
    permission_required = "sales.edit_target"
    parameters = {"year": PeriodForm.base_fields["year"]}
    success_message = gettext_lazy("The targets were saved.")
    undoable = True

    @cached_property
    def year(self) -> int:
        return PeriodForm(self.request.GET).period.year

    def get_initial(self) -> dict[str, Any]:
        grid = target_grid(self.targets, self.year)
        return {TargetForm.name(kind, quarter): amount for (kind, quarter), amount in grid.items()}

    @property
    def targets(self) -> Any:
        key = "user" if isinstance(self.object, User) else "team"
        return SalesTarget.objects.filter(**{key: self.object})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            year=self.year,
            intro=str(self.object),
            quarters=[quarter_label(number) for number in range(5)],
            years=[{"year": year, "url": f"?year={year}"} for year in (self.year - 1, self.year + 1)],
            **kwargs,
        )

    @property
    def title(self) -> str:
        return _("Targets for %(year)d") % {"year": self.year}

    def get_cancel_url(self) -> str:
        return f"{reverse('sales:targets')}?{urlencode({'year': self.year})}"

    get_success_url = get_cancel_url

    def perform(self, form: TargetForm) -> Any:
        targets_set(owner=self.object, year=self.year, amounts=form.amounts)
        return self.object


class PersonTargetView(TargetFormView):
    model = User


class TeamTargetView(TargetFormView):
    """The targets of a team, set by the users who may set all targets."""

    model = Team
    permission_required = "sales.set_targets"


class OwnTargetsPanel(PanelMixin, TemplateView):
    """The user's own targets of this year, for the start page."""

    template_name = "sales/targets/panel.html"
    permission_required = "sales.view_targets"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = Period.of(clock.today())
        [own] = progress_of([self.user], period)
        return super().get_context_data(
            title=_("Targets for %(year)d") % {"year": period.year},
            rows=with_links(own, period, self.user).rows,
            **kwargs,
        )


class TeamTargetsPanel(OwnTargetsPanel):
    """The targets of a team this year, and those of its members that the user may see, for the team's page."""

    template_name = "sales/targets/team_panel.html"
    permission_required = "sales.view_team_targets"

    def get_permission_object(self) -> Team:
        return self.team

    @cached_property
    def team(self) -> Team:
        teams: Any = Team.objects.visible_to(self.user)
        team: Team = get_object_or_404(teams, pk=self.kwargs["pk"])
        return team

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        period = Period.of(clock.today())
        people = people_followed_by(self.user).filter(pk__in=people_ids(self.team))[:MAX_PEOPLE]
        return TemplateView.get_context_data(
            self,
            title=_("Targets for %(year)d") % {"year": period.year},
            team=self.team,
            rows=linked(team_progress(self.team, period), period, self.team, self.user),
            people=[with_links(one, period, self.user) for one in progress_of(list(people), period)],
            **kwargs,
        )
