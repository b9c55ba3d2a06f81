"""The portfolio matrix, the concentration of orders, and the customers behind their figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core import clock
from core.list_views import FilteredListView
from core.parameters import of_form
from customers.models import Customer
from offers.sales.charts import Chart, Series
from offers.sales.reports.tables import COUNT, EUROS, PERCENT, TEXT, ReportTable, columns_of
from segmentation.portfolio.angles import GROUPINGS
from segmentation.portfolio.diagrams import matrix_diagram
from segmentation.portfolio.enums import Field
from segmentation.portfolio.filters import AnglesFilter, MatrixFilter
from segmentation.portfolio.forms import MatrixForm, SegmentedForm
from segmentation.portfolio.permissions import sees_all
from segmentation.portfolio.querysets import valued_customers
from segmentation.portfolio.selectors.concentration import STEPS, Concentration, concentration_of
from segmentation.portfolio.selectors.matrix import MatrixQuery, Place, matrix_of, month_before, places_of
from segmentation.portfolio.tables import MATRIX_CUSTOMERS
from segmentation.portfolio.views.base import FILES, TablesView

VIEW = "portfolio.view_portfolio"


class ValueView(TablesView):
    """A page about the value of customers: of all, or of the reader's own."""

    permission_required = VIEW
    form_class: Any = SegmentedForm

    @cached_property
    def form(self) -> Any:
        asked = set(self.form_class.base_fields) & set(self.request.GET)
        return self.form_class(self.request.GET if asked else None, auto_id="portfolio_%s")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_all=sees_all(self.user), angles=GROUPINGS, **kwargs)


