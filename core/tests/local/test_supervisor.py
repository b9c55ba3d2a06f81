"""``manage.py serve`` and the supervisor under it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.local import services
from core.local import supervisor as supervisor_module
from core.local.daemon import WAKING
from core.local.directories import Place
from core.local.errors import LocalServiceError
from core.local.supervisor import Caller, Child, Supervisor, shorten
from core.tests.local.conftest import eventually, runs
from crm import env
from crm.management.commands import serve


@pytest.fixture(autouse=True)
def own_signal_mask() -> Iterator[None]:
    """The supervisor blocks signals for its process's whole life; a test has to give them back."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def child(tmp_path: Path, script: str) -> Child:
    return Child(name="child", command=["/bin/sh", "-c", script], log=tmp_path / "child.log")


def test_child_that_dies_is_started_again_later_each_time(tmp_path: Path) -> None:
    messages: list[str] = []
    supervisor = Supervisor([child(tmp_path, "echo alive; exit 3")], messages.append)
    supervisor.start()
    try:
        for _ in range(100):
            supervisor.tick(0.05)
            if len(messages) == 2:
                break
    finally:
        supervisor.stop()
    assert messages[0] == f"child ended (exit code 3); it starts again in 1 s (log: {tmp_path}/child.log)"
    assert "in 2 s" in messages[1]
    assert (tmp_path / "child.log").read_text() == "alive\nalive\n"


def test_stop_signal_is_noted_and_ends_the_children_with_their_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "SECONDS_TO_STOP", 1)
    parent = child(tmp_path, f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/grandchild; wait")
    supervisor = Supervisor([parent], lambda text: None)
    supervisor.start()
    assert eventually((tmp_path / "grandchild").exists)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)  # this thread's: pytest-xdist has others
    supervisor.tick(5)
    assert supervisor.stopped
    supervisor.stop()
    grandchild = int((tmp_path / "grandchild").read_text())
    assert parent.process
    assert parent.process.returncode is not None
    assert eventually(lambda: not runs(grandchild))


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    script = f"""
from pathlib import Path
from core.local.supervisor import Child, Supervisor
command = ["/bin/sh", "-c", "echo $$ > {tmp_path}/pid; exec sleep 60"]
supervisor = Supervisor([Child("child", command, Path("{tmp_path}/child.log"))], print)
supervisor.start()
supervisor.tick(60)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", script], cwd=env.BASE_DIR)
    pid_file = tmp_path / "pid"
    assert eventually(lambda: pid_file.exists() and pid_file.read_text().strip() != "")
    supervisor.kill()
    supervisor.wait()
    assert eventually(lambda: not runs(int(pid_file.read_text())))


def test_long_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * 10_000_001)
    shorten(log)
    assert log.stat().st_size == 0
    assert (tmp_path / "web.old.log").stat().st_size == 10_000_001


def test_second_run_from_one_directory_says_so(place: Place) -> None:
    services.make_directories(place)
    lock = serve.claim(place)
    with pytest.raises(LocalServiceError, match=rf"runs from this data directory already \(process {os.getpid()}, "):
        serve.claim(place)
    lock.close()
    serve.claim(place).close()


def test_taken_port_ends_the_start_before_anything_has_started(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            env={**os.environ, "PORT": str(port), "DATA_DIR": str(data_dir)},
            cwd=env.BASE_DIR, text=True, capture_output=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == f"Portaali: Port {port} cannot be used (Address already in use): set PORT to another.\n"
    assert not (data_dir / "postgres").exists()


def test_signals_that_wake_include_those_that_stop() -> None:
    assert {signal.SIGTERM, signal.SIGINT, signal.SIGHUP} < WAKING


def test_interrupt_sent_to_make_alone_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("run:\n\t@echo running; exec sleep 60\n")
    # Where the tests run in the background SIGINT is ignored, and make would ignore it too.
    command = ["env", "--default-signal=INT", "make", "-C", str(tmp_path)]
    make = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, text=True)
    try:
        assert make.stdout
        while make.stdout.readline() != "running\n":
            pass
        caller = Caller(make.pid)
        assert not caller.was_interrupted()
        make.send_signal(signal.SIGINT)
        assert eventually(caller.was_interrupted)
    finally:
        os.killpg(make.pid, signal.SIGKILL)
        make.communicate()


def test_a_caller_that_is_no_make_never_counts_as_interrupted() -> None:
    assert not Caller(os.getpid()).was_interrupted()


def test_children_added_later_run_and_end_with_the_others(tmp_path: Path) -> None:
    first, second = child(tmp_path, "exec sleep 60"), child(tmp_path, "exec sleep 60")
    supervisor = Supervisor([first], lambda text: None)
    supervisor.start()
    supervisor.add([second])
    supervisor.tick(0.1)
    assert second.process
    assert second.process.poll() is None
    supervisor.stop()
    assert (first.process and first.process.returncode, second.process.returncode) == (-15, -15)
