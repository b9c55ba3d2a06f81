"""The checklist of the first use: what apps suggest to a new user (``FIRST_STEPS`` of their registrations)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from core.permissions import allowed
from core.registry import declared


@dataclass(frozen=True, kw_only=True)
class FirstStep:
    """Something that a user does once; ``is_done`` reads it from the data. Who may not do it is not asked to."""

    label: Any
    url_name: str
    is_done: Callable[[Any], bool]
    permission: str = ""
    query: str = ""
    dialog: bool = False
    order: int = 100

    @property
    def url(self) -> str:
        return reverse(self.url_name) + (f"?{self.query}" if self.query else "")


def first_steps(user: Any) -> list[tuple[FirstStep, bool]]:
    """Return the steps that the user may take, in order, and whether each is done; one query for each."""
    steps = [step for step in declared("FIRST_STEPS") if not step.permission or allowed(user, step.permission)]
    return [(step, step.is_done(user)) for step in sorted(steps, key=lambda step: step.order)]
