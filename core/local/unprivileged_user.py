"""The unprivileged account that the private services run as when root starts them."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.local.errors import LocalServiceError

CANDIDATES = ("postgres", "nobody", "daemon")


@dataclass(frozen=True)
class Account:
    """Who the services run as; ``uid`` and ``gid`` are None when that is the user who started them."""

    name: str
    uid: int | None
    gid: int | None

    def popen_arguments(self) -> dict[str, Any]:
        """Return what makes ``subprocess`` start a child under this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def make_directory(self, path: Path) -> None:
        """Make a directory that is this account's alone; raise LocalServiceError when somebody else owns it."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None and path.stat().st_uid == 0:
            os.chown(path, self.uid, self.gid or -1)
        if path.stat().st_uid != (os.geteuid() if self.uid is None else self.uid):
            raise LocalServiceError(
                f"{path} belongs to another user: remove it, or set DATA_DIR to a directory of yours."
            )


def account_for(data: Path) -> Account:
    """Return the account that owns ``data``, or for root some unprivileged one; raise LocalServiceError if none."""
    if os.geteuid() != 0:
        return Account(_entry(os.geteuid()).pw_name, None, None)
    owner = data.stat().st_uid if data.exists() else 0
    entry = _entry(owner) if owner else _first_candidate()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise LocalServiceError(
            f"User number {uid} has no name in /etc/passwd, which PostgreSQL needs: add one, or set DATABASE_URL."
        ) from None


def _first_candidate() -> pwd.struct_passwd:
    for name in CANDIDATES:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LocalServiceError("PostgreSQL does not run as root and no unprivileged user was found: set DATABASE_URL.")
