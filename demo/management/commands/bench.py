from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from demo.bench.measure import table
from demo.bench.run import bench


class Command(BaseCommand):
    help = "Measure the product on demo data in a separate database; print a Markdown table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, nargs="+", default=[4_000, 100_000], help="sizes to measure")
        parser.add_argument("--rounds", type=int, default=20, help="times each request is made (default 20)")
        parser.add_argument("--import-rows", type=int, default=2_000, help="rows of the import; 0 leaves it out")
        parser.add_argument("--only", default="", help="a part of the names of the cases to measure")
        parser.add_argument("--keep", action="store_true", help="keep the databases and use them again next time")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()

        def say(text: str) -> None:
            self.stderr.write(f"{time.monotonic() - began:6.0f} s  {text}")

        results = bench(
            options["customers"],
            rounds=options["rounds"],
            import_rows=options["import_rows"],
            keep=options["keep"],
            only=options["only"],
            say=say,
        )
        self.stdout.write(table(list(results)))
