"""Evaluates the version in force for all customers of a scheme, in batches, writing only what differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from core import clock
from core.segments import SET, segments_set
from segmentation.criteria.enums import Outcome
from segmentation.criteria.figures import value_codes
from segmentation.criteria.models import CriteriaVersion, Evaluation
from segmentation.criteria.standing import standing_of
from segmentation.criteria.statement import Standing, Statement, Subject
from segmentation.criteria.store import rules_of_version
from segmentation.criteria.tops import VALUES, cuts_of
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership
from segmentation.schemes.models import Scheme

BATCH = 50_000


@dataclass
class Evaluated:
    """What a run did: how many customers it wrote, and how many an automatic scheme moved."""

    written: int = 0
    moved: int = 0


def day_ended() -> dt.date:
    """Return the last day that is over."""
    return clock.today() - dt.timedelta(days=1)


def statement_of(
    criteria: CriteriaVersion, standing: Standing, values: str = "", *, cut_values: str = VALUES,
    parameters: Mapping[str, Any] | None = None, shows_lapse: bool = False,
) -> Statement:  # fmt: skip
    """Return the statement of a version.

    ``values`` joins other values of metrics than those of now, and ``cut_values`` selects them for the shares of the
    top; both with ``parameters``.
    """
    trees = {rule.segment.pk: rule.tree for rule in rules_of_version(criteria)}
    subjects = [  # a retired segment takes nobody; who is in it stays until an earlier one takes it
        Subject(segment.pk, segment.minimum_days, None if segment.is_retired else trees.get(segment.pk))
        for segment in criteria.scheme.segments.order_by("order", "pk")
    ]
    return Statement(
        criteria=criteria.pk,
        subjects=subjects,
        minimum_known=criteria.scheme.minimum_known,
        standing=standing,
        cuts=cuts_of(trees.values(), cut_values, parameters),
        hidden=hidden_from(criteria.scheme),
        values=values,
        parameters=parameters or {},
        shows_lapse=shows_lapse,
    )


def hidden_from(scheme: Scheme) -> frozenset[str]:
    """Return the metrics that the scheme may not use."""
    return frozenset() if scheme.is_steered_by_value else value_codes()


def batches(size: int = BATCH) -> Iterator[tuple[int, int]]:
    """Yield the first and the last id of consecutive ranges of customers."""
    first = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT max(id) FROM (SELECT id FROM customers_customer WHERE id >= %s ORDER BY id LIMIT %s) ids",
                [first, size],
            )
            last = cursor.fetchone()[0]
            if last is None:
                return
            yield first, last
            first = last + 1


def scheme_evaluate(
    *, scheme: Scheme, day: dt.date, progress: Callable[[int], None] = lambda _done: None, size: int = BATCH
) -> Evaluated | None:
    """Evaluate the version in force at the end of ``day``; return None when the scheme has none.

    Each batch is one transaction; a run that stopped is repeated as a whole. An automatic scheme moves its customers.
    """
    criteria = CriteriaVersion.objects.in_force().filter(scheme=scheme).select_related("scheme").first()
    if criteria is None:
        return None
    statement = statement_of(criteria, standing_of(scheme.pk, day), shows_lapse=True)
    done = Evaluated()
    for first, last in batches(size):
        with transaction.atomic():
            _one_at_a_time(scheme)
            done.written += _write(statement, criteria, day, first, last)
            if scheme.is_automatic:
                done.moved += _move(criteria, first, last)
        progress(last)
    return done


def _one_at_a_time(scheme: Scheme) -> None:
    """Let two runs of a scheme take turns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('criteria'), %s)", [scheme.pk])


WRITE = """
INSERT INTO criteria_evaluation
    (scheme_id, customer_id, segment_id, since, known_share, outcome, reasons, criteria_id, day, is_suggestion)
SELECT %(scheme)s, n.customer_id, n.segment, n.since, floor(n.share), n.outcome, n.reasons, %(criteria)s, %(day)s,
    {suggests}
FROM ({rows}) n
LEFT JOIN criteria_evaluation o ON o.customer_id = n.customer_id AND o.scheme_id = %(scheme)s
WHERE o.id IS NULL OR (o.segment_id, o.since, o.known_share, o.outcome, o.reasons, o.criteria_id, o.is_suggestion)
    IS DISTINCT FROM (n.segment, n.since, floor(n.share), n.outcome, n.reasons, %(criteria)s, {suggests})
ON CONFLICT (scheme_id, customer_id) DO UPDATE SET segment_id = EXCLUDED.segment_id, since = EXCLUDED.since,
    known_share = EXCLUDED.known_share, outcome = EXCLUDED.outcome, reasons = EXCLUDED.reasons,
    criteria_id = EXCLUDED.criteria_id, day = EXCLUDED.day, is_suggestion = EXCLUDED.is_suggestion
"""
SUGGESTS = "(n.segment IS NOT NULL AND n.outcome <> 'share' AND n.segment IS DISTINCT FROM n.member)"


def _write(statement: Statement, criteria: CriteriaVersion, day: dt.date, first: int, last: int) -> int:
    """Write the evaluations of a range of customers that differ; those of inactive ones are removed."""
    suggests = "false" if criteria.scheme.is_automatic else SUGGESTS
    with connection.cursor() as cursor:
        cursor.execute(WRITE.format(rows=statement.sql, suggests=suggests), statement.parameters(day, first, last))
        written = cursor.rowcount
        cursor.execute(
            "DELETE FROM criteria_evaluation e USING customers_customer c WHERE e.customer_id = c.id "
            "AND e.scheme_id = %s AND c.id BETWEEN %s AND %s AND c.state <> 'active'",
            [criteria.scheme_id, first, last],
        )
    return int(written)


def _move(criteria: CriteriaVersion, first: int, last: int) -> int:
    """Let the evaluations of an automatic scheme take effect; return how many customers moved.

    A segment that needs approval is proposed, and a full one takes nobody, as by any other way in.
    """
    rows = Evaluation.objects.filter(scheme=criteria.scheme_id, customer__gte=first, customer__lte=last)
    held = Membership.objects.present().filter(
        scheme=criteria.scheme_id, customer=OuterRef("customer"), segment=OuterRef("segment")
    )
    rows = rows.filter(segment__isnull=False).exclude(outcome=Outcome.TOO_LITTLE)
    wrong = rows.exclude(Exists(held)).order_by("customer")
    segments = {segment.pk: segment for segment in criteria.scheme.segments.all()}
    wanted = {customer: segments[segment] for customer, segment in wrong.values_list("customer", "segment")}
    moves = segments_set(wanted=wanted, user=None, kind=MoveKind.AUTOMATIC, criteria_version=criteria.number)
    return sum(move.status == SET for move in moves.values())
