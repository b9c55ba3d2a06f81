"""A real IMAP server for tests: Dovecot with one user and a Maildir in a temporary folder."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "palvelu", "salainen sana ä"
SECONDS_TO_START = 20

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
mail_location = maildir:{folder}/mail
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
first_valid_uid = 0
first_valid_gid = 0
"""


@dataclass
class Dovecot:
    host: str
    port: int
    folder: Path

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        client = imaplib.IMAP4(self.host, self.port, timeout=10)
        client.authenticate("PLAIN", lambda _given: f"\0{USER}\0{PASSWORD}".encode())
        try:
            yield client
        finally:
            client.logout()

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        """Put a message into the mailbox, unread."""
        with self.client() as client:
            assert client.append(folder, "", None, raw)[0] == "OK"  # type: ignore[arg-type]

    def empty(self) -> None:
        with self.client() as client:
            if client.select("INBOX")[1] != [b"0"]:
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()

    def flags(self) -> list[bytes]:
        with self.client() as client:
            client.select("INBOX", readonly=True)
            return [row for row in client.fetch("1:*", "(FLAGS)")[1] if isinstance(row, bytes)]

    def number_anew(self) -> None:
        """Make the server forget its numbers, as after a repair: the same messages get another UIDVALIDITY."""
        time.sleep(1.1)  # UIDVALIDITY is the second in which the mailbox was indexed
        for path in (self.folder / "mail").glob("dovecot*"):
            path.unlink()


def binary() -> str:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """Run Dovecot until the block ends: as an ordinary user with its rights, as root with those of a nobody.

    Its folder is not pytest's, which only root may enter.
    """
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="portaali-dovecot-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _write(folder, port)
        process = subprocess.Popen([binary(), "-F", "-c", str(folder / "dovecot.conf")], stderr=subprocess.DEVNULL)
        try:
            _await(port, process, folder)
            yield Dovecot("127.0.0.1", port, folder)
        finally:
            process.terminate()
            process.wait(20)


def _write(folder: Path, port: int) -> None:
    is_root = os.geteuid() == 0
    account = pwd.getpwnam("nobody" if is_root else getpass.getuser())
    for name in ("run", "state", "mail", "home"):
        (folder / name).mkdir()
    group = grp.getgrgid(account.pw_gid).gr_name
    values = {"folder": folder, "port": port, "user": account.pw_name, "group": group}
    config = _CONFIG.format(uid=account.pw_uid, gid=account.pw_gid, **values)
    (folder / "dovecot.conf").write_text(config)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    if is_root:
        for path in (folder, folder / "mail", folder / "home", folder / "users"):
            os.chown(path, account.pw_uid, account.pw_gid)


def _await(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 1)) as found:
            if found.recv(64):
                return
        time.sleep(0.1)
    log = folder / "dovecot.log"
    raise RuntimeError(f"Dovecot did not start: {log.read_text() if log.exists() else ''}")
