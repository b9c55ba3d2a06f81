"""A segment's page for everyone: who is responsible, goals and what came true, its size, who came and went and why."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.selectors import notes_about
from core import clock
from core.parameters import OneOfField, check_values, of_form
from core.permissions import allowed
from core.views import VisibleObjectMixin
from offers.sales.charts import Chart, Series
from offers.sales.reports.tables import COUNT, TEXT, ReportTable, columns_of
from segmentation.membership.models import Membership
from segmentation.portfolio.forms import DaysForm
from segmentation.portfolio.permissions import sees_all
from segmentation.portfolio.selectors.flow import sizes_over_time
from segmentation.portfolio.selectors.goals import actuals_of
from segmentation.portfolio.selectors.moves import Moves, moves_in, moves_out
from segmentation.portfolio.views.base import FILES, TablesView
from segmentation.portfolio.views.flow import VIEW
from segmentation.schemes.models import Segment

#: The quarters that the chart of sizes shows.
QUARTERS = 12


class SegmentView(VisibleObjectMixin, TablesView):
    """A segment. ``?part=goals`` answers the goals alone, ``?part=sizes`` the sizes of three years."""

    model = Segment
    template_name = "portfolio/segment.html"
    permission_required = VIEW
    parameters = of_form(DaysForm) | FILES | {"part": OneOfField("goals", "sizes")}

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("scheme", "responsible", "team")

    @cached_property
    def form(self) -> DaysForm:
        asked = set(DaysForm.base_fields) & set(self.request.GET)
        return DaysForm(self.request.GET if asked else None, auto_id="period_%s")

    @cached_property
    def tables(self) -> list[ReportTable]:  # type: ignore[override]
        if self.request.GET.get("part") == "sizes":
            return [sizes_of(self.object)]
        days = self.form.days()
        if days is None:
            return []
        return [moves_table(self.object, *days, into=True), moves_table(self.object, *days, into=False)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        part = request.GET.get("part")
        if not part or request.GET.get("export"):
            return super().get(request, *args, **kwargs)
        check_values(self.form)
        if part == "sizes":
            context = {"shown": self.shown(self.tables[0]), "wider_url": request.path}
            return TemplateResponse(request, "portfolio/part.html", context)
        actuals = actuals_of(self.object, self.user, with_value=sees_all(self.user))
        return TemplateResponse(request, "portfolio/goals.html", {"actuals": actuals})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        segment, days = self.object, self.form.days()
        return super().get_context_data(
            title=f"{segment.code} {segment.name}",
            segment=segment,
            days=days,
            size=sizes_over_time(segment, [clock.today()])[0],
            size_url=members_url(segment, clock.today()),
            stale=self._stale(),
            may_edit=allowed(self.user, "schemes.edit_scheme"),
            team_notes=notes_about(self.user, team__segments=segment),
            flow_url=reverse("portfolio:segments", query=_flow_query(segment, days)),
            others=[one for one in segment.scheme.segments.order_by("order", "pk") if not one.is_retired],
            **kwargs,
        )

    def _stale(self) -> dict[str, Any] | None:
        """Return how many customers have been in the segment longer than its longest stay, and their list."""
        if not self.object.longest_days:
            return None
        rows = Membership.objects.visible_to(self.user).filter(segment=self.object).too_long(clock.now())
        url = reverse("portfolio:memberships", query={"segment": self.object.pk, "too_long": "true"})
        return {"number": rows.count(), "days": self.object.longest_days, "url": url}


def _flow_query(segment: Segment, days: tuple[dt.date, dt.date] | None) -> dict[str, str]:
    names = dict(zip(("first", "last"), (day.isoformat() for day in days or ()), strict=False))
    return {"scheme": segment.scheme.code, **names}


def members_url(segment: Segment, day: dt.date) -> str:
    """Return the list of the customers that were in a segment at the end of a day."""
    query = {"scheme": segment.scheme.code, "first": day.isoformat(), "last": day.isoformat(), "now": segment.pk}
    return reverse("portfolio:customers", query=query)


def moves_table(segment: Segment, first: dt.date, last: dt.date, *, into: bool) -> ReportTable:
    """Return the moves after ``first`` until ``last`` by the other segment and the reason."""
    label = _("Moves in") if into else _("Moves out")
    columns = columns_of(
        ("other", _("From segment") if into else _("To segment"), TEXT),
        ("reason", _("Reason"), TEXT),
        ("number", _("Customers"), COUNT),
    )
    moves = moves_in(segment, first, last) if into else moves_out(segment, first, last)
    rows: list[list[Any]] = [
        [
            f"{one.other.code} {one.other.name}" if one.other else pgettext("customers", "Without segment"),
            str(one.reason or "–"),
            one.number,
        ]
        for one in moves
    ]
    links = [{"number": _moves_url(segment, first, last, one, into=into)} for one in moves]
    total = [_("Total"), "", sum(one.number for one in moves)]
    whole = {"number": _moves_url(segment, first, last, None, into=into)}
    return ReportTable("in" if into else "out", label, columns, rows, total, links=links, total_links=whole)


def _moves_url(segment: Segment, first: dt.date, last: dt.date, one: Moves | None, *, into: bool) -> str:
    """Return the list of the memberships that a figure counts; those of the first day are not among them."""
    side = "began" if into else "ended"
    after = (first + dt.timedelta(days=1)).isoformat()
    query: dict[str, Any] = {"segment": segment.pk, f"{side}_from": after, f"{side}_to": last.isoformat()}
    if one is not None:
        other, reason = ("came_from", "reason") if into else ("went_to", "after_reason")
        query[other] = one.other.pk if one.other else "none"
        query[reason] = one.reason.code if one.reason else "none"
    return reverse("portfolio:memberships", query=query)


def sizes_of(segment: Segment) -> ReportTable:
    """Return the size at the ends of the last quarters and today, with the chart."""
    days = _quarter_ends(clock.today())
    sizes = sizes_over_time(segment, days)
    labels = [date_format(day, "SHORT_DATE_FORMAT") for day in days]
    rows: list[list[Any]] = [[label, size] for label, size in zip(labels, sizes, strict=True)]
    columns = columns_of(("day", _("Day"), TEXT), ("size", _("Customers"), COUNT))
    series = [Series(_("Customers"), sizes, line=True, column="size")]
    chart = Chart(_("Size over time"), labels, series, is_of_time=True)
    links = [{"size": members_url(segment, day)} for day in days]
    return ReportTable("sizes", _("Size over time"), columns, rows, None, chart, links=links)


def _quarter_ends(today: dt.date) -> list[dt.date]:
    """Return the last days of the quarters before today's, the oldest first, and today."""
    first = today.replace(month=today.month - (today.month - 1) % 3, day=1)
    ends = [first - relativedelta(months=3 * back) - dt.timedelta(days=1) for back in range(QUARTERS - 1, -1, -1)]
    return [*ends, today]
