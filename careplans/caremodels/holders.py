"""The present customers of care models, counted by the models that apply and by who holds which role for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from careplans.caremodels.models import CareModel
from customers.models import ClassificationNode

#: A role that several people hold for a customer: their common list.
SEVERAL = 0

_ALIKE = """
WITH applied AS (
    SELECT m.customer_id, a.model FROM membership_membership m
    JOIN unnest(%(segments)s::bigint[], %(segment_models)s::bigint[]) AS a (segment, model) ON a.segment = m.segment_id
    WHERE upper_inf(m.period)
    UNION
    SELECT k.customer_id, a.model FROM customers_customerclassification k
    JOIN unnest(%(nodes)s::bigint[], %(node_models)s::bigint[]) AS a (node, model) ON a.node = k.node_id
), sets AS (
    SELECT p.customer_id, array_agg(p.model ORDER BY p.model) AS models FROM applied p
    JOIN customers_customer c ON c.id = p.customer_id AND c.state = 'active'
    GROUP BY p.customer_id
), held AS (
    SELECT r.customer_id, r.role, CASE WHEN count(DISTINCT u.id) = 1 THEN min(u.id) ELSE 0 END AS holder
    FROM customers_responsibility r JOIN accounts_user u ON u.id = r.user_id AND u.is_active
    WHERE r.start <= %(day)s AND (r."end" IS NULL OR r."end" >= %(day)s)
    GROUP BY r.customer_id, r.role
)
SELECT s.models, owner.holder, deputy.holder, other.holder, count(*) FROM sets s
LEFT JOIN held owner ON owner.customer_id = s.customer_id AND owner.role = 'owner'
LEFT JOIN held deputy ON deputy.customer_id = s.customer_id AND deputy.role = 'deputy'
LEFT JOIN held other ON other.customer_id = s.customer_id AND other.role = 'other'
GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Alike:
    """Customers with the same models and holders: who holds each role, :data:`SEVERAL`, or nobody."""

    models: tuple[int, ...]
    holders: dict[str, int | None]
    count: int


def customers_alike(models: Iterable[CareModel], day: dt.date) -> list[Alike]:
    """Return the active customers of models, counted in one statement; a class has those of its parts too."""
    models = list(models)
    of_segments = [(model.segment_id, model.pk) for model in models if model.segment_id]
    of_nodes = _with_parts([model for model in models if model.node_id])
    about: dict[str, Any] = {
        "segments": [segment for segment, _model in of_segments],
        "segment_models": [model for _segment, model in of_segments],
        "nodes": [node for node, _model in of_nodes],
        "node_models": [model for _node, model in of_nodes],
        "day": day,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ALIKE, about)
        return [
            Alike(tuple(found), {"owner": owner, "deputy": deputy, "other": other}, count)
            for found, owner, deputy, other, count in cursor.fetchall()
        ]


def _with_parts(models: list[CareModel]) -> list[tuple[int, int]]:
    """Return (class, model) for the classes of models and for those below them."""
    if not models:
        return []
    nodes = ClassificationNode.objects.filter(branch__in={model.node.branch_id for model in models if model.node})
    paths = list(nodes.values_list("pk", "path"))
    return [(pk, model.pk) for model in models for pk, path in paths if model.node and path.startswith(model.node.path)]
