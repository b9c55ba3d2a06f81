"""Background work of following. Each task calls one service and can be repeated safely."""

from __future__ import annotations

from celery import shared_task

from careplans.following.services.places import deleted_forget, places_refresh


@shared_task
def refresh_places() -> None:
    """Note the teams and units of people at the end of the day, and forget what was deleted, every night."""
    places_refresh()
    deleted_forget()
