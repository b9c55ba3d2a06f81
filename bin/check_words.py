"""Refuse words that docs/glossary.md lists as not used, in docstrings and in the texts of the interface.

The glossary's last table has a row for each: a regular expression between backticks, and what to write instead.
Prints every hit as ``file:line: word (instead: …)`` and exits with 1 when there is one.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs" / "glossary.md"
CATALOGUE = ROOT / "locale" / "fi" / "LC_MESSAGES" / "django.po"
HEADING = "## Words that are not used"
ROW = re.compile(r"^\|\s*`(?P<pattern>[^`]+)`\s*\|\s*(?P<instead>[^|]+?)\s*\|")
SKIPPED = ("/migrations/", "static/vendor/")


def refused() -> list[tuple[re.Pattern[str], str]]:
    """Return the patterns of the glossary's last table with what to write instead."""
    table = GLOSSARY.read_text(encoding="utf-8").split(HEADING, 1)[1]
    rows = [match for match in map(ROW.match, table.splitlines()) if match]
    return [(re.compile(rf"\b(?:{row['pattern']})\b", re.IGNORECASE), row["instead"]) for row in rows]


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """Return (line, docstring) of a module and of everything it defines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


def interface_texts() -> Iterator[tuple[int, str]]:
    """Return (line, text) of every English text of the interface: the message ids of the Finnish catalogue."""
    line_number, texts = 0, []
    for number, line in enumerate(CATALOGUE.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(("msgid ", "msgid_plural ")):
            line_number, texts = number, [line.split(" ", 1)[1]]
        elif line.startswith('"') and texts:
            texts.append(line)
        elif texts:
            yield line_number, "".join(ast.literal_eval(text) for text in texts)
            texts = [line.split(" ", 1)[1]] if line.startswith("msgid_plural ") else []


def python_files() -> Iterator[Path]:
    names = subprocess.check_output(["git", "ls-files", "*.py"], cwd=ROOT, text=True).splitlines()  # noqa: S607
    return (ROOT / name for name in names if not any(part in f"/{name}" for part in SKIPPED) and (ROOT / name).exists())


def texts() -> Iterator[tuple[Path, int, str]]:
    for path in python_files():
        for line, text in docstrings(path):
            yield path, line, text
    for line, text in interface_texts():
        yield CATALOGUE, line, text


def main() -> int:
    patterns, hits = refused(), 0
    for path, line, text in texts():
        for pattern, instead in patterns:
            for match in pattern.finditer(text):
                hits += 1
                sys.stdout.write(f"{path.relative_to(ROOT)}:{line}: “{match[0]}” (instead: {instead})\n")
    sys.stdout.write(f"{hits} words to replace\n" if hits else "")
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
