"""``make`` as the one who called: Ctrl-C reaches every process of the terminal, a SIGINT sent to make alone does not.

GNU make answers SIGINT by waiting for its children; from then on it blocks the signal and no longer catches it. That is
seen from outside, so that ``kill -INT`` on make stops what it started as Ctrl-C does.
"""

import os
import signal
from pathlib import Path

_BIT = 1 << (signal.SIGINT - 1)


class Caller:
    """The process that started this one."""

    def __init__(self, pid: int | None = None) -> None:
        self.pid = pid or os.getppid()
        self.catches = self._catches_interrupts()

    def was_interrupted(self) -> bool:
        """Whether it is a make that caught SIGINT when this process began and has been sent one since."""
        return self.catches and not self._catches_interrupts()

    def _catches_interrupts(self) -> bool:
        try:
            name = Path(f"/proc/{self.pid}/comm").read_text().strip()
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return False
        caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
        return name in {"make", "gmake"} and bool(int(caught, 16) & _BIT)
