"""The private services, with real PostgreSQL and Valkey."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg2
import pytest

from core.local import postgres, valkey
from core.local.directories import Place, place_of
from core.tests.local.conftest import User, eventually, keeper_pid, kill, query, runs, server_pid

Users = Callable[[], User]


def test_first_user_starts_and_last_user_stops(user: Users, place: Place) -> None:
    first = user().ready()
    second = user().ready()
    pid = server_pid(place)
    first.leave()
    assert postgres.is_ready(place)
    assert valkey.is_ready(place)
    assert server_pid(place) == pid
    second.leave()
    assert not runs(pid)
    assert not valkey.is_ready(place)
    assert not (place.postgres / "postmaster.pid").exists()


def test_two_first_users_at_once_share_one_server(first_user: Users, place: Place) -> None:
    users = [first_user(), first_user(), first_user()]
    for service_user in users:
        service_user.ready()
    assert query(place, "SELECT 1") == [(1,)]


def test_nothing_runs_on_after_the_user_is_killed(user: Users, place: Place) -> None:
    service_user = user().ready()
    pids = [server_pid(place), keeper_pid(place, "postgresql"), keeper_pid(place, "valkey")]
    service_user.kill()
    assert eventually(lambda: not any(runs(pid) for pid in pids))


def test_killed_keeper_takes_its_server_along_and_data_survive(user: Users, place: Place) -> None:
    service_user = user().ready()
    query(place, "CREATE TABLE kept AS SELECT 42 AS number")
    pid = server_pid(place)
    kill(keeper_pid(place, "postgresql"))
    assert eventually(lambda: not runs(pid))
    service_user.leave()
    user().ready()
    assert query(place, "SELECT number FROM kept") == [(42,)]


def test_killed_server_comes_back_with_its_data(user: Users, place: Place) -> None:
    user().ready()
    query(place, "CREATE TABLE kept AS SELECT 42 AS number")
    pid = server_pid(place)
    kill(pid)
    assert eventually(lambda: postgres.is_ready(place) and server_pid(place) != pid)
    assert query(place, "SELECT number FROM kept") == [(42,)]


def test_stale_pid_file_of_a_living_stranger_is_no_obstacle(user: Users, place: Place) -> None:
    user().ready().leave()
    (place.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{place.postgres}\n1\n5432\n\n\n\nready\n")
    user().ready()
    assert query(place, "SELECT 1") == [(1,)]


def test_data_of_another_major_version_is_said_so_and_left_alone(user: Users, place: Place) -> None:
    user().ready().leave()
    (place.postgres / "PG_VERSION").write_text("12\n")
    sentence = user().sentence()
    assert f"The data in {place.postgres} was written by PostgreSQL 12" in sentence
    assert "Traceback" not in sentence
    assert (place.postgres / "PG_VERSION").read_text() == "12\n"


def test_server_that_does_not_stay_up_is_explained(user: Users, place: Place) -> None:
    user().ready().leave()
    (place.postgres / "global" / "pg_control").unlink()
    sentence = user().sentence()
    assert "PostgreSQL did not start: " in sentence
    assert "pg_control" in sentence
    assert "Traceback" not in sentence


def test_servers_are_as_private_as_they_can_be(user: Users, place: Place) -> None:
    user().ready()
    assert Path(f"/proc/{server_pid(place)}").stat().st_uid != 0
    assert place.valkey_socket.stat().st_uid != 0
    assert place.sockets.stat().st_mode & 0o077 == 0
    assert query(place, "SHOW listen_addresses") == [("",)]
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(host=str(place.sockets), port=5432, user="somebody", dbname="portaali")


def test_role_may_make_extensions_and_databases_but_is_no_superuser(user: Users, place: Place) -> None:
    user().ready()
    query(place, "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; CREATE EXTENSION btree_gin")
    assert query(place, "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user") == [(False, True)]


def test_data_lie_where_the_servers_own_account_can_reach_them(first_user: Users, data_dir: Path) -> None:
    data_dir.chmod(0o700)
    place = place_of(data_dir)
    try:
        first_user().ready().leave()
        assert (place.postgres / "PG_VERSION").exists()
        if os.geteuid() == 0:  # the servers run as somebody else
            assert place.root.parent == Path("/var/lib/portaali")
            assert list(data_dir.iterdir()) == []
        else:
            assert place.root == data_dir
    finally:
        if place.root != data_dir:
            shutil.rmtree(place.root)
