from __future__ import annotations

from typing import Any

from core.commands import DatedCommand
from segmentation.casework.services.reminders import proposals_remind


class Command(DatedCommand):
    help = "Remind the approvers of proposals of segments that have waited for five working days (today, or --today)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{proposals_remind():,} proposals reminded of.")
