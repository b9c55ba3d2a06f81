"""Default data: the perspectives of scorecards. People change them."""

from __future__ import annotations

from collections.abc import Callable

from careplans.scorecards.models import Perspective
from core.defaults import load_list


def load_perspectives() -> None:
    load_list("perspectives", Perspective)


SETS: dict[str, Callable[[], None]] = {"perspectives": load_perspectives}
