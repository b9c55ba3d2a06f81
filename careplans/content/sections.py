"""Sections of plans by registration: whoever owns the data shows it, here or in another app.

An app declares in its ``registrations``::

    PLAN_SECTIONS = (PlanSection(code="projects", label=_("Development projects"), columns=(…), rows=projects_of),)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from careplans.plans.plan import PlanView, plans_of
from core.registry import declared


@dataclass(frozen=True)
class SectionColumn:
    """A column: its heading, and the text of a row's cell. An internal one is never shown to customers."""

    label: Any
    text: Callable[[Any], Any]
    is_internal: bool = True


@dataclass
class Asked:
    """For which customers, on which day sections are read; their plans are computed once, when a section asks."""

    customers: Sequence[int]
    day: dt.date

    @cached_property
    def plans(self) -> Mapping[int, PlanView]:
        return plans_of(self.customers, self.day)


def by_id(row: Any) -> str:
    return str(row.pk)


@dataclass(frozen=True, kw_only=True)
class PlanSection:
    """A section of plans: ``rows`` returns those of all asked customers in a constant number of queries.

    ``key`` names a row, by which it is found in another version of the plan. ``fault`` says what is wrong with a row.
    ``kind`` names the rows that people add and change on the plan's page; rows of an automatic section come from
    elsewhere.
    """

    code: str
    label: Any
    columns: Sequence[SectionColumn]
    rows: Callable[[Asked], Mapping[int, Collection[Any]]]
    key: Callable[[Any], str] = by_id
    is_automatic: bool = False
    kind: str = ""
    fault: Callable[[Any], str] = field(default=lambda row: "")
    order: int = 100


@cache
def plan_sections() -> Mapping[str, PlanSection]:
    """Return the declared sections by their code, in order."""
    found = sorted(declared("PLAN_SECTIONS"), key=lambda section: section.order)
    return {section.code: section for section in found}
