"""Rules of the templates that the linter of templates does not know."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
INCLUDED = re.compile(r"""{%-?\s*include\s+["']([^"'#]+)["']""")


def pages() -> set[str]:
    """Return the templates that are whole pages: those that extend another."""
    files = TEMPLATES.rglob("*.html")
    return {str(file.relative_to(TEMPLATES)) for file in files if file.read_text().lstrip().startswith("{% extends")}


def test_every_empty_place_has_the_same_picture():
    """The picture of ``components/empty.html``, which is decoration, is above the words of each."""
    drawn = ("{% empty_picture", "components/empty.html")
    files = TEMPLATES.rglob("*.html")
    boxes = {path: path.read_text(encoding="utf-8").split('<div class="empty-box')[1:] for path in files}
    bare = [path.name for path, parts in boxes.items() for part in parts if not any(d in part for d in drawn)]
    assert bare == []


def test_no_page_has_another_page_in_it():
    whole, texts = pages(), {file: file.read_text() for file in TEMPLATES.rglob("*.html")}
    found = [(file.name, name) for file, text in texts.items() for name in INCLUDED.findall(text)]
    nested = [pair for pair in found if pair[1] in whole]
    assert not nested
    assert len(whole) > 80


def test_a_part_of_a_page_is_told_from_the_whole():
    assert INCLUDED.findall('{% include "generic/history.html" %}{% include "generic/history.html#history" %}') == [
        "generic/history.html"
    ]


def test_no_style_of_boxes_gives_drawn_shapes_another_size():
    """A rule such as ``.bar { width: 100% }`` beats the width of a ``<rect class="bar">``."""
    css = "\n".join(file.read_text() for file in (TEMPLATES.parent / "static/css").glob("*.css"))
    sized = set(re.findall(r"(?:^|\})\s*\.([\w-]+)\s*\{[^}]*(?<![\w-])(?:width|height):", css, re.MULTILINE))
    drawn = {
        name
        for file in TEMPLATES.rglob("*.html")
        for classes in re.findall(r'<(?:rect|circle|ellipse)[^>]* class="([^"]*)"', file.read_text())
        for name in re.sub(r"\{[{%].*?[}%]\}", " ", classes).split()
    }
    assert "bar" in sized
    assert not drawn & sized
    assert len(drawn) > 2
