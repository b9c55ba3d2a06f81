"""The statements of an undo: records that the import made are removed, changed ones get their former values back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, OuterRef, Subquery
from django.utils.dateparse import parse_datetime

from activities.log.models import Activity
from activities.log.models import StatusChange as ActivityStatusChange
from core import clock
from customers.models import Customer
from imports.models import RowAssignment
from imports.undo.items import SILENT, Item, columns_of, pk_column, quoted
from imports.undo.plan import Plan
from offers.offers.models import Offer, OfferStatusChange, OutsideNumber


def write(plan: Plan) -> None:
    """Take back what is planned, with a few statements for each table, and refresh the figures of the customers.

    What was made is removed first: it may hold a name, number or period that the former record needs. Nothing is
    cascaded: a record that somebody has meanwhile referred to raises ``IntegrityError`` when the constraints are
    checked.
    """
    items = plan.done
    _restore_outside(items)
    _remove_followers(plan)
    for model in reversed(plan.undoing.models):
        own = [item for item in items if item.model is model]
        _remove(model, [item.pk for item in own if item.is_made])
        _restore(model, [item.before.id for item in own if item.is_changed and item.before])
        _add_again(model, [item.before.id for item in own if item.is_removed and item.before])
    _refresh(plan)


def check_constraints() -> None:
    """Raise ``IntegrityError`` now, not at the end of the transaction, if something refers to what was removed."""
    _execute("SET CONSTRAINTS ALL IMMEDIATE", None)
    _execute("SET CONSTRAINTS ALL DEFERRED", None)


def _remove(model: type[Model], ids: Sequence[int]) -> None:
    if ids:
        _execute(f"DELETE FROM {quoted(model._meta.db_table)} WHERE {quoted(pk_column(model))} = ANY(%s)", [list(ids)])  # noqa: S608


def _restore(model: type[Model], event_ids: Sequence[int]) -> None:
    """Write the content of these events to their records, as a new version."""
    if not event_ids:
        return
    pk, own = pk_column(model), {field.column for field in model._meta.concrete_fields}
    written = [column for column in columns_of(model) if column != pk and column not in SILENT]
    sets = [f"{quoted(column)} = e.{quoted(column)}" for column in written]
    sets += ["version = t.version + 1"] if "version" in own else []
    sets += ["updated_at = %(now)s"] if "updated_at" in own else []
    sql = f"""
        UPDATE {quoted(model._meta.db_table)} t SET {", ".join(sets)}
        FROM {_events(model)} e WHERE e.pgh_id = ANY(%(ids)s) AND t.{quoted(pk)} = e.pgh_obj_id
    """  # noqa: S608
    _execute(sql, {"ids": list(event_ids), "now": clock.now()})


def _add_again(model: type[Model], event_ids: Sequence[int]) -> None:
    """Add the records of these events with their former ids."""
    if not event_ids:
        return
    columns = ", ".join(quoted(column) for column in columns_of(model))
    sql = f"""
        INSERT INTO {quoted(model._meta.db_table)} ({columns})
        SELECT {columns} FROM {_events(model)} WHERE pgh_id = ANY(%s)
    """  # noqa: S608
    _execute(sql, [list(event_ids)])


def _events(model: type[Model]) -> str:
    return quoted(model.pgh_event_model._meta.db_table)  # type: ignore[attr-defined]


def _execute(sql: str, params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _remove_followers(plan: Plan) -> None:
    """Remove the records without a history that belong to those that go."""
    made = _ids(item for item in plan.done if item.is_made)
    RowAssignment.objects.filter(customer__in=made[Customer]).update(customer=None)
    for follower in plan.undoing.followers:
        rows = follower.model._base_manager.filter(**{f"{follower.field}__in": made[follower.of]})
        rows._raw_delete(rows.db)


def _ids(items: Iterable[Item]) -> dict[type[Model], list[int]]:
    ids: dict[type[Model], list[int]] = defaultdict(list)
    for item in items:
        ids[item.model].append(item.pk)
    return ids


def _restore_outside(items: Sequence[Item]) -> None:
    """Take back what the import of offers writes without a history: numbers in the other system, changes of status."""
    made = _ids(item for item in items if item.is_made)
    moved = OutsideNumber.objects.filter(offer__in=made[Offer], offer__came_from__isnull=False)
    moved.exclude(offer__came_from__in=made[Activity]).update(lead=_came_from(), offer=None)
    for item in items:
        if item.is_changed and item.model is Offer:
            _remove_change(OfferStatusChange, "offer", item, "status_since")
        elif item.is_changed and item.model is Activity:
            _remove_change(ActivityStatusChange, "activity", item, "closed_at")


def _came_from() -> Any:
    return Subquery(Offer.objects.filter(pk=OuterRef("offer")).values("came_from")[:1])


def _remove_change(model: Any, field: str, item: Item, moment: str) -> None:
    """Remove the change of status that the import wrote beside the record, if it changed the status."""
    last, before = item.last.content, item.before.content if item.before else {}
    at = parse_datetime(last.get(moment) or "")
    if last.get("status") != before.get("status") and at:
        model.objects.filter(
            **{field: item.pk}, from_status=before.get("status"), to_status=last["status"], at=at
        ).delete()


def _refresh(plan: Plan) -> None:
    """Refresh the figures of the customers that the records belong to, or are."""
    ids: set[int] = set()
    for item in plan.done:
        events = [item.last, *([item.before] if item.before else [])]
        ids |= {event.content["customer_id"] for event in events if event.content.get("customer_id")}
        ids |= {item.pk} if item.model is Customer else set()
    for refresh in plan.undoing.refreshes:
        refresh(ids)
