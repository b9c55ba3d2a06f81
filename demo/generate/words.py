"""The words that everything is made of, read from ``data/*.txt``."""

from __future__ import annotations

from pathlib import Path

DATA = Path(__file__).with_name("data")


def lines(name: str) -> list[str]:
    """Return the lines of a file that say something."""
    return [line for line in (DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines() if line]


def table(name: str) -> list[list[str]]:
    """Return the rows of a file with columns separated by ``|``."""
    return [cells(line) for line in lines(name)]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]


def sections(name: str) -> dict[str, list[str]]:
    """Return the lines below each ``[title]`` of a file."""
    found: dict[str, list[str]] = {}
    for line in lines(name):
        if line.startswith("["):
            found[line.strip("[]")] = current = []
        else:
            current.append(line)
    return found


def word_sections(name: str) -> dict[str, list[str]]:
    """Return the single words below each ``[title]`` of a file."""
    return {title: " ".join(below).split() for title, below in sections(name).items()}
