#!/usr/bin/env python
"""Django's command line. Commands that need a database or broker get the private ones where none is configured."""

import os
import sys

# serve sees to the services itself, once it knows that its port is free.
WITHOUT_SERVICES = {
    "serve",
    "makemessages",
    "compilemessages",
    "collectstatic",
    "help",
    "version",
    "--help",
    "--version",
    "-h",
}
ONLY_ON_REQUEST = {"check": "--database"}


def main() -> None:
    """Run the command; end with one sentence where the installation is at fault."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    try:
        run(sys.argv)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from core.local.errors import sentence_for

        sentence = sentence_for(error)
        if not sentence:
            raise
        sys.exit(f"Portaali: {sentence}")


def run(argv: list[str]) -> None:
    """Start what the command needs and run it."""
    from django.core.management import execute_from_command_line

    if needs_services(argv[1:]):
        from core.local.services import ensure_running

        ensure_running()
    execute_from_command_line(argv)


def needs_services(arguments: list[str]) -> bool:
    """Return whether a command line reads or writes the database, as nearly all do."""
    if not arguments or arguments[0] in WITHOUT_SERVICES or "--help" in arguments:
        return False
    option = ONLY_ON_REQUEST.get(arguments[0])
    return not option or any(argument.startswith(option) for argument in arguments)


if __name__ == "__main__":
    main()
