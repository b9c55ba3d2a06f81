"""The SQL that computes metrics: one statement for a batch of customers, with one GROUP BY for each source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from core.metrics import MONTHS, NAME, Metric, Missing, Unit, since, sources

#: PostgreSQL takes at most a hundred arguments of a function.
PAIRS = 45
BY_RANGE, BY_IDS = "BETWEEN %(first)s AND %(last)s", "= ANY(%(ids)s)"


def parameters(day: dt.date) -> dict[str, Any]:
    """Return what the SQL of metrics may name, for the figures at the end of ``day``."""
    values: dict[str, Any] = {"day": day, "zone": str(timezone.get_default_timezone())}
    values["day_end"] = _start(day + dt.timedelta(days=1))
    for months in MONTHS:
        last_before = since(day, months)
        values[f"since_{months}"] = last_before
        values[f"from_{months}"] = _start(last_before + dt.timedelta(days=1))
    return values


def _start(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


def fresh_sql(metrics: Mapping[str, Metric], customers: str) -> str:
    """Return the common tables that end in ``fresh``: the customers' ids and their ``values``.

    ``customers`` is :data:`BY_RANGE` or :data:`BY_IDS`.
    """
    every = list(metrics.values())
    named = [name for name in sources() if any(metric.source == name for metric in every)]
    tables = [_source_sql(name, [one for one in every if one.source == name], customers) for name in named]
    joins = "".join(f"\n        LEFT JOIN of_{name} ON of_{name}.customer_id = base.id" for name in named)
    columns = [f"{_base_sql(metric)} AS {metric.code}" for metric in every if metric.source]
    pairs = [f"'{metric.code}', {_kept_sql(metric, metrics)}" for metric in every if not metric.is_helper]
    objects = " || ".join(
        f"jsonb_build_object({', '.join(pairs[first : first + PAIRS])})" for first in range(0, len(pairs), PAIRS)
    )
    return f"""{_joined(tables)}
    figures AS (
        SELECT base.id AS customer_id, {", ".join(columns)}
        FROM customers_customer base{joins}
        WHERE base.id {customers}
    ),
    fresh AS MATERIALIZED (SELECT customer_id, jsonb_strip_nulls({objects}) AS figures FROM figures)"""  # noqa: S608


def _joined(tables: Iterable[str]) -> str:
    return "".join(f"{table},\n    " for table in tables)


def _source_sql(name: str, metrics: Iterable[Metric], customers: str) -> str:
    source = sources()[name]
    columns = ", ".join(f"{metric.sql} AS {metric.code}" for metric in metrics)
    where = f"{source.customer} {customers}" + (f" AND {source.where}" if source.where else "")
    group = "" if source.is_single else " GROUP BY 1"
    return (
        f"of_{name} AS MATERIALIZED (SELECT {source.customer} AS customer_id, {columns} FROM {source.rows}"  # noqa: S608
        f" WHERE {where}{group})"
    )


def _base_sql(metric: Metric) -> str:
    """Return the value of a source's metric: what no data means where the source has no row."""
    column = f"of_{metric.source}.{metric.code}"
    if metric.missing == Missing.UNKNOWN:
        return column
    return f"coalesce({column}, {'false' if metric.unit == Unit.YES else '0'})"


def _kept_sql(metric: Metric, by_code: Mapping[str, Metric]) -> str:
    value = f"({_expanded(metric, by_code)})"
    if metric.unit == Unit.YES:
        return f"{value}::boolean::int"
    return f"trim_scale(round({value}::numeric, {metric.unit.digits}))"


def _expanded(metric: Metric, by_code: Mapping[str, Metric]) -> str:
    """Return the expression of a metric over the columns of ``figures``, with derived ones in their place."""
    if metric.source:
        return metric.code
    return NAME.sub(lambda found: f"({_expanded(by_code[found[1]], by_code)})", metric.sql)


