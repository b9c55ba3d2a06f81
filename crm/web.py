"""The web server, ``python -m crm.web``: processes of waitress that share one listening socket.

waitress reads a whole request before a thread gets it, and keeps an answer until the client has taken it: slow clients
hold no threads. A large body is refused by its announced length, before it is read.
"""

from __future__ import annotations

import copy
import ctypes
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import cache
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server

from crm import env

#: What somebody may send who names no session and no API token.
SIGNED_OUT_BYTES = 64 * 1024
#: The longest head of a request, as in ``deploy/nginx.conf`` (of which a quarter is the most for an address): a page
#: repeats its address in each of its links.
HEAD_BYTES = 64 * 1024
#: Above this nothing is read at all; below it ``core.middleware.BodySizeMiddleware`` answers in the user's language.
MOST_BYTES = 2 * max(env.UPLOAD_MAX_MB, env.IMPORT_MAX_MB, env.EMAIL_MAX_MB) * 1024 * 1024
SETTINGS: dict[str, Any] = {
    "threads": env.WEB_THREADS,
    "max_request_header_size": HEAD_BYTES,
    "max_request_body_size": MOST_BYTES,
    "connection_limit": 1_000,  # of each process: an open connection costs a little memory and no thread
    "channel_timeout": 60,
    "asyncore_use_poll": True,
    "clear_untrusted_proxy_headers": False,  # core.client_ip reads them, of as many proxies as TRUSTED_PROXIES says
    "ident": None,
}
PR_SET_PDEATHSIG = 1


class Parser(HTTPRequestParser):
    """Lowers the limit of the body for a request that names neither a session nor an API token."""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if "AUTHORIZATION" not in self.headers and f"{session_cookie()}=" not in self.headers.get("COOKIE", ""):
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = SIGNED_OUT_BYTES


class Channel(HTTPChannel):
    parser_class = Parser


@cache
def session_cookie() -> str:
    from django.conf import settings

    return settings.SESSION_COOKIE_NAME


def listen() -> socket.socket:
    family = socket.AF_INET6 if ":" in env.BIND else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((env.BIND, env.PORT))
    listener.listen(1_024)
    return listener


def serve(listener: socket.socket) -> None:
    """Answer requests until SIGTERM or SIGINT; what is being answered then is finished."""
    from core.timeouts import limit_statements
    from crm.wsgi import application

    limit_statements()
    server: Any = create_server(application, sockets=[listener], **SETTINGS)
    server.channel_class = Channel
    server.run()


def start_child(listener: socket.socket) -> int:
    """Fork a process that serves and ends with this one; return its id."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        if os.getppid() == parent:
            serve(listener)
        status = 0
    finally:
        os._exit(status)


def main() -> None:
    """Run WEB_WORKERS processes until SIGTERM or SIGINT; replace each that ends before."""
    from django.db import connections

    import crm.wsgi  # noqa: F401 (one copy of the program in memory, and errors at the start end the start)

    connections.close_all()
    listener = listen()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    children = {start_child(listener) for _ in range(env.WEB_WORKERS)}
    try:
        while True:
            ended, _status = os.wait()
            children.discard(ended)
            time.sleep(0.5)
            children.add(start_child(listener))
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        for child in children:
            with suppress(ChildProcessError):
                os.waitpid(child, 0)


if __name__ == "__main__":
    main()
