import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Role, User
from accounts.services import administrator_save

CODE = "administrator"


class Command(BaseCommand):
    help = (
        "Make the first administrator, or give an existing user administration and a new password. The password is "
        "asked for; where there is no terminal it is the first line of the standard input."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="", help="where links for a forgotten password go")

    def handle(self, *args: Any, **options: Any) -> None:
        group = Role.objects.filter(name=CODE).first()
        if group is None:
            raise CommandError(f"There is no group {CODE}: run manage.py load_defaults first.")
        user = User.objects.by_username(options["username"]).first() or User(username=options["username"])
        user.email = options["email"] or user.email
        try:
            user.clean_fields(exclude=["password"])
            password = new_password()
            validate_password(password, user)
            administrator_save(user=user, group=group, password=password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{user.username} is an administrator and can sign in.")


def new_password() -> str:
    """Return the password typed twice, or the first line of an input that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise CommandError("The passwords differ.")
    return password
