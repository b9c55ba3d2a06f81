"""Every text that the code marks for translation is in the catalogue: xgettext does not look into f-strings."""

from __future__ import annotations

import ast
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PLAIN = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"}


def marked(path: Path) -> Iterator[tuple[str | None, str]]:
    """Yield the context and the text of each call that marks a literal text."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = [str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)]
            if node.func.id in PLAIN and texts and texts[0]:
                yield None, texts[0]
            elif node.func.id in WITH_CONTEXT and len(texts) > 1:
                yield texts[0], texts[1]


CATALOGUE = ROOT / "locale/fi/LC_MESSAGES/django.po"


def named(entry: str) -> str:
    """Return what names an entry of the catalogue: its lines from the context or text on, up to the translation."""
    lines = (line for line in entry.splitlines() if not line.startswith("#"))
    return "\n".join(lines).partition("msgstr")[0]


def test_no_text_is_in_the_catalogue_twice() -> None:
    """Gettext then refuses to bring the catalogue up to date."""
    names = Counter(named(entry) for entry in CATALOGUE.read_text().split("\n\n"))
    assert len(names) > 5_000
    assert not [name for name, count in names.items() if count > 1]


def test_every_text_that_the_code_marks_is_in_the_catalogue() -> None:
    with CATALOGUE.open("rb") as file:
        known = {
            (message.context, message.id[0] if isinstance(message.id, tuple) else message.id)
            for message in read_po(file)
        }
    files = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in files.split() if "tests/" not in name and "/migrations/" not in name]
    assert len(paths) > 300
    missing = [f"{path.relative_to(ROOT)}: {text}" for path in paths for text in marked(path) if text not in known]
    assert not missing
