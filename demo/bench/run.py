"""One size after the other: a database of the bench's own on the same server, demo data, the requests, bulk work."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from django.core.management import call_command
from django.db import ProgrammingError, connection
from django.test import override_settings

from accounts.models import User
from core import registry
from demo.bench import bulk, bulk_runs, care, criteria, flow, metrics
from demo.bench.busy import make_busy, make_many_offers
from demo.bench.cases import cases, start_cases
from demo.bench.client import BARE_CASE, Caller, Case, cookie_of
from demo.bench.measure import Bench, Bulk, Pairs, Result
from demo.bench.pairs import LISTS, walk
from demo.bench.server import Server, running_server
from demo.services import Say
from offers.sales.selectors.overview import pipeline_overview_refresh, targets_overview_refresh

#: From this many customers on, there are so many offers.
LARGE, MANY_OFFERS = 100_000, 1_000_000
#: The demo's users of the other roles, whose start pages have panels of their own.
ROLES = ("keymanager", "management", "assistant", "adviser", "marketing", "admin", "viewer")


@dataclass(frozen=True)
class Plan:
    """What is measured. ``base`` names a database that is there already; ``only`` picks by parts of names: ``a|b``."""

    rounds: int = 20
    import_rows: int = 2_000
    keep: bool = False
    only: str = ""
    base: str = ""
    today: str = ""

    def wants(self, name: str) -> bool:
        return any(part in name.lower() for part in self.only.lower().split("|"))


def bench(sizes: Iterable[int], plan: Plan, say: Say) -> Iterator[Result | Pairs | Bulk]:
    """Yield the results of every size. The real database is not touched."""
    with override_settings(DEMO=True, DEBUG=False):
        for customers in sizes:
            name = plan.base or f"portaali_bench_{customers}"
            with throwaway_database(name, keep=plan.keep or bool(plan.base)) as is_new:
                if is_new:
                    say(f"{customers:,} customers: loading")
                    yield bulk.measure_load(customers, say)
                yield from _measure_size(customers, plan, say)


def _measure_size(customers: int, plan: Plan, say: Say) -> Iterator[Result | Pairs | Bulk]:
    user = User.objects.get(username="manager")
    make_busy(user)
    if customers >= LARGE:
        make_many_offers(MANY_OFFERS)
    pipeline_overview_refresh()  # as the worker does every five minutes
    targets_overview_refresh()
    with running_server(today=plan.today) as server:
        yield from _measure_requests(server, user, customers, plan, say)
        yield from _measure_pairs(server, user, customers, plan, say)
    yield from _measure_bulk(user, customers, plan, say)


def _measure_requests(server: Server, user: User, customers: int, plan: Plan, say: Say) -> Iterator[Result]:
    wanted = [case for case in cases(user) if plan.wants(case.name)]
    yield from _measured(server, user, [BARE_CASE, *wanted] if wanted else [], customers, plan, say)
    seen = {panel.name for panel in registry.panels.allowed("start", user)}
    for username in ROLES:
        other = User.objects.get(username=username)
        panels = [case for case in start_cases(other, username, seen) if plan.wants(case.name)]
        yield from _measured(server, other, panels, customers, plan, say)


def _measured(server: Server, user: User, asked: list[Case], customers: int, plan: Plan, say: Say) -> Iterator[Result]:
    with closing(Bench(server, cookie_of(user), customers, plan.rounds)) as measuring:
        for case in asked:
            result = measuring.measure(case)
            say(f"{customers:,} customers: {case.name} {result.page.median:.0f} ms, {result.times_bare:.1f} × bare")
            yield result


def _measure_pairs(server: Server, user: User, customers: int, plan: Plan, say: Say) -> Iterator[Pairs]:
    with closing(Caller(server.port, cookie_of(user))) as caller:
        for name in LISTS:
            if plan.wants(f"Pairs of filters: {name}"):
                pairs = walk(caller, user, name, customers)
                say(f"{customers:,} customers: pairs of filters of {name}, slowest {pairs.worst_seconds * 1000:.0f} ms")
                yield pairs


def _measure_bulk(user: User, customers: int, plan: Plan, say: Say) -> Iterator[Bulk]:
    if plan.wants(bulk.EXPORT):
        say(f"{customers:,} customers: exporting")
        yield bulk.measure_export(customers, user)
    if plan.wants(bulk_runs.CLASS):
        say(f"{customers:,} customers: a bulk operation and its undo")
        yield from bulk_runs.measure_bulk_runs(customers, User.objects.get(username="admin"))  # may change all
    if plan.wants(metrics.METRICS):
        say(f"{customers:,} customers: metrics of all")
        yield from metrics.measure_metrics(customers)
    if plan.wants(criteria.NAME):
        say(f"{customers:,} customers: criteria of all")
        yield from criteria.measure_criteria(customers)
    if plan.wants(flow.NAME):
        say(f"{customers:,} customers: the flow of a year")
        yield from flow.measure_flow(customers)
    if plan.wants(care.CARE):
        say(f"{customers:,} customers: care plans of all")
        yield from care.measure_care(customers)
    if plan.wants(bulk.ACCEPTANCE):
        yield bulk.measure_acceptance(customers, user)
    if plan.import_rows and (plan.wants(bulk.IMPORT) or plan.wants(bulk.OFFERS)):
        say(f"{customers:,} customers: importing {plan.import_rows:,} rows twice")
        yield from bulk.measure_imports(customers, plan.import_rows)


#: How long the server may clean a database up (autovacuum) of which nobody else may end it.
SECONDS_TO_CLEAN = 120
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
            _drop(name)


def _create(name: str, *, reuse: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() is not None
    if exists and reuse:
        return False
    _drop(name)
    _execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    return True


def _drop(name: str) -> None:
    """Drop a database; one that the server itself is cleaning up is dropped when it has done so."""
    for left in reversed(range(SECONDS_TO_CLEAN)):
        try:
            return _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except ProgrammingError:
            if not left:
                raise
            time.sleep(1)


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
