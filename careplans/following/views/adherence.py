"""The adherence page: figures by row and period, with their occurrences, files and PDF."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from careplans.following.adherence import Query, has_reach, reach_in
from careplans.following.filters import OccurrenceFilter
from careplans.following.forms import AdherenceForm
from careplans.following.labels import reach_links
from careplans.following.models import CareOccurrence
from careplans.following.pdf import pdf_response
from careplans.following.permissions import sees_everyone
from careplans.following.reports import adherence_table, paces_table
from careplans.following.selectors import RELATED, with_activities
from careplans.following.tables import OCCURRENCES
from careplans.following.words import DEFINITIONS, PACES
from core import clock
from core.actions import Action
from core.exports import MEDIA_TYPES
from core.list_views import FilteredListView
from core.parameters import OneOfField, TextField, check_values, of_form
from core.start_panels import Link
from customers.state_filters import may_see_inactive
from offers.sales.reports.tables import ReportTable
from segmentation.portfolio.views.base import TablesView

VIEW = "carefollow.view_adherence"
FILES = {"export": OneOfField(*MEDIA_TYPES, "pdf"), "table": TextField()}


class AdherenceView(TablesView):
    """Adherence. ``?export=pdf`` answers the page to print; ``?late=`` a part that counts customers one by one."""

    template_name = "carefollow/adherence.html"
    permission_required = VIEW
    parameters = of_form(AdherenceForm) | FILES | {"late": OneOfField("paces", "reach")}

    @cached_property
    def form(self) -> AdherenceForm:
        asked = set(AdherenceForm.base_fields) & set(self.request.GET)
        return AdherenceForm(self.request.GET if asked else None, user=self.user, auto_id="care_%s")

    @cached_property
    def query(self) -> Query | None:
        return self.form.query()

    @cached_property
    def tables(self) -> list[ReportTable]:  # type: ignore[override]
        if self.query is None:
            return []
        if "paces" in (self.request.GET.get("late"), self.request.GET.get("table")):
            return [paces_table(self.query)]
        return [adherence_table(self.query)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("export") == "pdf":
            check_values(self.form)
            context = self.get_context_data() | self._reach()
            return pdf_response("carefollow/adherence_pdf.html", _("Adherence"), context)
        if request.GET.get("late") and not request.GET.get("export"):
            check_values(self.form)
            if request.GET["late"] == "reach":
                return TemplateResponse(request, "carefollow/reach.html", self._reach())
            context = {"shown": self.shown(self.tables[0]), "wider_url": request.path}
            return TemplateResponse(request, "portfolio/part.html", context)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.query
        return super().get_context_data(
            title=_("Care plan adherence"),
            query=query,
            has_reach=query is not None and has_reach(query),
            definitions=[*DEFINITIONS.values(), *PACES.values()],
            is_of_some=not sees_everyone(self.user),
            pdf_url=self._url(export="pdf"),
            paces_url=self._url(late="paces"),
            reach_url=self._url(late="reach"),
            **kwargs,
        )

    def _reach(self) -> dict[str, Any]:
        query = self.query
        return {"reach": reach_in(query, clock.today()), "reach_urls": reach_links(query)} if query else {}

    def _url(self, **more: str) -> str:
        query = self.request.GET.copy()
        query.update(more)
        return f"?{query.urlencode()}"


class BehindFiguresMixin:
    """A list to which figures of days lead: it says what they count and the reader may not list."""

    request: Any
    user: Any

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        asked = self.request.GET
        if asked.get("last_from") and asked.get("last_to") and not may_see_inactive(self.user):
            context["remark"] = _(
                "Figures also count what was due of customers that are inactive now. Who manages inactive customers "
                "sees them in this list too."
            )
        return context


class OccurrenceListView(BehindFiguresMixin, FilteredListView):
    """The occurrences behind the figures."""

    model = CareOccurrence
    filterset_class = OccurrenceFilter
    table = OCCURRENCES
    title = gettext_lazy("Care action occurrences")
    permission_required = VIEW
    main_filters = ("mine", "open", "state", "customer", "segment", "last_from", "last_to")
    secondary_actions = (
        Action(gettext_lazy("Adherence"), "carefollow:adherence", icon="chart-bar"),
        Action(gettext_lazy("Care plans"), "careplans:list", icon="heart-handshake"),
    )
    empty = {
        "title": gettext_lazy("No occurrences here."),
        "text": gettext_lazy("They come of the actions in customers' care plans."),
    }

    def standard_query(self) -> str:
        """Return what is to be done now: all occurrences begin years ago."""
        return "open=true"

    def get_way_out(self) -> Link | None:
        """Return the link from what is to be done now to all, with the other filters."""
        if not self.request.GET.get("open"):
            return None
        query = self.request.GET.copy()
        for name in ("open", "after", "before"):
            query.pop(name, None)
        is_bare = not any(query.values())
        url = self.get_clear_url() if is_bare else f"{self.request.path}?{query.urlencode()}"
        return Link(_("All occurrences"), url)

    def page_queryset(self, rows: Any) -> Any:
        return rows.select_related(*RELATED)

    def get_export_queryset(self, queryset: Any) -> Any:
        return queryset.select_related(*RELATED)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        return with_activities(rows, self.user)
