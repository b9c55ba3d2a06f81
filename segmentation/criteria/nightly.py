"""The nightly run: versions that are due, and the evaluation of every scheme that has criteria."""

from __future__ import annotations

import datetime as dt

import structlog

from segmentation.criteria.evaluation import Evaluated, scheme_evaluate
from segmentation.criteria.services import criteria_begin_due
from segmentation.schemes.models import Scheme

log = structlog.get_logger(__name__)


def criteria_nightly(day: dt.date) -> dict[str, Evaluated]:
    """Evaluate all schemes at the end of ``day``; return what was done by the code of the scheme.

    Versions that are in force from ``day`` or earlier begin before it.
    """
    criteria_begin_due(day)
    done: dict[str, Evaluated] = {}
    for scheme in Scheme.objects.in_use().order_by("order", "pk"):
        found = scheme_evaluate(scheme=scheme, day=day)
        if found is not None:
            done[scheme.code] = found
            log.info("criteria_evaluated", scheme=scheme.code, written=found.written, moved=found.moved)
    return done
