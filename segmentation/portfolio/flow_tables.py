"""The tables of sizes and moves, the same on screen, in files and in the API."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from offers.sales.charts import Chart, Series
from offers.sales.reports.tables import COUNT, PERCENT, TEXT, ReportColumn, ReportTable, columns_of
from segmentation.portfolio.selectors.flow import Flow, Node
from segmentation.portfolio.selectors.query import GONE, NEW, NONE, FlowQuery
from segmentation.portfolio.selectors.shares import MOST, growing_share, keys_of, retention, sizes_by

#: By dimension: the head of the column, the name of the table, and what there may be none of.
DIMENSION_WORDS: dict[str, tuple[Any, Any, Any]] = {
    "owner": (gettext_lazy("Owner"), gettext_lazy("Sizes by owner"), gettext_lazy("No owner")),
    "group": (gettext_lazy("Group"), gettext_lazy("Sizes by group"), gettext_lazy("No group")),
    "industry": (gettext_lazy("Industry"), gettext_lazy("Sizes by industry"), gettext_lazy("No industry")),
    "municipality": (
        gettext_lazy("Municipality"), gettext_lazy("Sizes by municipality"), gettext_lazy("No municipality"),
    ),
}  # fmt: skip


def part_title(name: str) -> str:
    """Return the name of a table that comes by its own request: a dimension's, or that of growth."""
    return str(DIMENSION_WORDS[name][1]) if name in DIMENSION_WORDS else _("Growth and retention")


def node_label(node: Node) -> str:
    """Return a node in words."""
    if node.segment:
        return f"{node.segment.code} {node.segment.name}"
    words = {
        NONE: pgettext("customers", "Without segment"), NEW: _("New customers"), GONE: _("Left customers"),
    }  # fmt: skip
    return words[node.key]


def customers_url(query: FlowQuery, was: str = "", now: str = "", **more: Any) -> str:
    """Return the list of the customers that a cell of a flow counts."""
    sides = {name: key for name, key in (("was", was), ("now", now)) if key}
    return reverse("portfolio:customers", query=query.address(**sides, **more))


def sizes_table(flow: Flow) -> ReportTable:
    """Return how many customers each segment had on both days, and who came and went."""
    columns = columns_of(
        ("segment", _("Segment"), TEXT),
        ("before", _("At first"), COUNT),
        ("stayed", _("Stayed"), COUNT),
        ("left", _("Moves out"), COUNT),
        ("entered", _("Moves in"), COUNT),
        ("after", _("At last"), COUNT),
        ("change", pgettext("size", "Change"), COUNT),
        ("share", _("Share at last"), PERCENT),
    )
    whole = sum(number for (_was, now), number in flow.cells.items() if now != GONE)
    rows: list[list[Any]] = []
    links = []
    for node in flow.nodes:
        if node.key in (NEW, GONE):
            continue
        before, stayed, after = flow.before(node.key), flow.stayed(node.key), flow.after(node.key)
        share = round(100 * after / whole, 1) if whole else None
        rows.append(
            [node_label(node), before, stayed, before - stayed, after - stayed, after, after - before, share]
        )  # fmt: skip
        links.append(_size_links(flow, node))
    before, after = (sum(row[at] for row in rows) for at in (1, 5))
    total = [_("Customers"), before, None, None, None, after, after - before, 100 if whole else None]
    whole_links = {"before": _all(flow, "was"), "after": _all(flow, "now")}
    chart = Chart(
        _("Customers by segment"),
        [row[0] for row in rows],
        [
            Series(_("At first"), [row[1] for row in rows], column="before"),
            Series(_("At last"), [row[5] for row in rows], column="after"),
        ],
    )
    return ReportTable(
        "sizes", _("Sizes"), columns, rows, total, chart, links=links, total_links=whole_links, is_wide=True
    )


def _size_links(flow: Flow, node: Node) -> dict[str, str]:
    query, key = flow.query, node.key
    others = [one.key for one in flow.nodes if one.key != key]
    links = {
        "before": customers_url(query, was=key),
        "stayed": customers_url(query, key, key),
        "left": _many(query, [key], [other for other in others if other != NEW]),
        "entered": _many(query, [other for other in others if other != GONE], [key]),
        "after": customers_url(query, now=key),
    }
    if node.segment:
        days = {"first": query.first.isoformat(), "last": query.last.isoformat()}
        links["segment"] = reverse("portfolio:segment", args=[node.segment.pk], query=days)
    return links


