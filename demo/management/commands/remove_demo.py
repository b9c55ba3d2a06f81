from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from demo.services import demo_remove


class Command(BaseCommand):
    help = "Remove the demo data and everything that belongs to it; your own customers, users and work stay."

    def handle(self, *args: Any, **options: Any) -> None:
        for table, count in demo_remove().items():
            self.stdout.write(f"{count:>10,}  {table}")
        self.stdout.write("removed")
