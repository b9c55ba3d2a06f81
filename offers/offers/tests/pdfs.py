"""Reading PDFs in tests, with poppler's own tools."""

from __future__ import annotations

import subprocess
import tempfile


def text_of(pdf: bytes, *, layout: bool = True) -> str:
    """Return a PDF's text as poppler reads it."""
    return _run(["pdftotext", *(["-layout"] if layout else []), "-", "-"], pdf)


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    return text_of(pdf).rstrip("\f").split("\f")


def fonts_of(pdf: bytes) -> str:
    """Return which fonts are embedded."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(pdf)
        file.flush()
        return _run(["pdffonts", file.name])


def _run(command: list[str], given: bytes = b"") -> str:
    return subprocess.run(command, input=given, capture_output=True, check=True, timeout=60).stdout.decode()
