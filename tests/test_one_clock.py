"""The time is read in one place, ``core.clock``: no other code asks Django, Python or the database for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests")
SQL = re.compile(
    r"\bnow\s*\(\s*\)|\b(current_(date|time|timestamp)|localtime(stamp)?|(clock|statement|transaction)_timestamp)\b",
    re.IGNORECASE,
)
READERS = {"timezone.now", "timezone.localdate", "timezone.localtime", "date.today", "datetime.today", "datetime.now"}
READERS |= {"datetime.utcnow", "time.time", "time.localtime", "time.gmtime"}
#: With an argument these convert a time that somebody else has read.
CONVERTERS = {"timezone.localdate", "timezone.localtime"}

#: Where the time may be read past the clock, and why.
ALLOWED = {
    "core/clock.py": "it is the clock",
    "activities/mail/models.py": "the database gives the default of a column",
}


def product_files() -> list[Path]:
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return [path for path in files if not {"tests", "migrations"} & set(path.parts)]


def readings(code: str) -> Iterator[str]:
    """Yield each place that reads the time in Python code, or in SQL in its strings."""
    tree = ast.parse(code)
    conversions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args}
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = ".".join(ast.unparse(node).split(".")[-2:])
            if name in READERS and not (name in CONVERTERS and id(node) in conversions):
                yield name
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names = {alias.name for alias in node.names}
            if module == "django.utils.timezone" and names & {"now", "localdate"}:
                yield module
            if module.startswith("django.db.models.functions") and "Now" in names:
                yield "functions.Now"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from (found[0] for found in SQL.finditer(node.value))


@pytest.mark.parametrize(
    "code",
    [
        "start = timezone.now()", "django.utils.timezone.localdate()", "timezone.localtime().date()", "dt.date.today()",
        "initial = timezone.localdate", "dt.datetime.now(dt.UTC)", "from django.utils.timezone import now",
        "time.time()",
        "from django.db.models.functions import Lower, Now", "sql = 'start <= now()'", "sql = f'{a} >= CURRENT_DATE'",
    ],
)  # fmt: skip
def test_what_reads_the_time_is_seen(code):
    assert list(readings(code))


@pytest.mark.parametrize(
    "code",
    [
        "clock.now()", "clock.today()", "timezone.localtime(at)", "timezone.localdate(at)", "time.monotonic()",
        "'''Like now() of the database.'''", "_('Call now (or later)')", "timezone.make_aware(day)",
    ],
)  # fmt: skip
def test_what_only_converts_it_is_not(code):
    assert not list(readings(code))


def test_no_code_but_the_clock_reads_the_time():
    found = {}
    for path in product_files():
        name = path.relative_to(ROOT)
        if any(name.match(pattern) for pattern in ALLOWED):
            continue
        if read := list(readings(path.read_text(encoding="utf-8"))):
            found[str(name)] = read
    assert not found
    assert len(product_files()) > 300  # the apps are looked at


def test_models_read_it_in_defaults_only():
    """A rule of a model (is it late?) asks the clock like all other code."""
    for path in (path for path in product_files() if "models" in {path.stem, path.parent.name}):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert not re.search(r"timezone\.(now|localdate)\(\)|date\.today", line), (path, line)
