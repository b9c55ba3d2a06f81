"""The pages of the annual clock: of all and of teams, of a version of a care model, of a customer; the PDF of each."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from careplans.caremodels.models import ModelVersion
from careplans.clock.clocks import (
    FIRST_YEAR,
    YEARS_AHEAD,
    clock_of_all,
    clock_of_customer,
    clock_of_team,
    clock_of_version,
)
from careplans.clock.forms import ClockForm, YearForm
from careplans.clock.pdf import clock_pdf
from careplans.clock.rows import Clock
from careplans.clock.tables import STATE_ROWS, months_table, rows_table
from careplans.clock.wheel import Wheel
from core import clock
from core.actions import Action, ActionsMixin
from core.parameters import OneOfField, QueryFormMixin, check_values, of_form
from core.permissions import PermissionMixin
from core.tabs import PanelMixin, tabs_of
from core.views import VisibleObjectMixin
from customers.views.tabs import CustomerTabView

VIEW = "careclock.view_clock"
FILES = {"export": OneOfField("pdf")}


class ClockPage(QueryFormMixin):
    """What pages of a clock share: the year in the address, the drawing with its tables, the PDF."""

    request: HttpRequest
    user: Any
    form_class: Any = YearForm

    @cached_property
    def form(self) -> Any:
        asked = set(self.form_class.base_fields) & set(self.request.GET)
        return self.form_class(self.request.GET if asked else None, auto_id="clock_%s")

    @property
    def year(self) -> int:
        year: int = self.form.chosen_year
        return year

    def read_clock(self) -> Clock:
        raise NotImplementedError

    def clock_context(self) -> dict[str, Any]:
        return clock_context(self.read_clock(), self.form, self.request)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("export") == "pdf":
            check_values(self.form)
            return clock_pdf(self.read_clock())
        response: HttpResponse = super().get(request, *args, **kwargs)  # type: ignore[misc]
        return response


def clock_context(shown: Clock, form: Any, request: HttpRequest) -> dict[str, Any]:
    """Return what ``careclock/body.html`` draws."""
    return {
        "former": shown.year - 1,
        "next": shown.year + 1,
        "former_url": _address(request, year=shown.year - 1) if shown.year > FIRST_YEAR else "",
        "next_url": _address(request, year=shown.year + 1) if shown.year < clock.today().year + YEARS_AHEAD else "",
        "pdf_url": _address(request, export="pdf"),
        "clock": shown,
        "svg": Wheel(shown).svg,
        "rows": rows_table(shown),
        "months": months_table(shown),
        "states": STATE_ROWS,
        "form": form,
        "may_move": any(row.is_movable for row in shown.rows),
    }


def _address(request: HttpRequest, **more: Any) -> str:
    query = request.GET.copy()
    for name, value in more.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"


class ClockView(ActionsMixin, ClockPage, PermissionMixin, TemplateView):
    """The clock of all, or of a team or unit."""

    permission_required = VIEW
    template_name = "careclock/clock.html"
    form_class = ClockForm
    parameters = of_form(ClockForm) | FILES
    secondary_actions = (
        Action(gettext_lazy("Internal events"), "careclock:internal", icon="refresh"),
        Action(gettext_lazy("Adherence"), "carefollow:adherence", icon="chart-bar"),
    )

    def read_clock(self) -> Clock:
        team = self.form.cleaned_data["team"] if self.form.is_bound and self.form.is_valid() else None
        if team is not None:
            return clock_of_team(self.user, team, self.year, clock.today())
        return clock_of_all(self.user, self.year, clock.today())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=_("Annual clock"), **self.clock_context(), **kwargs)


class VersionMixin(VisibleObjectMixin):
    model = ModelVersion
    permission_required = VIEW

    def get_queryset(self) -> Any:
        return ModelVersion.objects.visible_to(self.user).select_related("model")


class VersionClockView(ClockPage, VersionMixin, TemplateView):
    """The clock of a version of a care model; in a draft actions are moved."""

    template_name = "careclock/clock.html"
    parameters = of_form(YearForm) | FILES

    def read_clock(self) -> Clock:
        return clock_of_version(self.user, self.object, self.year, clock.today())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Annual clock: %s") % self.object
        back = {"label": str(self.object), "url": self.object.get_absolute_url(), "icon": "heart-handshake"}
        return super().get_context_data(title=title, secondary_actions=[back], **self.clock_context(), **kwargs)


class VersionPanel(PanelMixin, VersionMixin, TemplateView):
    """The wheel on the page of a version, and of its model."""

    template_name = "careclock/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = clock_of_version(self.user, self.object, clock.today().year, clock.today())
        return super().get_context_data(
            title=_("Annual clock"), version=self.object, clock=shown, svg=Wheel(shown).svg, **kwargs
        )


class CustomerClockTab(ClockPage, CustomerTabView):
    """The clock of a customer's plan, a part of its care plan."""

    tab = "care_plan"
    permission_required = "careplans.view_plan"
    content_template = "careclock/tab.html"
    parameters = of_form(YearForm) | FILES

    def read_clock(self) -> Clock:
        return clock_of_customer(self.user, self.object, self.year, clock.today())

    def get_tab_context(self) -> dict[str, Any]:
        parts = tabs_of("care_plan", self.object, self.user, "clock")
        return {"customer": self.object, "parts": parts, **self.clock_context()}
