"""File locks: they vanish with their process, however it ends, so no lock is ever stale."""

import fcntl
import os
import time
from pathlib import Path

from core.local.errors import LocalServiceError


class FileLock:
    """One ``flock`` on one file, shared or exclusive."""

    def __init__(self, path: Path) -> None:
        """Open the file; raise OSError where that is not possible."""
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def try_lock(self, *, shared: bool = False) -> bool:
        """Take the lock now or return False. A lock held before in the other mode is lost in both cases."""
        try:
            fcntl.flock(self._fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def lock(self, *, shared: bool = False, seconds: float = 60) -> None:
        """Wait for the lock; raise LocalServiceError when somebody holds it too long."""
        deadline = time.monotonic() + seconds
        while not self.try_lock(shared=shared):
            if time.monotonic() > deadline:
                raise LocalServiceError(f"Another process holds {self.path} for more than {seconds:.0f} seconds.")
            time.sleep(0.05)

    def close(self) -> None:
        """Give the lock up."""
        os.close(self._fd)


def is_held(path: Path) -> bool:
    """Return whether some process holds the lock exclusively."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        return not lock.try_lock(shared=True)
    finally:
        lock.close()
