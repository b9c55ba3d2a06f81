"""What the undo of an import does beside the history: numbers of another system, changes of status, figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.dateparse import parse_datetime

from activities.log.models import Activity
from activities.log.models import StatusChange as ActivityStatusChange
from core.undo.items import Item
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
