"""Default types of absences."""

from __future__ import annotations

from collections.abc import Callable

from careplans.work.models import AbsenceKind
from core.defaults import load_list


def load_kinds() -> None:
    load_list("absence_kinds", AbsenceKind)


SETS: dict[str, Callable[[], None]] = {"absence_kinds": load_kinds}