def _many(query: FlowQuery, was: list[str], now: list[str]) -> str:
    return reverse("portfolio:customers", query=query.address(was=was, now=now))


def _all(flow: Flow, side: str) -> str:
    """Return the list of all customers that were there on a day."""
    away = {"was": NEW, "now": GONE}[side]
    keys = [node.key for node in flow.nodes if node.key not in (NEW, GONE, away)]
    return reverse("portfolio:customers", query=flow.query.address(**{side: keys}))


def moves_table(flow: Flow) -> ReportTable:
    """Return from which node to which customers went, as a matrix with sums that agree with the sizes."""
    right = [node for node in flow.right if flow.after(node.key)]
    columns = [
        ReportColumn("was", _("From ↓ to →"), TEXT),
        *(ReportColumn(f"to_{node.key}", node_label(node), COUNT) for node in right),
        ReportColumn("total", _("Total"), COUNT),
    ]
    rows: list[list[Any]] = []
    links = []
    for node in flow.left:
        if not flow.before(node.key):
            continue
        numbers = [flow.cells.get((node.key, to.key), 0) for to in right]
        rows.append([node_label(node), *numbers, sum(numbers)])
        cells = {f"to_{to.key}": customers_url(flow.query, node.key, to.key) for to in right}
        links.append(cells | {"total": customers_url(flow.query, was=node.key)})
    numbers = [flow.after(node.key) for node in right]
    total = [_("Total"), *numbers, sum(numbers)]
    whole = {f"to_{to.key}": customers_url(flow.query, now=to.key) for to in right}
    return ReportTable(
        "moves", _("Moves between the two days"), columns, rows, total, links=links, total_links=whole, is_wide=True
    )


def by_table(query: FlowQuery, name: str) -> ReportTable:
    """Return the sizes on the last day by owner, group, industry or municipality."""
    parts = sizes_by(query, name)
    segments = {str(one.pk): one for one in query.scheme.segments.order_by("order", "pk")}
    keys = keys_of(parts, list(segments))
    head, label, nobody = DIMENSION_WORDS[name]
    columns = [
        ReportColumn("of", head, TEXT),
        *(ReportColumn(f"in_{key}", node_label(Node(key, segments.get(key))), COUNT) for key in keys),
        ReportColumn("total", _("Total"), COUNT),
    ]
    rows: list[list[Any]] = []
    links = []
    for part in parts:
        rows.append([str(part.of or nobody), *(part.numbers.get(key, 0) for key in keys), part.total])
        own = {name: part.of.pk} if part.of else {"without": name}
        cells = {f"in_{key}": customers_url(query, now=key, **own) for key in keys}
        links.append(
            cells | {"total": reverse("portfolio:customers", query=query.address(now=[*segments, NONE], **own))}
        )
    note = _("The biggest %(count)d.") % {"count": MOST} if len(parts) == MOST else ""
    return ReportTable(f"by_{name}", label, columns, rows, links=links, note=note, is_wide=True)


def growth_table(query: FlowQuery) -> ReportTable:
    """Return the share of growing customers and the retention at both days."""
    columns = columns_of(
        ("figure", _("Figure"), TEXT),
        ("before", _("At first"), PERCENT),
        ("after", _("At last"), PERCENT),
        ("part", _("Customers at last"), COUNT),
        ("whole", _("Of how many"), COUNT),
    )
    growing = [growing_share(query, day) for day in (query.first, query.last)]
    kept = [retention(query, day) for day in (query.first, query.last)]
    rows: list[list[Any]] = [
        [label, before.percent, after.percent, after.part, after.whole]
        for label, (before, after) in ((_("Share of growing customers"), growing), (_("Retention"), kept))
    ]
    note = _(
        "Growing: customers of the segments that count as growing, of all direct customers with a segment. Retention: "
        "of the customers that ordered in the 12 months before the last 12 months, those that ordered in the last 12 "
        "months too."
    )
    return ReportTable("growth", part_title("growth"), columns, rows, note=note)
