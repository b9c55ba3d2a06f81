from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from careplans.following.services.checks import sums_mend, sums_wrong


class Command(BaseCommand):
    help = "Compare the sums of care plans with the occurrences; --mend counts them again. Status 1 if they differed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="count all sums again if they differ")

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = sums_mend() if options["mend"] else sums_wrong()
        if wrong:
            text = ", ".join(f"{name} by {number:,}" for name, number in sorted(wrong.items()))
            raise CommandError(f"The sums differ from the occurrences: {text}.")
        self.stdout.write("The sums are those of the occurrences.")
