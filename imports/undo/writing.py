"""What the undo of an import does beside the history: numbers of another system, changes of status, figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, OuterRef, Subquery
from django.utils.dateparse import parse_datetime

from activities.log.models import Activity
from activities.log.models import StatusChange as ActivityStatusChange
from core.undo.items import Item, quoted
from core.undo.plan import Plan
from core.undo.writing import ids_by_model, remove_followers, take_back
from customers.models import Customer
from imports.models import RowAssignment
from offers.offers.models import Offer, OfferStatusChange, OutsideNumber


def write(plan: Plan) -> None:
    """Take back what is planned (:func:`take_back`) and refresh the figures of the customers."""
    _restore_outside(plan.done)
    made = ids_by_model(item for item in plan.done if item.is_made)
    RowAssignment.objects.filter(customer__in=made[Customer]).update(customer=None)
    remove_followers(plan)
    take_back(plan)
    _refresh(plan)


def _restore_outside(items: Sequence[Item]) -> None:
    """Take back what the import of offers writes without a history: numbers in the other system, changes of status."""
    made = ids_by_model(item for item in items if item.is_made)
    moved = OutsideNumber.objects.filter(offer__in=made[Offer], offer__came_from__isnull=False)
    moved.exclude(offer__came_from__in=made[Activity]).update(lead=_came_from(), offer=None)
    for model, changes, field, moment in (
        (Offer, OfferStatusChange, "offer_id", "status_since"),
        (Activity, ActivityStatusChange, "activity_id", "closed_at"),
    ):
        _remove_changes(changes, field, [item for item in items if item.is_changed and item.model is model], moment)


def _came_from() -> Any:
    return Subquery(Offer.objects.filter(pk=OuterRef("offer")).values("came_from")[:1])


def _remove_changes(model: type[Model], column: str, items: Iterable[Item], moment: str) -> None:
    """Remove the changes of status that the import wrote beside the records of which it changed the status."""
    written = [change for item in items if (change := _change_of(item, moment))]
    if not written:
        return
    sql = f"""
        DELETE FROM {quoted(model._meta.db_table)} t
        USING unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[]) AS w(id, was, became, at)
        WHERE t.{quoted(column)} = w.id AND t.from_status = w.was AND t.to_status = w.became AND t.at = w.at
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(values) for values in zip(*written, strict=True)])


def _change_of(item: Item, moment: str) -> tuple[int, str, str, dt.datetime] | None:
    """Return the record, its status before and after the import, and when it changed; None if it did not."""
    last, before = item.last.content, item.before.content if item.before else {}
    at = parse_datetime(last.get(moment) or "")
    was, became = before.get("status"), last.get("status")
    return (item.pk, was, became, at) if at and was and became and was != became else None


def _refresh(plan: Plan) -> None:
    """Refresh the figures of the customers that the records belong to, or are."""
    ids: set[int] = set()
    for item in plan.done:
        events = [item.last, *([item.before] if item.before else [])]
        ids |= {event.content["customer_id"] for event in events if event.content.get("customer_id")}
        ids |= {item.pk} if item.model is Customer else set()
    for refresh in plan.undoing.refreshes:
        refresh(ids)
