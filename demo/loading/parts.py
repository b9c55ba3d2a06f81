"""The customers of a large population, made by several processes at once and copied by this one.

This process has the transaction; the others only make rows. What they make depends on the seed and on ``PARTS``, not on
the machine; which ids the rows get depends on who was quicker.
"""

from __future__ import annotations

import gc
import os
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from activities.log.models import Activity, ActivitySeries
from activities.mail.models import EmailMessage, EmailThread
from customers.models import Contact, Customer
from demo.generate.population import Population
from demo.generate.world import World
from demo.loading.tables import copy_tables, ids_of
from offers.offers.models import Offer
from offers.orders.models import Order

PARTS = 4
BATCH = 2_000

_inherited: list[Any] = []  # connections of the parent: closing one here would end it there


@dataclass
class Batch:
    """Rows of CSV, table by table, of so many customers; or at the end the hours that the people have worked."""

    customers: int = 0
    tables: list[bytes] = field(default_factory=list)
    hours: dict[tuple[int, int], float] = field(default_factory=dict)
    error: str = ""


def batches(population: Population, customers: int) -> Iterator[Batch]:
    """Yield the rows of so many further customers as they are made; count the hours in the population.

    Raises :class:`RuntimeError` with what happened when a part fails.
    """
    counts = [customers * (number + 1) // PARTS - customers * number // PARTS for number in range(PARTS)]
    with _processes(population, counts) as open_pipes:
        while open_pipes:
            ready = wait(open_pipes)
            for pipe in [pipe for pipe in open_pipes if pipe in ready]:
                batch = _receive(pipe)
                if batch.tables:
                    yield batch
                else:
                    population.work_maker.builder.hours.add(batch.hours)
                    open_pipes.remove(pipe)


@contextmanager
def _processes(population: Population, counts: list[int]) -> Iterator[list[Connection]]:
    pipes, processes = [], []
    try:
        with _garbage_kept():
            for number, count in enumerate(counts):
                ours, theirs = Pipe(duplex=False)
                processes.append(_start(theirs, population, number, count))
                theirs.close()
                pipes.append(ours)
        yield pipes
    finally:
        for process in processes:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _start(pipe: Connection, population: Population, number: int, count: int) -> int:
    """Fork a process that makes a part; return its id. The population and the settings are simply there.

    It runs nothing that libraries do when a process begins or ends: connections that they inherit would be used twice.
    """
    process = os.fork()
    if process == 0:
        try:
            _make(pipe, population, number, count)
        finally:
            os._exit(0)
    return process


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Keep processes that begin here from collecting what they inherit.

    It may hold connections that speak to the broker when they are collected, on a socket that they share: they would
    wait for ever for an answer that another process has read.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _receive(pipe: Connection) -> Batch:
    try:
        batch: Batch = pipe.recv()
    except EOFError:
        batch = Batch(error="a process that made demo data ended before its work was done")
    if batch.error:
        raise RuntimeError(batch.error)
    return batch


def _make(pipe: Connection, population: Population, number: int, count: int) -> None:
    """In a separate process, make a part and send it."""
    try:
        _use_own_connection()
        _send(pipe, population.part(_with_own_ids(population.world), number, PARTS), count)
    except Exception:  # the parent raises it
        pipe.send(Batch(error=traceback.format_exc()))


def _use_own_connection() -> None:
    _inherited.append(connections[DEFAULT_DB_ALIAS])
    connections[DEFAULT_DB_ALIAS] = connections[DEFAULT_DB_ALIAS].copy()


def _with_own_ids(world: World) -> World:
    return replace(
        world,
        customer_ids=ids_of(Customer),
        contact_ids=ids_of(Contact),
        activity_ids=ids_of(Activity),
        series_ids=ids_of(ActivitySeries),
        thread_ids=ids_of(EmailThread),
        message_ids=ids_of(EmailMessage),
        offer_ids=ids_of(Offer),
        order_ids=ids_of(Order),
    )


def _send(pipe: Connection, part: Population, count: int) -> None:
    tables = copy_tables()
    made = part.customers(count)
    for first in range(0, count, BATCH):
        size = min(BATCH, count - first)
        for rows in islice(made, size):
            for row in rows:
                tables[type(row)].add(row)
        pipe.send(Batch(size, [table.take() for table in tables.values()]))
    pipe.send(Batch(hours=part.work_maker.builder.hours.used))
