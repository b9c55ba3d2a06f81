from __future__ import annotations

from typing import Any

from core import clock
from core.commands import DatedCommand
from segmentation.criteria.nightly import criteria_nightly


class Command(DatedCommand):
    help = "Evaluate the segmentation criteria in force at the end of the day (today, or --today)."

    def handle(self, *args: Any, **options: Any) -> None:
        for code, done in criteria_nightly(clock.today()).items():
            self.stdout.write(f"{code}: {done.written:,} evaluations written, {done.moved:,} customers moved.")
