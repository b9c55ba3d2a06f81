"""Files and short calls for the tests of imports."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from django.conf import settings

from imports.config import Config
from imports.enums import ImportKind
from imports.models import ImportMapping, ImportRow, ImportRun
from imports.services import run_now

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "crm-sales-opportunities"


def shared(name: str) -> Path:
    """Return a file of the shared data; the tests that need it fail without it."""
    path = SHARED / name
    assert path.exists(), f"{path} is missing: the tests of imports read the shared data"
    return path


def run_import(text: str | bytes, kind: str = ImportKind.CUSTOMERS, *, owner: Any = None, **options: Any) -> ImportRun:
    """Import a text file; ``config`` makes a mapping, other options go to the service."""
    config = options.pop("config", None)
    mapping = make_mapping(config, kind) if config else None
    content = text.encode() if isinstance(text, str) else text
    return run_now(kind=kind, file=io.BytesIO(content), name="rows.csv", owner=owner, mapping=mapping, **options)


def make_mapping(config: dict[str, Any], kind: str = ImportKind.CUSTOMERS, name: str = "source") -> ImportMapping:
    mapping, _new = ImportMapping.objects.update_or_create(
        kind=kind, name=name, defaults={"config": Config.read(config).data()}
    )
    return mapping


def counts(run: ImportRun) -> tuple[int, ...]:
    """created, updated, unchanged, held, refused"""
    return tuple(run.counts.values())


def row(run: ImportRun, number: int) -> ImportRow:
    return run.rows.get(number=number)


def codes(run: ImportRun, number: int) -> list[str]:
    return [problem["code"] for problem in row(run, number).problems]
