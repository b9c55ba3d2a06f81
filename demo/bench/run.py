"""One size after the other: a database of the bench's own on the same server, demo data, the cases, the import."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings

from accounts.models import User
from core.exceptions import BusinessRuleError
from demo.bench.busy import make_busy, make_many_offers, offer_to_accept
from demo.bench.cases import cases
from demo.bench.measure import Figures, Result, measure, peak_memory, timed
from demo.services import demo_load
from imports.bench import made_up_file, measure_import, measure_offers
from offers.orders.services.orders import offer_accept

Say = Callable[[str], None]
PRESSES = 50
#: From this many customers on, there are so many offers.
LARGE, MANY_OFFERS = 100_000, 1_000_000
IMPORTED_OFFERS = 8_800
ACCEPTANCE = f"Offer: accept, {PRESSES} presses at once"
PLAIN_FILES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


def bench(sizes: Iterable[int], *, rounds: int, import_rows: int, keep: bool, only: str, say: Say) -> Iterator[Result]:
    """Yield the results of every size. The real database is not touched; ``only`` picks cases by a part of the name."""
    logging.getLogger("request").setLevel(logging.WARNING)
    with override_settings(DEMO=True, DEBUG=False, SECURE_SSL_REDIRECT=False, **_static_files()):
        for customers in sizes:
            with throwaway_database(f"portaali_bench_{customers}", keep=keep) as is_new:
                if is_new:
                    yield _measure_load(customers, say)
                yield from _measure_cases(customers, rounds, only, say)
                if only.lower() in ACCEPTANCE.lower():
                    yield _measure_acceptance(customers, say)
                if import_rows and only in "Import":
                    yield from _measure_import(customers, import_rows, say)
                    yield from _measure_offers(customers, say)


def _static_files() -> dict[str, object]:
    """Where static files have not been collected, addresses without a digest do as well."""
    collected = getattr(staticfiles_storage, "hashed_files", True)
    return {} if collected else {"STORAGES": PLAIN_FILES}


def _measure_load(customers: int, say: Say) -> Result:
    say(f"{customers:,} customers: loading")
    began = time.monotonic()
    with peak_memory() as memory:
        demo_load(customers=customers, say=say)
    taken = (time.monotonic() - began) * 1000
    return Result("Load the demo data", customers, Figures(taken, taken), None, memory())


def _measure_cases(customers: int, rounds: int, only: str, say: Say) -> Iterator[Result]:
    user = User.objects.get(username="manager")
    make_busy(user)
    if customers >= LARGE:
        make_many_offers(MANY_OFFERS)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for case in cases(user):
        if only.lower() in case.name.lower():
            result = measure(case, client, customers, rounds)
            say(f"{customers:,} customers: {case.name} {result.page.median:.0f} ms")
            yield result


def _measure_acceptance(customers: int, say: Say) -> Result:
    """Let fifty users accept the same offer at once on separate connections; time until the last answer."""
    say(f"{customers:,} customers: {ACCEPTANCE}")
    user = User.objects.get(username="manager")
    offer = offer_to_accept(user)

    def accept(_number: int) -> bool:
        try:
            offer_accept(offer=offer, user=user, confirm=["unsent"], reason="By phone")
        except BusinessRuleError:
            return False
        finally:
            connection.close()
        return True

    began = time.perf_counter()
    with peak_memory() as memory, ThreadPoolExecutor(PRESSES) as threads:
        made = sum(threads.map(accept, range(PRESSES)))
    taken = (time.perf_counter() - began) * 1000
    if made != 1:
        raise RuntimeError(f"{made} orders were made of one offer")
    return Result(ACCEPTANCE, customers, Figures(taken, taken), None, memory())


def _measure_offers(customers: int, say: Say) -> Iterator[Result]:
    """Yield an import of offers of another system and the same file again."""
    say(f"{customers:,} customers: importing {IMPORTED_OFFERS:,} offers twice")
    with peak_memory() as memory:
        measured = measure_offers(IMPORTED_OFFERS)
    for name, seconds in (("new", measured.first_seconds), ("the same again", measured.second_seconds)):
        figures = Figures(seconds * 1000, seconds * 1000)
        yield Result(f"Import {IMPORTED_OFFERS:,} offers, {name}", customers, figures, None, memory())


def _measure_import(customers: int, rows: int, say: Say) -> Iterator[Result]:
    """Yield an import of new customers and the same file again, beside COPY of the same file into a bare table."""
    say(f"{customers:,} customers: importing {rows:,} rows twice")
    with peak_memory() as memory:
        measured = measure_import(rows)
    floor = timed(lambda: _copy_bare(made_up_file(rows)), 5)
    for name, seconds in (("new", measured.first_seconds), ("the same again", measured.second_seconds)):
        figures = Figures(seconds * 1000, seconds * 1000)
        yield Result(f"Import {rows:,} rows, {name}", customers, figures, None, memory(), floor)


def _copy_bare(file: bytes) -> None:
    columns = ", ".join(f"c{number} text" for number in range(10))
    with transaction.atomic(), connection.connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE bare_copy ({columns}) ON COMMIT DROP")
        cursor.copy_expert("COPY bare_copy FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ';')", BytesIO(file))


#: The database that a new one is a copy of: an empty one.
TEMPLATE = "template1"


@contextmanager
def throwaway_database(name: str, *, keep: bool = False) -> Iterator[bool]:
    """Make and migrate the database ``name`` and use it; drop it at the end unless ``keep``.

    Gives whether it is new: with ``keep`` a database of an earlier run is used again. The role needs CREATEDB.
    """
    own = connection.settings_dict["NAME"]
    is_new = _create(name, reuse=keep)
    _use(name)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield is_new
    finally:
        _use(own)
        if not keep:
            _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _create(name: str, *, reuse: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() is not None
    if exists and reuse:
        return False
    _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    return True


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
