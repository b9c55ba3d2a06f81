from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from core.commands import DatedCommand
from core.exceptions import BusinessRuleError
from customers.models import Customer
from demo.services import demo_load
from segmentation.schemes.services.sets import SCHEME_SETS


class Command(DatedCommand):
    help = "Load a made-up organisation with users, customers, contacts and three years of activities (DEMO=1 only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=4_000, help="how many (default 4000)")
        parser.add_argument("--seed", type=int, default=1, help="another number gives other data (default 1)")
        parser.add_argument("--set", choices=list(SCHEME_SETS), default="", help="segment by this set of schemes")
        parser.add_argument("--only-empty", action="store_true", help="do nothing where there are customers already")
        parser.add_argument("--force", action="store_true", help="also beside customers of your own")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()

        def say(text: str) -> None:
            if options["verbosity"]:
                self.stdout.write(f"{time.monotonic() - began:6.1f} s  {text}")

        if options["customers"] < 1:
            raise CommandError("--customers must be at least 1.")
        if options["only_empty"]:
            if Customer.objects.exists():
                return
            self.stderr.write("Loading the demo data (once) …")
        try:
            demo_load(
                customers=options["customers"],
                seed=options["seed"],
                scheme_set=options["set"],
                force=options["force"],
                say=say,
            )
        except BusinessRuleError as error:
            raise CommandError(str(error)) from error
        say("done")
