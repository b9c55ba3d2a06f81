from __future__ import annotations

from typing import Any

from core import clock
from core.commands import DatedCommand
from segmentation.metrics.services.nightly import metrics_nightly


class Command(DatedCommand):
    help = "Compute the metrics of all customers at the end of the day (today, or --today)."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = metrics_nightly(clock.today())
        self.stdout.write(f"Figures of {changed:,} customers have changed.")
