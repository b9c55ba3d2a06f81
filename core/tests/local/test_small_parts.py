"""What the private services are made of, without starting them."""

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from core import testing
from core.local import binaries, postgres, secret_key
from core.local.directories import LONGEST_SOCKET_DIR, Place, celery_url, database_url, place_of
from core.local.errors import LocalServiceError, explain, explain_os_error, sentence_for
from core.local.locks import FileLock, is_held
from crm import env
from manage import needs_services


def test_database_address_survives_the_settings_parser(data_dir: Path) -> None:
    config = env.database(database_url(data_dir / "with space", "some_name"))
    assert config["HOST"] == str(data_dir / "with space" / "run")
    assert (config["NAME"], config["USER"], config["PORT"]) == ("some_name", "portaali", 5432)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("unix:///a/valkey.sock?db=3", "redis+socket:///a/valkey.sock?virtual_host=3"),
        ("redis://cache:6379/1", "redis://cache:6379/1"),
    ],
)
def test_celery_reads_socket_addresses_in_its_own_form(url: str, expected: str) -> None:
    assert celery_url(url) == expected


def test_socket_path_stays_short_however_deep_the_directory(data_dir: Path) -> None:
    deep = place_of(data_dir / ("deep/" * 40))
    assert len(str(deep.sockets)) <= LONGEST_SOCKET_DIR
    assert deep == place_of(data_dir / ("deep/" * 40))
    assert deep.sockets != place_of(data_dir / ("deep/" * 41)).sockets


def test_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = secret_key.make(tmp_path / "new")
    assert len(key) >= 50
    assert secret_key.make(tmp_path / "new") == secret_key.read(tmp_path / "new") == key
    assert stat.S_IMODE((tmp_path / "new" / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["secret-key"]


def test_lock_is_shared_or_exclusive(tmp_path: Path) -> None:
    lock, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert lock.try_lock(shared=True)
    assert other.try_lock(shared=True)
    assert not is_held(tmp_path / "lock")
    assert not lock.try_lock()
    assert other.try_lock()
    assert is_held(tmp_path / "lock")
    other.close()
    assert lock.try_lock()
    lock.close()


def test_second_test_run_gets_a_directory_of_its_own(tmp_path: Path) -> None:
    first, second = testing.free_data_dir(tmp_path), testing.free_data_dir(tmp_path)
    assert (first, second) == (tmp_path / "test", tmp_path / "test-2")


def test_lock_that_never_comes_free_is_said_so(tmp_path: Path) -> None:
    lock, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    lock.lock()
    with pytest.raises(LocalServiceError, match="Another process holds"):
        other.lock(seconds=0.1)
    lock.close()
    other.close()


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("FATAL:  could not write: No space left on device", "The disk is full: PostgreSQL found no room in /data"),
        ("FATAL: could not create shared memory segment: Cannot allocate memory", "There is not enough memory"),
        ("LOG: starting\nFATAL:  bad setting\nLOG: done", "PostgreSQL did not start: FATAL:  bad setting"),
        ("", "PostgreSQL did not start: it said nothing"),
    ],
)  # fmt: skip
def test_failures_are_explained_in_one_sentence(output: str, sentence: str) -> None:
    assert explain("PostgreSQL", output, Path("/data")).startswith(sentence)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (LocalServiceError("This is why."), "This is why."),
        (ImproperlyConfigured("Set\nthis."), "Set this."),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "The disk is full: no room for /data/x"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "Permission denied: /data/x"),
        (ValueError("a defect"), ""),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), ""),
    ],
)
def test_only_faults_of_the_installation_become_sentences(error: Exception, sentence: str) -> None:
    assert sentence_for(error).startswith(sentence)
    assert bool(sentence_for(error)) == bool(sentence)


def test_a_disk_that_fills_while_many_files_are_copied_is_one_sentence() -> None:
    files = [(f"/wheel/{n}", f"/data/{n}", f"[Errno 28] No space left on device: '/wheel/{n}'") for n in range(900)]
    assert explain_os_error(shutil.Error(files)) == (
        "The disk is full: no room for /data/0; free some space and start again."
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("migrate", True), ("check --database default", True), ("shell", True),
        ("check", False), ("help", False), ("", False), ("migrate --help", False), ("collectstatic --noinput", False),
        ("serve", False),
    ],
)  # fmt: skip
def test_commands_that_need_no_database_start_none(line: str, expected: bool) -> None:
    assert needs_services(line.split()) is expected


def test_missing_programs_are_said_so(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_package", lambda name: None)
    monkeypatch.setattr(binaries, "_system_postgres", list)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LocalServiceError, match=r"install .* or set DATABASE_URL"):
        binaries.postgres_programs(place)
    with pytest.raises(LocalServiceError, match=r"install .* or set REDIS_URL"):
        binaries.valkey_program(place)


def test_programs_of_the_system_serve_where_the_wheel_does_not(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("postgres", "initdb", "valkey-server"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setattr(binaries, "_package", lambda name: None)
    monkeypatch.setattr(binaries, "_system_postgres", lambda: [tmp_path])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries.postgres_programs(place) == tmp_path
    assert binaries.valkey_program(place) == tmp_path / "valkey-server"


def test_too_old_postgres_is_refused(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n")
    program.chmod(0o755)
    monkeypatch.setattr(binaries, "postgres_programs", lambda place: tmp_path)
    with pytest.raises(LocalServiceError, match="holds PostgreSQL 13; Portaali needs 15"):
        postgres.prepare(place)


def test_directory_of_somebody_else_is_refused(place: Place) -> None:
    sockets = Path("/usr")  # root's, and so somebody else's for everyone but root
    if os.geteuid() == 0:
        place.postgres.mkdir(parents=True)
        os.chown(place.postgres, 1, 1)
        sockets = place.sockets
        sockets.mkdir()
        os.chown(sockets, 2, 2)
    with pytest.raises(LocalServiceError, match="belongs to another user"):
        postgres.account(place).make_directory(sockets)


@pytest.mark.parametrize(
    ("pages", "limit", "expected"),
    [
        (6 * 1024 * 1024, "max", 6144),  # 24 GiB of 4 kB pages
        (6 * 1024 * 1024, str(4 * 1024**3), 1024),
        (64 * 1024 * 1024, "max", 8192),
        (64 * 1024, "max", 128),
    ],
)
def test_postgresql_keeps_a_quarter_of_the_memory_within_limits(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pages: int, limit: str, expected: int
) -> None:
    found = {"SC_PHYS_PAGES": pages, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(postgres.os, "sysconf", found.__getitem__)
    monkeypatch.setattr(postgres, "MEMORY_LIMITS", (tmp_path / "no_such_file", tmp_path / "memory.max"))
    assert postgres.shared_megabytes() == (expected if limit == "max" else 6144)
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    assert postgres.shared_megabytes() == expected
