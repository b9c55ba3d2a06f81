from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import api_token_create


class Command(BaseCommand):
    help = "Make an API key for a user and print it, this once. Only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what uses the key")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.active().by_username(options["username"]).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']}.")
        _token, key = api_token_create(user=user, name=options["name"][:100])
        self.stdout.write(key)
