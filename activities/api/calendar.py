"""Endpoints of calendar."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from activities.api.calendar_pages import CalendarViewSet, HoursViewSet


def register(router: SimpleRouter) -> None:
    router.register("calendar", CalendarViewSet, basename="api-calendar")
    router.register("hours", HoursViewSet, basename="api-hours")
