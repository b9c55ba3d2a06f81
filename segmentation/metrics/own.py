"""The metrics of this app's own data: the area of customers, own metrics that administrators define."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.metrics import Metric, MetricSource, Missing, Section, Unit
from segmentation.metrics.enums import OwnKind
from segmentation.metrics.models import Area, OwnLevel, OwnMetric

METRIC_SOURCES = (
    MetricSource(
        name="areas",
        label=gettext_lazy("The customer's municipality and the areas that administrators keep"),
        rows="""customers_customer c
            LEFT JOIN metrics_area_municipalities am ON am.municipality_id = c.municipality_id
            LEFT JOIN metrics_area a ON a.id = am.area_id AND a.retired_at IS NULL""",
        customer="c.id",
        where="c.municipality_id IS NOT NULL",
    ),
    MetricSource(
        name="own",
        label=gettext_lazy("Entered on the customer's page or imported"),
        rows="metrics_ownvalue v",
        customer="v.customer_id",
        where="v.given_on <= %(day)s AND (v.replaced_on IS NULL OR v.replaced_on > %(day)s)"
        " AND (v.expires_on IS NULL OR v.expires_on >= %(day)s)",
    ),
)
#: The place of an area among those in use; municipalities without one are in the place after the last.
_PLACE = """(
    SELECT count(*) FROM metrics_area b WHERE b.retired_at IS NULL AND (b."order", b.id) <= (a."order", a.id)
)"""
_COUNT = "(SELECT count(*) FROM metrics_area WHERE retired_at IS NULL)"

AREA = Metric(
    code="area",
    label=gettext_lazy("Area"),
    definition=gettext_lazy("The area of the customer's municipality by distance from us: 1 is the nearest one."),
    source="areas",
    sql=f"coalesce(min({_PLACE}) FILTER (WHERE a.id IS NOT NULL), {_COUNT} + 1)",
    unit=Unit.LEVEL,
    section=Section.SIZE,
    missing=Missing.UNKNOWN,
    order=20,
    is_needed=True,
)
METRICS = (AREA,)


def area_metric() -> Iterator[Metric]:
    """Yield the metric of the area with the names of the areas. One query."""
    names = [area.name for area in Area.objects.filter(retired_at__isnull=True)]

    def words(number: Any) -> str:
        return names[int(number) - 1] if 0 < number <= len(names) else _("elsewhere")

    yield replace(AREA, words=words)


def own_metrics() -> Iterator[Metric]:
    """Yield a metric for each own one that is in use. One query."""
    used = OwnMetric.objects.filter(retired_at__isnull=True).prefetch_related("levels")
    for number, own in enumerate(used):
        yield Metric(
            code=own.metric_code,
            label=own.name,
            definition=own.definition,
            source="own",
            sql=_value_sql(own),
            unit=OwnKind(own.kind).unit,
            section=Section.SOFT if own.is_scale else Section.OWN,
            missing=Missing.UNKNOWN,
            order=number,
            is_value=own.is_value,
            is_needed=own.is_needed,
            keeps_history=own.kind != OwnKind.DAY,
            words=scale_words(list(own.levels.all())) if own.is_scale else None,
        )


def _value_sql(own: OwnMetric) -> str:
    of = f"FILTER (WHERE v.metric_id = {int(own.pk)})"
    if own.kind != OwnKind.DAY:
        value = f"max(v.number) {of}"
        return f"{value} <> 0" if own.kind == OwnKind.YES else value
    age = f"age(%(day)s, max(v.day) {of})"
    return f"extract(year FROM {age}) * 12 + extract(month FROM {age})"


def scale_words(levels: Sequence[OwnLevel]) -> Callable[[Any], str]:
    """Return a function that says what a number of a scale means: its words, or between which it is."""

    def words(number: Any) -> str:
        exact = next((level for level in levels if level.number == number), None)
        if exact:
            return exact.words
        below = next((level for level in reversed(levels) if level.number < number), None)
        above = next((level for level in levels if level.number > number), None)
        if below and above:
            return _("between “%(below)s” and “%(above)s”") % {"below": below.words, "above": above.words}
        return below.words if below else above.words if above else ""

    return words


METRIC_MAKERS = (area_metric, own_metrics)
