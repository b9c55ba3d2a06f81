"""The capacity page: people by the coming weeks, in per cent of their working time."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from careplans.following.capacity import Capacity, capacity_of, coming_weeks
from careplans.following.capacity_forms import CapacityForm
from careplans.following.capacity_tables import capacity_table, drawn_rows
from careplans.following.permissions import sees_everyone
from core import clock
from core.parameters import of_form
from offers.sales.reports.tables import ReportTable
from segmentation.portfolio.views.base import FILES, TablesView


class CapacityView(TablesView):
    template_name = "carefollow/capacity.html"
    permission_required = "carefollow.view_adherence"
    parameters = of_form(CapacityForm) | FILES

    @cached_property
    def form(self) -> CapacityForm:
        shown = {"idle": "idle" in self.request.GET}
        return CapacityForm(self.request.GET if "team" in self.request.GET else None, user=self.user, initial=shown)

    @cached_property
    def found(self) -> Capacity:
        return capacity_of(self.user, self.form.people(), coming_weeks(clock.today()))

    @cached_property
    def tables(self) -> list[ReportTable]:  # type: ignore[override]
        return [capacity_table(self.found)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("Capacity"),
            weeks=self.found.weeks,
            rows=drawn_rows(self.found, self.user, with_idle="idle" in self.request.GET),
            idle_url=self._idle_url(),
            has_choice=self.form.fields["team"].queryset.exists(),  # type: ignore[attr-defined]
            is_of_some=not sees_everyone(self.user),
            files=self.shown(self.tables[0])["files"],
            **kwargs,
        )

    def _idle_url(self) -> str:
        """Return the page with a row for each person without hours too, of the same team."""
        team = self.form["team"].value()
        return f"?{urlencode({'team': getattr(team, 'pk', team) or '', 'idle': 'on'})}"
