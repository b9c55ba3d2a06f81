"""Client that reads a mailbox over IMAP, read-only: it marks and deletes nothing."""

from __future__ import annotations

import datetime as dt
import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _
from imap_tools.imap_utf7 import utf7_encode

from activities.mail.models import Mailbox
from core.exceptions import BusinessRuleError
from core.secrets import UnreadableSecretError, decrypt

TIMEOUT = 30
#: Addresses through which a translator reaches IPv4.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: The timeout of a step when a user waits for the result of a connection test.
SHORT_TIMEOUT = 8
imaplib._MAXLINE = 20_000_000  # type: ignore[attr-defined] # the ids of a large mailbox come on one line
_RECEIVED = re.compile(rb'INTERNALDATE "([^"]{20,30})"')
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_ADDRESS = re.compile(r"[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*")
#: Only letters, digits and what RFC 3501 has in a date; month names may not follow the process's language.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class MailboxError(BusinessRuleError):
    """The mailbox cannot be read; the message is the reason, in words for the user."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


class NotFetchedError(Exception):
    """The server lists a message but does not deliver it."""


@dataclass(frozen=True)
class Fetched:
    """A message from the server; only its headers if it is larger than the limit."""

    uid: int
    raw: bytes
    is_head_only: bool = False
    received_at: dt.datetime | None = None


class Session:
    """An opened folder."""

    def __init__(self, client: imaplib.IMAP4, uid_validity: int) -> None:
        self.client = client
        self.uid_validity = uid_validity

    def uids_after(self, uid: int) -> list[int]:
        """Return the ids of the messages after ``uid``; the server always includes the newest (``*``)."""
        return [newer for newer in self._search(f"UID {uid + 1}:*") if newer > uid]

    def uids_since(self, day: dt.date) -> list[int]:
        return self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}")

    def fetch(self, uid: int) -> Fetched | None:
        """Return a message without marking it as read; None if it no longer exists.

        Raises :class:`NotFetchedError`.
        """
        size, received_at = self._facts(uid)
        if size is None:
            return None
        is_head_only = size > settings.EMAIL_MAX_BYTES
        part = "BODY.PEEK[HEADER]" if is_head_only else "BODY.PEEK[]"
        for item in self._fetch(uid, f"({part})"):
            if isinstance(item, tuple):
                return Fetched(uid, item[1], is_head_only, received_at)
        return None

    def _facts(self, uid: int) -> tuple[int | None, dt.datetime | None]:
        """Return the size of a message and when it came to the server."""
        size: int | None = None
        received_at: dt.datetime | None = None
        for item in self._fetch(uid, "(RFC822.SIZE INTERNALDATE)"):
            line = item[0] if isinstance(item, tuple) else item
            if not isinstance(line, bytes):
                continue
            if match := _SIZE.search(line):
                size = int(match[1])
            if match := _RECEIVED.search(line):
                with suppress(ValueError):
                    received_at = dt.datetime.strptime(match[1].decode().strip(), "%d-%b-%Y %H:%M:%S %z")
        return size, received_at

    def _fetch(self, uid: int, what: str) -> list[bytes | tuple[bytes, bytes] | None]:
        status, data = self.client.uid("FETCH", str(uid), what)
        if status != "OK":
            raise NotFetchedError(str(uid))
        return list(data)

    def _search(self, criterion: str) -> list[int]:
        status, data = self.client.uid("SEARCH", None, criterion)  # type: ignore[arg-type]
        if status != "OK":
            raise MailboxError("imap_search", _("The mail server did not list the messages."))
        return sorted(int(word) for line in data if line for word in line.split() if word.isdigit())


@contextmanager
def opened(mailbox: Mailbox, *, timeout: int = TIMEOUT) -> Iterator[Session]:
    """Sign in and open the folder for reading only. Raises :class:`MailboxError`, in words for the user."""
    client, is_in_order = None, False
    try:
        client = _connect(mailbox, timeout)
        _sign_in(client, mailbox)
        yield Session(client, _open(client, mailbox.folder))
        is_in_order = True
    except MailboxError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise MailboxError("imap_certificate", _("The certificate of %s is not trusted.") % mailbox.host) from error
    except ssl.SSLError as error:
        message = _("%(host)s does not support TLS on port %(port)d.") % {"host": mailbox.host, "port": mailbox.port}
        raise MailboxError("imap_tls", message) from error
    except (OSError, imaplib.IMAP4.abort, EOFError) as error:
        raise unreachable(mailbox) from error
    except (imaplib.IMAP4.error, ValueError) as error:
        answer = " ".join(str(error).split())[:200]
        raise MailboxError("imap_error", _("The mail server answered: %s") % answer) from error
    finally:
        if client is not None:
            with suppress(OSError, imaplib.IMAP4.error):  # an unresponsive server is not waited for
                client.logout() if is_in_order else client.shutdown()


def unreachable(mailbox: Mailbox) -> MailboxError:
    message = _("%(host)s does not respond on port %(port)d.") % {"host": mailbox.host, "port": mailbox.port}
    return MailboxError("imap_unreachable", message)


def check_host(host: str) -> None:
    """Raise ``imap_host`` for an IP address of a private network; host names are checked when connecting."""
    is_address = bool(_ADDRESS.fullmatch(host))
    if not settings.ALLOW_PRIVATE_MAIL_HOSTS and (host == "localhost" or (is_address and not is_public(host))):
        raise MailboxError("imap_host", _("%s is not a public mail server.") % host)


def _connect(mailbox: Mailbox, timeout: int) -> imaplib.IMAP4:
    if mailbox.use_tls:
        return _TlsClient(mailbox.host, mailbox.port, ssl_context=ssl.create_default_context(), timeout=timeout)
    client = _PlainClient(mailbox.host, mailbox.port, timeout=timeout)
    if "STARTTLS" in client.capabilities:
        client.starttls(ssl.create_default_context())
    elif not settings.ALLOW_PRIVATE_MAIL_HOSTS:
        client.shutdown()
        message = _("%s does not offer encryption, so the password is not sent to it.") % mailbox.host
        raise MailboxError("imap_unencrypted", message)
    return client


def _sign_in(client: imaplib.IMAP4, mailbox: Mailbox) -> None:
    try:
        secret = decrypt(mailbox.password)
    except UnreadableSecretError as error:
        message = _("The stored password can no longer be read: enter it again.")
        raise MailboxError("imap_password_lost", message) from error
    try:
        if secret.isascii() and mailbox.username.isascii():
            client.login(mailbox.username, secret)
        else:
            client.authenticate("PLAIN", lambda _given: f"\0{mailbox.username}\0{secret}".encode())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise MailboxError("imap_password", _("The user name or the password is wrong.")) from error


def _open(client: imaplib.IMAP4, folder: str) -> int:
    name = utf7_encode(folder).replace(b"\\", b"\\\\").replace(b'"', b'\\"').decode("ascii")
    status, _data = client.select(f'"{name}"', readonly=True)
    if status != "OK":
        raise MailboxError("imap_folder", _("There is no folder “%s” in the mailbox.") % folder)
    validity = client.response("UIDVALIDITY")[1]
    return int(validity[0]) if validity and validity[0] else 0


class _Guarded:
    """Mixin that connects only to a checked public address and limits the size of answers."""

    host: str
    port: int

    def _checked_socket(self, timeout: float | None) -> socket.socket:
        addresses = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        if not settings.ALLOW_PRIVATE_MAIL_HOSTS and not all(is_public(str(address[4][0])) for address in addresses):
            raise MailboxError("imap_host", _("%s is not a public mail server.") % self.host)
        error: OSError | None = None
        for address in addresses:
            try:
                return socket.create_connection((str(address[4][0]), self.port), timeout)
            except OSError as failed:
                error = failed
        raise error or OSError(self.host)

    def read(self, size: int) -> bytes:
        if size > settings.EMAIL_MAX_BYTES + 1_000_000:
            raise MailboxError("imap_error", _("The mail server sent more than was requested."))
        return super().read(size)  # type: ignore[misc]


class _PlainClient(_Guarded, imaplib.IMAP4):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._checked_socket(timeout)


class _TlsClient(_Guarded, imaplib.IMAP4_SSL):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = self._checked_socket(timeout)
        try:
            return self.ssl_context.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise


def is_public(address: str) -> bool:
    """Return whether an IP address is public."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _embedded(parsed) if isinstance(parsed, ipaddress.IPv6Address) else None
    return all(one.is_global and not one.is_multicast for one in (inner or parsed,))


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that a mapped, NAT64 or 6to4 address leads to."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
