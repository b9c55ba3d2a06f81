"""The private Valkey: its directory and its command line."""

import signal
import socket
from pathlib import Path

from core.local import binaries
from core.local.directories import Place
from core.local.unprivileged_user import Account, account_for

NAME = "Valkey"
STOP_SIGNAL = signal.SIGTERM
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def account(place: Place) -> Account:
    """Return the account that the server runs as."""
    return account_for(place.valkey)


def log(place: Place) -> Path:
    """Return the server's log file."""
    return place.logs / "valkey.log"


def command(place: Place, *, throwaway: bool) -> list[str]:
    """Return the server's command line; ``throwaway`` leaves out the file that survives a crash."""
    settings = {
        "port": "0",
        "unixsocket": str(place.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(place.valkey),
        "save": "",
        "appendonly": "no" if throwaway else "yes",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    return [
        str(binaries.valkey_program(place)),
        *(part for key, value in settings.items() for part in (f"--{key}", value)),
    ]


def prepare(place: Place) -> None:
    """Make the data directory; raise LocalServiceError when it is somebody else's."""
    account(place).make_directory(place.valkey)


def is_ready(place: Place) -> bool:
    """Return whether the server answers and has read its data."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        try:
            connection.connect(str(place.valkey_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