#: Writes the figures that differ and begins rows of their history. It returns the rows that were the present ones of
#: figures that differ, and in a row without a code how many customers changed. Each is looked up by itself: no
#: statistics tell how many figures differ.
WRITE = """
WITH {fresh},
    diff AS MATERIALIZED (
        SELECT fresh.customer_id, fresh.figures AS new, coalesce(kept."values", '{{}}') AS old,
            kept.customer_id IS NOT NULL AS is_known
        FROM fresh LEFT JOIN metrics_customermetrics kept ON kept.customer_id = fresh.customer_id
        WHERE {may_write} kept."values" IS DISTINCT FROM fresh.figures
    ),
    written AS (
        INSERT INTO metrics_customermetrics (customer_id, "values", computed_at, since)
        SELECT customer_id, new, %(now)s, %(month)s FROM diff
        ON CONFLICT (customer_id) DO UPDATE SET "values" = excluded."values", computed_at = excluded.computed_at
        RETURNING customer_id
    ),
    changes AS MATERIALIZED (
        SELECT diff.customer_id, pair.code, open.from_month,
            CASE WHEN NOT (pair.code = ANY(%(zeros)s) AND pair.new = '0') THEN pair.new::numeric END AS value
        FROM diff CROSS JOIN LATERAL (
            SELECT key AS code, n.value AS new, o.value AS old
            FROM jsonb_each(diff.new) n FULL JOIN jsonb_each(diff.old) o USING (key)
        ) pair LEFT JOIN LATERAL (
            SELECT h.from_month FROM metrics_metrichistory h
            WHERE diff.is_known AND h.customer_id = diff.customer_id AND h.code = pair.code AND h.to_month IS NULL
            ORDER BY h.from_month DESC LIMIT 1
        ) open ON true
        WHERE pair.new IS DISTINCT FROM pair.old AND pair.code <> ALL(%(fleeting)s)
    ),
    added AS (
        INSERT INTO metrics_metrichistory (customer_id, code, from_month, value)
        SELECT customer_id, code, %(month)s, value FROM changes
        WHERE value IS NOT NULL AND (from_month IS NULL OR from_month < %(month)s)
        ON CONFLICT (customer_id, code, from_month) DO UPDATE SET value = excluded.value, to_month = NULL
    )
SELECT customer_id, code, from_month, value FROM changes WHERE from_month <= %(month)s
UNION ALL SELECT count(*), NULL, NULL, NULL FROM written
"""
_ROWS = "unnest(%(customers)s::bigint[], %(codes)s::text[], %(months)s::date[], %(values)s::numeric[])"
_SAME = """h.customer_id = x.customer_id AND h.code = x.code AND h.from_month = x.from_month
    AND h.customer_id BETWEEN %(lowest)s AND %(highest)s"""
#: Ends rows of earlier months; changes or takes away those that began in the month itself.
END_ROWS = (
    f"""UPDATE metrics_metrichistory h SET to_month = %(last_month)s
        FROM {_ROWS} x (customer_id, code, from_month, value) WHERE {_SAME} AND x.from_month < %(month)s""",  # noqa: S608
    f"""UPDATE metrics_metrichistory h SET value = x.value
        FROM {_ROWS} x (customer_id, code, from_month, value)
        WHERE {_SAME} AND h.from_month = %(month)s AND x.value IS NOT NULL""",  # noqa: S608
    f"""DELETE FROM metrics_metrichistory h USING {_ROWS} x (customer_id, code, from_month, value)
        WHERE {_SAME} AND h.from_month = %(month)s AND x.value IS NULL""",  # noqa: S608
)


def write_sql(metrics: Mapping[str, Metric], customers: str, *, only_older: bool) -> str:
    """Return the statement that computes and writes the metrics of a batch (:data:`WRITE`).

    With ``only_older`` it leaves alone what was computed after the evaluated day.
    """
    may_write = "(kept.customer_id IS NULL OR kept.computed_at < %(day_end)s) AND" if only_older else ""
    return WRITE.format(fresh=fresh_sql(metrics, customers), may_write=may_write)
