"""Speed of imports: generated files of customers and offers, each imported twice, and the floor of the former.

The floor is what the database alone needs: the same rows written into the same tables, with their indexes, foreign
keys and triggers, by one plain ``INSERT … SELECT`` per table.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Model

from accounts.models import User
from core.import_kinds import kind_of
from customers.enums import BranchTarget
from customers.models import (
    Address,
    ClassificationBranch,
    Customer,
    CustomerClassification,
    CustomerSearch,
    CustomerSummary,
)
from imports.config import suggest
from imports.enums import ImportKind
from imports.models import ImportMapping, ImportRow, ImportRun
from imports.pipeline.customer_fields import CLASS
from imports.services import run_now
from offers.offers.models import OfferType
from offers.products.models import Product, Unit, VatClass

#: Organisations to which the made-up offers are made.
CUSTOMERS = 200
HEADER = "Nimi;Y-tunnus;Katuosoite;Postinumero;Postitoimipaikka;Puhelin;Sähköposti;Henkilöstö;Liikevaihto;Emoyhtiö\n"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Measured:
    """Seconds for a file of new rows and for the same file again, with the counts of both runs.

    ``floor_seconds`` is the floor of the first run (0: not measured), ``memory`` the process's largest resident size
    during the runs (MB; 0 where it is not known).
    """

    rows: int
    first_seconds: float
    second_seconds: float
    first: dict[str, int]
    second: dict[str, int]
    memory: int = 0
    floor_seconds: float = 0

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.first_seconds

    @property
    def ratio(self) -> float:
        """How many times longer the first run took than its floor."""
        return self.first_seconds / self.floor_seconds if self.floor_seconds else 0

    def __str__(self) -> str:
        return (
            f"{self.rows:,} rows: {self.first_seconds:.1f} s ({self.rows_per_second:,.0f} rows/s), "
            f"again {self.second_seconds:.1f} s, floor {self.floor_seconds:.1f} s, × {self.ratio:.2f}, {self.memory} MB"
        )


class _Undo(Exception):
    """Rolls back what was measured."""


def measure_import(rows: int, *, keep: bool = False) -> Measured:
    """Import ``rows`` made-up customers twice, and write as many by plain SQL; nothing stays unless ``keep``.

    The customers of the file stay with ``keep``, those of the floor never do.
    """
    return _measure(ImportKind.CUSTOMERS, made_up_file(rows), rows, keep=keep, floor=_floor, mapping=make_mapping)


def measure_offers(rows: int) -> Measured:
    """Import ``rows`` made-up offers of another system twice and return how long it took; nothing stays."""
    return _measure(ImportKind.OFFERS, made_up_offers(rows), rows, mapping=_make_world)


def _measure(
    kind: str,
    file: bytes,
    rows: int,
    *,
    mapping: Callable[[], ImportMapping | None],
    keep: bool = False,
    floor: Callable[[ImportRun], float] = lambda _run: 0,
) -> Measured:
    try:
        with transaction.atomic(), _peak_memory() as memory:
            known = mapping()
            first_seconds, first = _timed(kind, file, known)
            second_seconds, second = _timed(kind, file, known)
            largest = memory()
            floor_seconds = floor(first)
            if not keep:
                raise _Undo
    except _Undo:
        pass
    return Measured(rows, first_seconds, second_seconds, first.counts, second.counts, largest, floor_seconds)


def _timed(kind: str, file: bytes, mapping: ImportMapping | None) -> tuple[float, ImportRun]:
    start = time.perf_counter()
    run = run_now(kind=kind, file=io.BytesIO(file), name="bench.csv", owner=None, mapping=mapping)
    _check_constraints()
    return time.perf_counter() - start, run


def _check_constraints() -> None:
    """Check the foreign keys now, as the end of each transaction does."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@contextmanager