class MatrixView(ValueView):
    """Four fields of current profitability and potential, with the greatest customers and their year."""

    template_name = "portfolio/matrix.html"
    form_class = MatrixForm
    parameters = of_form(MatrixForm) | FILES

    @cached_property
    def query(self) -> MatrixQuery | None:
        return self.form.query(self.user)

    @cached_property
    def month(self) -> dt.date:
        """The month with which the places of today are compared."""
        return month_before(self.query) if self.query else clock.today()

    @cached_property
    def places(self) -> list[Place]:
        return places_of(self.query, self.month) if self.query else []

    @cached_property
    def tables(self) -> list[ReportTable]:  # type: ignore[override]
        if self.query is None:
            return []
        return [fields_table(self.query, self.form), places_table(self.query, self.places, self.month)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        diagram = matrix_diagram(self.query, self.places, field_url(self.form)) if self.query else None
        return super().get_context_data(title=_("Portfolio matrix"), diagram=diagram, query=self.query, **kwargs)


def field_url(form: MatrixForm) -> Any:
    """Return the function that returns the list of a field's customers."""
    return lambda name: reverse("portfolio:matrix_customers", query=form.address(**({"field": name} if name else {})))


def fields_table(query: MatrixQuery, form: MatrixForm) -> ReportTable:
    """Return the number of customers and their current profitability by field."""
    numbers, sums = matrix_of(query)
    url, whole = field_url(form), sum(numbers.values())
    columns = columns_of(
        ("field", _("Field"), TEXT),
        ("number", _("Customers"), COUNT),
        ("share", _("Share"), PERCENT),
        ("profit", _("Profitability in 12 months"), EUROS),
    )
    rows: list[list[Any]] = [
        [str(name.label), numbers[name], round(100 * numbers[name] / whole, 1) if whole else None, sums[name]]
        for name in Field
    ]
    total = [_("Total"), whole, 100 if whole else None, sum(sums.values(), Decimal(0))]
    links = [{"number": url(name)} for name in Field]
    return ReportTable(
        "fields", pgettext("portfolio", "Fields"), columns, rows, total, links=links, total_links={"number": url("")}
    )


def places_table(query: MatrixQuery, places: list[Place], month: dt.date) -> ReportTable:
    """Return the customers that are drawn: their field and figures now and in a month before."""
    then = {"month": date_format(month, "YEAR_MONTH_FORMAT")}
    columns = columns_of(
        ("customer", _("Customer"), TEXT),
        ("field", _("Field"), TEXT),
        ("before", _("Field, %(month)s") % then, TEXT),
        ("current", _("Profitability in 12 months"), EUROS),
        ("was_current", _("Profitability, %(month)s") % then, EUROS),
        ("potential", _("Potential"), COUNT),
        ("was_potential", _("Potential, %(month)s") % then, COUNT),
    )
    rows: list[list[Any]] = [
        [
            place.customer,
            str(query.field_of(place.current, place.potential).label),
            str(query.field_of(place.was_current, place.was_potential).label)
            if place.was_current is not None and place.was_potential is not None
            else "–",
            place.current,
            place.was_current,
            place.potential,
            place.was_potential,
        ]
        for place in places
    ]
    return ReportTable("places", _("The greatest customers and their year"), columns, rows, is_wide=True)


class ValuedCustomersView(FilteredListView):
    """The views of the portfolio: customers of which the reader sees the value, grouped by one angle at a time."""

    model = Customer
    filterset_class: Any = AnglesFilter
    groupings: Any = GROUPINGS
    table = MATRIX_CUSTOMERS
    title: Any = gettext_lazy("Portfolio views")
    permission_required = VIEW
    main_filters: tuple[str, ...] = ("ordered_from", "segment", "owner")
    bulk_place = "customers"
    empty = {"title": gettext_lazy("No customers here."), "icon": "users"}

    def get_queryset(self) -> QuerySet[Any]:
        return valued_customers(self.user)

    def get_export_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("metrics", "summary__owner", "summary__segment", "summary__group")

    def page_queryset(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return self.get_export_queryset(rows)


class MatrixCustomersView(ValuedCustomersView):
    """The customers of a field of the matrix."""

    filterset_class = MatrixFilter
    groupings = ()
    title = gettext_lazy("Customers of the portfolio matrix")
    main_filters = ("field", "current", "potential", "segment", "owner")


class ConcentrationView(ValueView):
    """How the orders of 12 months are spread over the customers."""

    template_name = "portfolio/concentration.html"
    parameters = of_form(SegmentedForm) | FILES

    @cached_property
    def concentration(self) -> Concentration | None:
        if self.form.is_bound and not self.form.is_valid():
            return None
        return concentration_of(self.user, self.form.condition())

    @cached_property
    def tables(self) -> list[ReportTable]:  # type: ignore[override]
        if self.concentration is None:
            return []
        ids = {name: row.pk for name, row in self.form.chosen().items()}
        return [tops_table(self.concentration, ids), curve_table(self.concentration)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        title = _("Concentration of orders")
        return super().get_context_data(title=title, concentration=self.concentration, **kwargs)


def tops_table(found: Concentration, filters: dict[str, Any]) -> ReportTable:
    """Return the share of the biggest customers of the orders."""
    columns = columns_of(
        ("top", _("The biggest"), TEXT),
        ("number", _("Customers"), COUNT),
        ("least", _("Each ordered at least"), EUROS),
        ("ordered", _("Orders, 12 months"), EUROS),
        ("share", _("Share of the orders"), PERCENT),
    )
    rows: list[list[Any]] = [
        [f"{top.percent} %", top.number, top.least, top.ordered, round(100 * top.ordered / found.ordered, 1)]
        for top in found.tops
    ]
    links = [
        {"number": reverse("portfolio:ordered", query={**filters, "ordered_from": top.least, "sort": "-ordered"})}
        for top in found.tops
    ]
    return ReportTable("tops", _("The biggest customers"), columns, rows, links=links)


def curve_table(found: Concentration) -> ReportTable:
    """Return the curve: which share of the orders comes from the smallest customers."""
    shares = [f"{100 * step // STEPS} %" for step in range(STEPS + 1)]
    even = [100.0 * step / STEPS for step in range(STEPS + 1)]
    columns = columns_of(
        ("customers", _("Smallest customers"), TEXT),
        ("orders", _("Share of the orders"), PERCENT),
        ("even", _("If all ordered alike"), PERCENT),
    )
    rows: list[list[Any]] = [list(row) for row in zip(shares, found.curve, even, strict=True)]
    series = [
        Series(_("Share of the orders"), found.curve, PERCENT, line=True, column="orders"),
        Series(_("If all ordered alike"), even, PERCENT, line=True, column="even"),
    ]
    label = _("Concentration curve")
    return ReportTable("curve", label, columns, rows if found.number else [], None, Chart(label, shares, series))
