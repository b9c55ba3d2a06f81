from typing import Any

from django.core.management.base import BaseCommand

from core.defaults import load_all


class Command(BaseCommand):
    help = "Load the default data that this database has not had yet (groups, classification tree, activity types)."

    def handle(self, *args: Any, **options: Any) -> None:
        names = load_all()
        self.stdout.write("loaded: " + ", ".join(names) if names else "nothing new")
