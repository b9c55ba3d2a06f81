"""Background work of the demo data."""

from __future__ import annotations

from celery import shared_task

from demo.services import first_night


@shared_task
def refresh_first_night() -> None:
    """Do what the first night does, right after the demo data is loaded; it may safely run twice."""
    first_night()
