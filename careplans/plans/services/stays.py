"""On which days care models are customers', when customers are inactive, and which plans wait for management.

Set-based and repeatable: a run writes only what differs. Runs at the same time wait for each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from careplans.caremodels.models import CareModel
from careplans.plans.approval_days import needs_record
from careplans.plans.models import ModelStay, ModelTouch
from careplans.plans.plugs import TASK, customers_note, parts
from careplans.plans.stay_steps import DIFFERENT, STEPS
from core import clock
from core.queue import queue_task, send_task
from customers.models import CustomerClassification
from segmentation.membership.models import Membership

#: Customers in one transaction.
BATCH = 5_000
_LOCK = 4_714_002


def stays_queue(customer_ids: Sequence[int]) -> None:
    """Queue the customers that a transaction has changed."""
    customers_note(customer_ids)
    for ids in parts(customer_ids, TASK):
        send_task("careplans.plans.tasks.refresh_stays", ids)


def models_follow(model_ids: Collection[int] | None) -> None:
    """Note and queue the customers of care models, or (None) all: their plans apply in another way from now on."""
    models_note(model_ids)
    queue_task("careplans.plans.tasks.refresh_models")


def models_note(model_ids: Collection[int] | None) -> None:
    """Note models, or (None) all plans, for :func:`models_catch_up`."""
    ModelTouch.objects.bulk_create(ModelTouch(care_model_id=pk) for pk in ([None] if model_ids is None else model_ids))


def plans_follow() -> None:
    """Note and queue all customers."""
    models_follow(None)


def segments_follow(segment_ids: Collection[int]) -> None:
    """Queue the check whether segments need approval in another way from now on."""
    queue_task("careplans.plans.tasks.refresh_needs", list(segment_ids))


@transaction.atomic
def needs_refresh(*, today: dt.date | None = None) -> None:
    """Keep which segments need approval, and queue the customers of those that have changed."""
    switched = needs_record(today or clock.today())
    if switched:
        members = Membership.objects.present().filter(segment__in=switched).values_list("customer", flat=True)
        queued = sorted(set(members))
        transaction.on_commit(lambda: stays_queue(queued))


def stays_refresh(customer_ids: Collection[int] | None = None, *, today: dt.date | None = None) -> int:
    """Bring stays, times of inactivity and waiting approvals up to date, of these customers or (None) of all.

    Return how many rows were written.
    """
    today = today or clock.today()
    needs_refresh(today=today)
    ids = stays_different(today) if customer_ids is None else sorted(set(customer_ids))
    return sum(len(_refresh(batch, today)) for batch in parts(ids, BATCH))


def models_catch_up() -> None:
    """Bring the customers of models that apply in another way up to date, and note them for the next evaluation.

    A run that is killed leaves its notes to the next one.
    """
    touched = dict(ModelTouch.objects.values_list("pk", "care_model"))
    if not touched:
        return
    models = set(touched.values())
    if None in models:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO careplans_caretouch (customer_id) SELECT id FROM customers_customer")
    stays_refresh_models([pk for pk in models if pk is not None])
    ModelTouch.objects.filter(pk__in=list(touched)).delete()


def stays_refresh_models(model_ids: Collection[int]) -> int:
    """Bring the customers up to date that have one of these models, or the segment or class of one, and note them."""
    stays = ModelStay.objects.filter(model__in=model_ids, last__isnull=True).values_list("customer", flat=True)
    members = Membership.objects.filter(segment__care_models__in=model_ids).values_list("customer", flat=True)
    ids = sorted({*stays, *members, *_of_nodes(model_ids)})
    customers_note(ids)
    return stays_refresh(ids)


def _of_nodes(model_ids: Collection[int]) -> Iterator[int]:
    """Yield the customers of the classes of models, and of those below them."""
    models = CareModel.objects.filter(pk__in=model_ids, node__isnull=False)
    for branch, path in models.values_list("node__branch", "node__path"):
        of_node = CustomerClassification.objects.filter(node__branch=branch, node__path__startswith=path)
        yield from of_node.values_list("customer", flat=True)


@transaction.atomic
def _refresh(ids: list[int], today: dt.date) -> list[int]:
    """Refresh a batch of customers; return the customer of each row that was written."""
    values: dict[str, Any] = {"ids": ids, "today": today, "now": clock.now(), "zone": settings.TIME_ZONE}
    changed: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        for sql in STEPS:
            cursor.execute(sql, values)
            changed += (pk for (pk,) in cursor.fetchall())
    customers_note(sorted(set(changed)))
    return changed


def stays_different(today: dt.date) -> list[int]:
    """Return the customers of all of which :func:`stays_refresh` would write anything."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT, {"today": today, "zone": settings.TIME_ZONE})
        return [pk for (pk,) in cursor.fetchall()]
