import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.enums import TokenScope
from accounts.models import User
from accounts.services import api_token_create
from core.exceptions import BusinessRuleError


class Command(BaseCommand):
    help = "Make an API key for a user and print it, this once. Only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what uses the key")
        parser.add_argument("--read-only", action="store_true", help="a key that changes nothing")
        parser.add_argument("--until", type=dt.date.fromisoformat, help="the last day it works, as 2027-12-31")
        parser.add_argument("--service", action="store_true", help="stays valid when the user's password is changed")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.active().by_username(options["username"]).first()
        if user is None:
            raise CommandError(f"There is no active user {options['username']}.")
        try:
            _token, key = api_token_create(
                user=user,
                name=options["name"][:100],
                scope=TokenScope.READ if options["read_only"] else TokenScope.WRITE,
                expires_on=options["until"],
                is_service=options["service"],
            )
        except BusinessRuleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(key)
