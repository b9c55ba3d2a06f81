"""Scheduled tasks of selections; each may safely run twice."""

from __future__ import annotations

from celery import shared_task

from customers.selections.list_conditions import conditions_sweep


@shared_task
def sweep_conditions() -> None:
    """Forget the deeper conditions of lists that no saved view has, every night."""
    conditions_sweep()
