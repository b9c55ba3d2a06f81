"""The tables of the adherence page, for the screen, files and PDF."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from careplans.adherence.figures import Figures
from careplans.following.adherence import Query, figures_by, paces_by, total_of
from careplans.following.enums import GroupBy
from careplans.following.labels import labels_of, links_of, pace_links
from careplans.following.words import DEFINITIONS, PACES
from offers.sales.reports.tables import COUNT, TEXT, WHOLE_PERCENT, ReportColumn, ReportTable

FIGURES = ("planned", "due", "done", "late", "missed", "coming", "already_done", "scheduled")


def _head(query: Query) -> ReportColumn:
    return ReportColumn("name", str(GroupBy(query.by).label).capitalize(), TEXT)


def _values(name: Any, figures: Figures, former: Figures) -> list[Any]:
    return [name, *(getattr(figures, one) for one in FIGURES), figures.adherence, former.adherence]


def _ordered(labels: dict[Any, Any]) -> list[Any]:
    """Return the keys in the order of their names; what is of nobody, or together, comes last."""
    return sorted(
        labels, key=lambda key: (isinstance(labels[key], str) and key in (None, "", "others"), *_rank(labels[key]))
    )


def _rank(label: Any) -> tuple[Any, ...]:
    order = getattr(label, "order", None)
    return (order if isinstance(order, int) else 0, str(label).casefold())


def adherence_table(query: Query) -> ReportTable:
    """Return the figures by row with the total and, beside adherence, that of the period before."""
    found, before = figures_by(query), figures_by(query.former)
    labels = labels_of(query, found)
    keys = _ordered(labels)
    columns = [_head(query), *(ReportColumn(one, DEFINITIONS[one][0], COUNT) for one in FIGURES)]
    columns += [ReportColumn(one, DEFINITIONS[one][0], WHOLE_PERCENT) for one in ("adherence", "former")]
    return ReportTable(
        "adherence",
        _("Adherence"),
        columns,
        [_values(labels[key], found[key], before.get(key, Figures())) for key in keys],
        _values(_("Total"), total_of(found), total_of(before)) if keys else None,
        is_wide=True,
        links=[links_of(query, key) for key in keys],
        total_links=links_of(query, is_total=True),
    )


def paces_table(query: Query) -> ReportTable:
    """Return how many customers are behind, on schedule and ahead by row; in the total each customer is once."""
    found, total = paces_by(query)
    labels = labels_of(query, found)
    columns = [_head(query), *(ReportColumn(name, label, COUNT) for name, (label, _text) in PACES.items())]
    keys = _ordered(labels)
    rows = [[labels[key], *(found[key].get(name, 0) for name in PACES)] for key in keys]
    last = [_("Total"), *(total.get(name, 0) for name in PACES)]
    note = _("A customer of several rows is in each of them, and once in the total.")
    return ReportTable(
        "paces",
        _("Pace by customers"),
        columns,
        rows,
        last if rows else None,
        note=note,
        links=[pace_links(query, key) for key in keys],
        total_links=pace_links(query, is_total=True),
    )
