from __future__ import annotations

import logging
import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.commands import DatedCommand
from demo.bench.cases import aim_of
from demo.bench.kills import measure_kills
from demo.bench.measure import tables
from demo.bench.run import Plan, bench


class Command(DatedCommand):
    help = "Measure the product over HTTP on demo data in a separate database; print Markdown tables."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, nargs="+", default=[4_000, 100_000], help="sizes to measure")
        parser.add_argument("--rounds", type=int, default=20, help="times each request is made (default 20)")
        parser.add_argument("--import-rows", type=int, default=2_000, help="rows of the import; 0 leaves it out")
        parser.add_argument("--only", default="", help="parts of the names of the cases to measure, as a|b")
        parser.add_argument("--kills", type=int, default=0, help="instead: kill processes of a working installation")
        parser.add_argument("--keep", action="store_true", help="keep the databases and use them again next time")
        parser.add_argument("--base", default="", help="measure in this database, which is there and stays")

    def execute(self, *args: Any, **options: Any) -> str | None:
        options["day"] = options.get("today")  # the server needs it too
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["kills"]:
            self.kill(options["kills"])
        else:
            self.measure(**options)

    def kill(self, kills: int) -> None:
        """Print what was lost and doubled; raise CommandError if anything was."""
        if not measure_kills(kills):
            raise CommandError("Something was lost or doubled.")

    def measure(self, **options: Any) -> None:
        for name in ("request", "axes"):
            logging.getLogger(name).setLevel(logging.WARNING)
        began = time.monotonic()

        def say(text: str) -> None:
            self.stderr.write(f"{time.monotonic() - began:6.0f} s  {text}")

        plan = Plan(
            rounds=options["rounds"],
            import_rows=options["import_rows"],
            keep=options["keep"],
            only=options["only"],
            base=options["base"],
            today=str(options["day"] or ""),
        )
        self.stdout.write(tables(bench(options["customers"], plan, say), aim_of))
