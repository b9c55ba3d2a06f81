"""Scheduled tasks of customers; each may safely run twice."""

from __future__ import annotations

from celery import shared_task

from customers.services.ownerless import ownerless_report


@shared_task
def report_ownerless() -> None:
    """Notify the key account managers of customers without an active owner, every night."""
    ownerless_report()