def _peak_memory() -> Iterator[Callable[[], int]]:
    """Yield a function that returns the process's largest resident size (MB) from here on; 0 where it is not known."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        yield lambda: 0
        return
    yield lambda: int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) // 1024


#: The tables that an import of customers writes, by the column that names the customer. What refers to a customer is
#: written before it, so that its trigger does not have to make the summary.
_TABLES: tuple[tuple[type[Model], str], ...] = (
    (ImportRow, "target_id"),
    (Address, "customer_id"),
    (CustomerClassification, "customer_id"),
    (CustomerSummary, "customer_id"),
    (CustomerSearch, "customer_id"),
    (Customer, "id"),
)
_IDS = """
CREATE TEMPORARY TABLE floor_ids ON COMMIT DROP AS
SELECT target_id AS id, nextval(pg_get_serial_sequence('customers_customer', 'id')) AS new_id
FROM imports_importrow WHERE run_id = %s AND fate = 'created'
"""


def _floor(run: ImportRun) -> float:
    """Write the rows that the run has written once more, for other customers; return the seconds."""
    total = 0.0
    try:
        with transaction.atomic():
            other = ImportRun.objects.create(kind=run.kind, file=run.file.name, file_name="floor")
            with connection.cursor() as cursor:
                cursor.execute(_IDS, [run.pk])
                for model, customer in _TABLES:
                    cursor.execute(_copy_sql(model, customer, run, other))
                cursor.execute("ANALYZE floor_ids")
            start = time.perf_counter()
            for model, _customer in _TABLES:
                _insert_copies(model)
            _check_constraints()
            total = time.perf_counter() - start
            raise _Undo
    except _Undo:
        return total


def _copy_sql(model: type[Model], customer: str, run: ImportRun, other: ImportRun) -> str:
    """Return the statement that copies the rows of the run's customers, which get other ids and business IDs."""
    table = model._meta.db_table
    changed = {f'"{customer}"': "i.new_id"}
    where = ""
    if model is ImportRow:
        changed['"run_id"'], where = str(other.pk), f"WHERE t.run_id = {run.pk}"
    if model is Customer:
        changed['"business_id"'] = "CASE WHEN t.business_id = '' THEN '' ELSE 'X' || substr(t.business_id, 2) END"
    columns = ", ".join(f"{changed.get(name, f't.{name}')} AS {name}" for name in _columns(model))
    return (
        f"CREATE TEMPORARY TABLE floor_{table} ON COMMIT DROP AS SELECT {columns} "  # noqa: S608
        f"FROM {table} t JOIN floor_ids i ON i.id = t.{customer} {where} ORDER BY t.{customer}"
    )


def _insert_copies(model: type[Model]) -> None:
    table, columns = model._meta.db_table, ", ".join(_columns(model))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM floor_{table}")  # noqa: S608


def _columns(model: type[Model]) -> list[str]:
    """Return the columns that are written: neither computed ones nor, but for customers, the row's own number."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    skipped = "" if model in (Customer, CustomerSummary, CustomerSearch) else "id"
    return [f'"{field.column}"' for field in fields if field.column != skipped]


def make_mapping() -> ImportMapping:
    """Return a mapping of the made-up file that gives new customers the classes that they must have."""
    kind = kind_of(ImportKind.CUSTOMERS)
    branches = ClassificationBranch.objects.filter(is_required=True).exclude(target=BranchTarget.CONTACTS)
    required = {CLASS + branch.code: branch.nodes.filter(retired_at=None).order_by("path")[0] for branch in branches}
    defaults = {name: node.code for name, node in required.items()}
    config = replace(suggest(kind, HEADER.strip().split(";")), defaults=defaults)
    return ImportMapping.objects.create(kind=kind.name, name="bench", config=config.data())


def _make_world() -> None:
    """Add the customers, person, product and offer type of the generated offers."""
    file = io.BytesIO(made_up_file(CUSTOMERS))
    run_now(kind=ImportKind.CUSTOMERS, file=file, name="bench.csv", owner=None, mapping=make_mapping())
    User.objects.create(username="mittaus")
    OfferType.objects.create(code="mittaus", name_fi="Mittaus", name_en="Measure")
    unit = Unit.objects.create(code="mittaus", name_fi="kpl", name_en="pcs")
    vat_class = VatClass.objects.create(code="mittaus", name_fi="Mittaus", name_en="Measure")
    Product.objects.create(code="MITTAUS", name_fi="Mittaus", unit=unit, vat_class=vat_class)


def made_up_offers(rows: int) -> bytes:
    """Return a CSV file of offers: half won, a quarter lost, the rest open offers and leads."""
    stages = ("won", "won", "won", "won", "lost", "lost", "open", "lead")
    lines = ["Tarjousnumero;Asiakas;Myyjä;Tuote;Vaihe;Summa;Tarjouspäivä;Päätöspäivä;Tarjouksen tyyppi\n"]
    for number in range(rows):
        customer, stage = f"Mittaus {number % CUSTOMERS} Oy", stages[number % len(stages)]
        days = f"{number % 28 + 1}.1.2025;{number % 28 + 1}.3.2025"
        lines.append(f"M-{number};{customer};mittaus;MITTAUS;{stage};{number % 900},50;{days};mittaus\n")
    return "".join(lines).encode()


def made_up_file(rows: int) -> bytes:
    """Return a CSV file like those of the Finnish company register."""
    lines = [HEADER]
    for number in range(rows):
        parent = f"Mittaus {number // 20 * 20} Oy" if number % 20 == 1 else ""
        figures = f"{number % 900};{number * 37 % 9_000_000},50"
        lines.append(
            f"Mittaus {number} Oy;{_business_id(number)};Tehtaankatu {number % 200};{number % 99_999:05d};Espoo;"
            f"040 {number % 10_000_000:07d};posti{number}@example.fi;{figures};{parent}\n"
        )
    return "".join(lines).encode()


def _business_id(number: int) -> str:
    """Return a business ID with a valid check digit, or an empty string if the digits have none."""
    digits = f"{4_999_999 - number:07d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return "" if rest == 1 else f"{digits}-{0 if rest == 0 else 11 - rest}"
