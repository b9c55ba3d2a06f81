"""Speed of imports: generated files of customers and offers, each imported twice."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from imports.enums import ImportKind
from imports.services import run_now
from offers.offers.models import OfferType
from offers.products.models import Product, Unit, VatClass

#: Organisations to which the made-up offers are made.
CUSTOMERS = 200
HEADER = "Nimi;Y-tunnus;Katuosoite;Postinumero;Postitoimipaikka;Puhelin;Sähköposti;Henkilöstö;Liikevaihto;Emoyhtiö\n"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Measured:
    """Seconds for a file of new rows and for the same file again, with the counts of both runs."""

    rows: int
    first_seconds: float
    second_seconds: float
    first: dict[str, int]
    second: dict[str, int]


class _Undo(Exception):
    """Rolls back what was measured."""


def measure_import(rows: int, *, keep: bool = False) -> Measured:
    """Import ``rows`` made-up customers twice and return how long it took; nothing stays unless ``keep``."""
    return _measure(ImportKind.CUSTOMERS, made_up_file(rows), rows, keep=keep)


def measure_offers(rows: int) -> Measured:
    """Import ``rows`` made-up offers of another system twice and return how long it took; nothing stays."""
    return _measure(ImportKind.OFFERS, made_up_offers(rows), rows, before=_make_world)


def _measure(
    kind: str, file: bytes, rows: int, *, keep: bool = False, before: Callable[[], None] = lambda: None
) -> Measured:
    results: list[tuple[float, dict[str, int]]] = []
    try:
        with transaction.atomic():
            before()
            results += [_timed(kind, file), _timed(kind, file)]
            if not keep:
                raise _Undo
    except _Undo:
        pass
    (first_seconds, first), (second_seconds, second) = results
    return Measured(rows, first_seconds, second_seconds, first, second)


def _timed(kind: str, file: bytes) -> tuple[float, dict[str, int]]:
    start = time.perf_counter()
    run = run_now(kind=kind, file=io.BytesIO(file), name="bench.csv", owner=None)
    return time.perf_counter() - start, run.counts


def _make_world() -> None:
    """Add the customers, person, product and offer type of the generated offers."""
    run_now(kind=ImportKind.CUSTOMERS, file=io.BytesIO(made_up_file(CUSTOMERS)), name="bench.csv", owner=None)
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
    digits = f"{9_999_999 - number:07d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return "" if rest == 1 else f"{digits}-{0 if rest == 0 else 11 - rest}"
