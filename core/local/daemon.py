"""Keeps one service running for as long as some process holds a lease on it, then stops it.

It runs as a separate script and needs only the standard library, so that it starts in milliseconds. The first
process that needs the service starts the daemon; the daemon outlives it when others still use the service. Leases are
shared file locks: a user that is killed loses its lease, so nothing is left running behind a ``kill -9``.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from typing import Any

WAKING = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
POLL_SECONDS = 0.5
QUICK_DEATH_SECONDS = 5
QUICK_DEATHS_ALLOWED = 3
PR_SET_PDEATHSIG = 1


def main(spec: dict[str, Any]) -> int:
    """Become a daemon that holds its lock file; return 1 when the service does not stay up."""
    lock = os.open(spec["lock"], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    lease = os.open(spec["lease"], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.fork():
        return 0
    os.setsid()
    os.ftruncate(lock, 0)
    os.write(lock, str(os.getpid()).encode())
    signal.pthread_sigmask(signal.SIG_BLOCK, WAKING)
    return keep(spec, lease)


def keep(spec: dict[str, Any], lease: int) -> int:
    """Run the service, restarting it when it dies, until nobody holds a lease or SIGTERM comes."""
    service, started, quick_deaths = start(spec), time.monotonic(), 0
    while not lease_is_free(lease):
        woken = signal.sigtimedwait(WAKING, POLL_SECONDS)
        if woken and woken.si_signo != signal.SIGCHLD:
            break
        if service.poll() is not None:
            quick_deaths = quick_deaths + 1 if time.monotonic() - started < QUICK_DEATH_SECONDS else 0
            if quick_deaths >= QUICK_DEATHS_ALLOWED:
                return 1
            time.sleep(0.2 * quick_deaths)
            service, started = start(spec), time.monotonic()
    stop(service, spec)
    return 0


def start(spec: dict[str, Any]) -> "subprocess.Popen[bytes]":
    """Start the service under its user, tied to this process by the parent-death signal."""
    identity = {"user": spec["uid"], "group": spec["gid"], "extra_groups": []} if spec["uid"] is not None else {}
    with open(spec["log"], "ab") as log:
        return subprocess.Popen(
            spec["command"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=spec["env"],
            start_new_session=True, preexec_fn=lambda: tie(spec["signal"]), **identity,
        )  # fmt: skip


def tie(death_signal: int) -> None:
    """In the child: ask the kernel to stop it when the daemon dies, and let all signals through again."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKING)
    with contextlib.suppress(OSError, AttributeError):  # Linux only; elsewhere the next start cleans up
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)


def lease_is_free(lease: int) -> bool:
    """Return whether no process uses the service; if so, keep newcomers waiting until the service has stopped."""
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop(service: "subprocess.Popen[bytes]", spec: dict[str, Any]) -> None:
    """Stop the service as gently as time allows."""
    for number, seconds in ((spec["signal"], 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if service.poll() is not None:
            return
        service.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.wait(seconds)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
