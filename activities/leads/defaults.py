"""Default data: lead sources and reasons for closing leads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from activities.leads.models import LeadCloseReason, LeadSource
from core.defaults import load_list

SETS: dict[str, Callable[[], None]] = {
    "lead_sources": partial(load_list, "lead_sources", LeadSource),
    "lead_close_reasons": partial(load_list, "lead_close_reasons", LeadCloseReason),
}
