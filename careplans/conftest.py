"""What holds in every test of care plans."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from careplans.plans.services import stays


@pytest.fixture(autouse=True)
def _found_by_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """The query by which the nightly run finds customers finds just those of which a refresh writes rows."""
    refresh: Callable[..., list[int]] = stays._refresh

    def refresh_checked(ids: list[int], today: dt.date) -> list[int]:
        different = {*stays.stays_different(today)} & {*ids}
        changed = refresh(ids, today)
        is_alone = threading.current_thread() is threading.main_thread()  # another run may have written them meanwhile
        assert different == {*changed} if is_alone else different >= {*changed}
        return changed

    monkeypatch.setattr(stays, "_refresh", refresh_checked)
