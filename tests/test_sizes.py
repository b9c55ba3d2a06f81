"""No file is too long to be read at one go."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 400
EXCEPTED = {"migrations", "vendor", "default_data", "locale", "requirements.lock", "requirements-dev.lock"}
GENERATED = {".git", ".venv", "var", "staticfiles", "node_modules"}


def own_files() -> list[Path]:
    """Return the files that git tracks, or in a copy without git all that were not generated."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        return [Path(name) for name in listed.stdout.split("\0") if name]
    folders = [(folder, names) for folder, _, names in os.walk(ROOT) if not GENERATED & set(Path(folder).parts)]
    return [Path(folder, name).relative_to(ROOT) for folder, names in folders for name in names]


def lines_of(name: Path) -> int:
    """Return the number of lines of a text, none of a binary file or of one that is not there now."""
    content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
    return 0 if b"\0" in content else content.count(b"\n")


def test_no_file_is_longer_than_400_lines():
    lengths = {str(name): lines_of(name) for name in own_files() if not EXCEPTED & set(name.parts)}
    assert len(lengths) > 500
    assert {name: lines for name, lines in lengths.items() if lines > LIMIT} == {}
