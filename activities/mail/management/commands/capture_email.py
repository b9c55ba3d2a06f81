"""``manage.py capture_email``: import message files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from accounts.models import User
from activities.mail.services.receiving import CAPTURED, INBOX, KNOWN, REFUSED, Origin, message_receive


class Command(BaseCommand):
    help = "Import e-mail messages: .eml files, folders of them, or - for one message on standard input."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE.eml")
        parser.add_argument("--user", default="", help="User name of the owner of these messages.")

    def handle(self, *args: Any, **options: Any) -> None:
        user = _named_user(options["user"])
        counts = dict.fromkeys((CAPTURED, KNOWN, INBOX, REFUSED), 0)
        details = {"command": "capture_email"} | ({"user": user.pk} if user else {})
        with translation.override(user.language if user else "en"), pghistory.context(**details):
            for name, raw in _messages(options["files"]):
                outcome = message_receive(raw, Origin(user=user))
                counts[outcome.kind] += 1
                if outcome.kind in (INBOX, REFUSED):
                    self.stderr.write(f"{name}: {' '.join(outcome.reasons)}")
        sys.stderr.flush()
        self.stdout.write(" ".join(f"{kind}={count}" for kind, count in counts.items()))


def _named_user(username: str) -> User | None:
    if not username:
        return None
    user = User.objects.by_username(username).active().first()
    if user is None:
        raise CommandError(f"There is no active user “{username}”.")
    return user


def _messages(names: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each message; raise if a file is missing before reading the first."""
    paths = [path for name in names for path in _paths(name)]
    for path in paths:
        yield str(path or "-"), _read(path)


def _paths(name: str) -> list[Path | None]:
    """Return the files that an argument names; None means standard input."""
    path = Path(name)
    if name == "-":
        return [None]
    if path.is_dir():
        return [*sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() == ".eml")]
    if not path.is_file():
        raise CommandError(f"{name}: there is no such file.")
    return [path]


def _read(path: Path | None) -> bytes:
    try:
        return path.read_bytes() if path else sys.stdin.buffer.read()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or 'cannot be read'}.") from None
