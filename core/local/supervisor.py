"""Runs the processes of one installation side by side: restarts what dies, stops all of them together.

They stop too when ``make``, which started them, is interrupted. Ctrl-C reaches every process of the terminal, a SIGINT
sent to make alone does not: GNU make answers it by waiting for its children; from then on it blocks the signal and no
longer catches it. That is seen from outside, so that ``kill -INT`` on make stops what it started as Ctrl-C does.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.local.daemon import WAKING, tie

STOPPING = WAKING - {signal.SIGCHLD}
SECONDS_TO_STOP = 8.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
LARGEST_LOG = 10_000_000

Say = Callable[[str], None]


@dataclass
class Child:
    """One process that should always run."""

    name: str
    command: list[str]
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    deaths: int = 0
    due: float = 0.0
    started: float = 0.0
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process in its own process group, tied to this one by the parent-death signal."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, preexec_fn=lambda: tie(self.stop_signal),
            )  # fmt: skip
        self.started = time.monotonic()

    def has_died(self) -> bool:
        """Return whether the process was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> str:
        """Plan the next start, later after each consecutive exit; return the message to print."""
        lived = time.monotonic() - self.started
        self.deaths = 1 if lived > STEADY_SECONDS else self.deaths + 1
        pause = min(2.0 ** (self.deaths - 1), LONGEST_PAUSE)
        self.due = time.monotonic() + pause
        code = self.process.returncode if self.process else None
        self.signal(signal.SIGKILL)  # its own children, if any were left
        self.process = None
        return f"{self.name} ended ({_ending(code)}); it starts again in {pause:.0f} s (log: {self.log})"

    def signal(self, number: int) -> None:
        """Send a signal to the process and all its children."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def interrupt(self) -> None:
        """Ask the process itself to end; it ends its own children."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)


class Supervisor:
    """Keeps children running until a stop signal comes. To be used by a process without threads."""

    def __init__(self, children: Sequence[Child], say: Say) -> None:
        self.children, self.say = list(children), say
        self.stopped = False

    def start(self) -> None:
        """Start all children; from here on stop signals wait until ``tick`` takes them."""
        signal.pthread_sigmask(signal.SIG_BLOCK, WAKING)
        for child in self.children:
            child.start()

    def add(self, children: Sequence[Child]) -> None:
        """Start more children."""
        for child in children:
            child.start()
            self.children.append(child)

    def tick(self, seconds: float) -> None:
        """Wait for a signal or so long, then see to the children; notes in ``stopped`` when all must end."""
        woken = signal.sigtimedwait(WAKING, seconds)
        self.stopped = self.stopped or bool(woken and woken.si_signo in STOPPING)
        for child in () if self.stopped else self.children:
            self._see_to(child)

    def _see_to(self, child: Child) -> None:
        if child.has_died():
            self.say(child.bury())
        elif child.process is None and time.monotonic() >= child.due:
            child.start()
        shorten(child.log)

    def stop(self) -> None:
        """End all children: gently at first, by force those that take too long."""
        for child in self.children:
            child.interrupt()
        deadline = time.monotonic() + SECONDS_TO_STOP
        while time.monotonic() < deadline and any(_runs(child) for child in self.children):
            signal.sigtimedwait({signal.SIGCHLD}, 0.1)
        for child in self.children:
            child.signal(signal.SIGKILL)
            if child.process:
                child.process.wait()


def shorten(log: Path) -> None:
    """Keep a log that is being appended to from growing without end: its first part becomes ``*.old.log``."""
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.with_suffix(".old.log").write_bytes(log.read_bytes())
        os.truncate(log, 0)


def _runs(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


_BIT = 1 << (signal.SIGINT - 1)


class Caller:
    """The process that started this one."""

    def __init__(self, pid: int | None = None) -> None:
        self.pid = pid or os.getppid()
        self.catches = self._catches_interrupts()

    def was_interrupted(self) -> bool:
        """Return whether it is a make that caught SIGINT when this process began and has been sent one since."""
        return self.catches and not self._catches_interrupts()

    def _catches_interrupts(self) -> bool:
        try:
            name = Path(f"/proc/{self.pid}/comm").read_text().strip()
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return False
        caught = next((line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), "0")
        return name in {"make", "gmake"} and bool(int(caught, 16) & _BIT)
