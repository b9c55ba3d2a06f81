"""What other parts of the program follow absences for.

An app declares in its ``registrations``::

    ABSENCE_FOLLOWERS = (plans_look_again,)  # (absences) in the transaction that changes them, as they were and are
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.registry import declared

if TYPE_CHECKING:
    from careplans.work.models import Absence


def absences_changed(absences: Sequence[Absence]) -> None:
    """Let others know that people are away on other days than before."""
    for follower in declared("ABSENCE_FOLLOWERS"):
        follower(absences)
