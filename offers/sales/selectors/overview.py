"""Sums of the whole pipeline and everyone's targets, kept for a quarter of an hour: start pages show them.

A task computes them every five minutes, so that no page waits for it (``offers.sales.tasks``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from accounts.models import User
from activities.leads.models import Lead
from activities.leads.services import OPEN_STATES
from activities.log.models import Activity
from core import clock
from customers.querysets import of_active
from offers.offers.models import Offer
from offers.sales.models import SalesTarget
from offers.sales.selectors.pipeline import Sums, board_sums, forecast
from offers.sales.selectors.targets import MAX_PEOPLE, Period, Progress, progress_of

PIPELINE, TARGETS, KEPT = "pipeline_overview", "targets_overview", 900
MONTHS = 3


@dataclass(frozen=True)
class Overview:
    """The sums of the open stages by name, those expected in the coming months, and when they were computed."""

    stages: list[tuple[str, Sums]]
    months: list[tuple[dt.date, Sums]]
    at: dt.datetime


def pipeline_overview() -> Overview:
    """Return the kept sums; compute them where there are none."""
    kept: Any = cache.get(PIPELINE)
    return kept if isinstance(kept, Overview) else pipeline_overview_refresh()


def pipeline_overview_refresh() -> Overview:
    """Compute the sums of the undecided offers and open leads of active customers, and keep them."""
    offers = Offer.objects.undecided().filter(customer__state="active")
    open_leads = Lead.objects.filter(state__in=OPEN_STATES).values("activity")
    leads = Activity.objects.filter(pk__in=open_leads, offers__isnull=True).filter(of_active())
    stages = [(column.name, column.sums) for column in board_sums(offers, leads) if not column.is_recent]
    months = [(row.month, row.sums) for row in forecast(offers).rows if row.month][:MONTHS]
    overview = Overview(stages, months, clock.now())
    cache.set(PIPELINE, overview, KEPT)
    return overview


def targets_overview() -> dict[int, list[Progress]]:
    """Return this year's kept progress of each person who has targets, by id; compute it where there is none."""
    kept: Any = cache.get(TARGETS)
    return kept["people"] if kept and kept["day"] == clock.today() else targets_overview_refresh()


def targets_overview_refresh() -> dict[int, list[Progress]]:
    """Compute this year's progress of the active people who have targets, and keep it."""
    today = clock.today()
    having = SalesTarget.objects.filter(user__isnull=False, year=today.year).values("user")
    people = progress_of(list(User.objects.active().filter(pk__in=having)[:MAX_PEOPLE]), Period.of(today))
    found = {person.person.pk: person.rows for person in people}
    cache.set(TARGETS, {"day": today, "people": found}, KEPT)
    return found
