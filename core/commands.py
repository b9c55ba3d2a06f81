"""Shared base of management commands."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core import clock


class DatedCommand(BaseCommand):
    """A command with a result that depends on the day: with ``--today 2026-11-28`` it works as of that day."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--today", type=dt.date.fromisoformat, metavar="YYYY-MM-DD", help="the day it is to be")
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        today = options.pop("today", None)
        with clock.frozen(today) if today else nullcontext():
            return super().execute(*args, **options)
