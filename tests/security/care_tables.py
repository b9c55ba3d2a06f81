"""The tables of all apps of care plans together."""

from __future__ import annotations

from typing import Any

from tests.security import (
    care_table,
    careclock_table,
    carefollow_table,
    careplan_table,
    carework_table,
    content_table,
    scorecards_table,
)

_TABLES = (
    careplan_table,
    content_table,
    care_table,
    carework_table,
    carefollow_table,
    careclock_table,
    scorecards_table,
)
PAGES: dict[str, tuple[str, str]] = {key: row for table in _TABLES for key, row in table.PAGES.items()}
API: dict[str, dict[str, str]] = {key: row for table in _TABLES for key, row in table.API.items()}
KINDS: dict[str, str] = {key: row for table in _TABLES for key, row in table.KINDS.items()}


def care_plan_rows(users: dict[str, Any], customer: Any, contact: Any, text: str) -> dict[str, Any]:
    """Return the rows of all of them about a customer."""
    return {
        **careplan_table.careplan_rows(users, customer, text),
        **content_table.content_rows(users, customer, contact, text),
        **care_table.care_rows(users, text),
        **carework_table.carework_rows(users, customer, text),
        **carefollow_table.carefollow_rows(customer),
        **careclock_table.careclock_rows(users, text),
        **scorecards_table.scorecard_rows(users, customer, text),
    }
