"""How fast an import is: a made-up file of customers, imported and imported again."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass

from django.db import transaction

from imports.enums import ImportKind
from imports.services import run_now

HEADER = "Nimi;Y-tunnus;Katuosoite;Postinumero;Postitoimipaikka;Puhelin;Sähköposti;Henkilöstö;Liikevaihto;Emoyhtiö\n"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Measured:
    """Seconds for a file of new customers and for the same file again, with the counts of both runs."""

    rows: int
    first_seconds: float
    second_seconds: float
    first: dict[str, int]
    second: dict[str, int]


class _Undo(Exception):
    """Takes back what was measured."""


def measure_import(rows: int, *, keep: bool = False) -> Measured:
    """Import ``rows`` made-up customers twice and return how long it took; nothing stays unless ``keep``."""
    file = made_up_file(rows)
    results: list[tuple[float, dict[str, int]]] = []
    try:
        with transaction.atomic():
            results += [_timed(file), _timed(file)]
            if not keep:
                raise _Undo
    except _Undo:
        pass
    (first_seconds, first), (second_seconds, second) = results
    return Measured(rows, first_seconds, second_seconds, first, second)


def _timed(file: bytes) -> tuple[float, dict[str, int]]:
    start = time.perf_counter()
    run = run_now(kind=ImportKind.CUSTOMERS, file=io.BytesIO(file), name="bench.csv", owner=None)
    return time.perf_counter() - start, run.counts


def made_up_file(rows: int) -> bytes:
    """Return a CSV file as a Finnish company register gives it."""
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
    """Return a Y-tunnus with a right check digit; empty where the digits have none."""
    digits = f"{9_999_999 - number:07d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return "" if rest == 1 else f"{digits}-{0 if rest == 0 else 11 - rest}"
