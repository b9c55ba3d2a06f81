"""``bin/check_lock.py`` sees what does not fit between requirements*.txt and their lock files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

SOURCE = settings.BASE_DIR / "bin" / "check_lock.py"
NAMES = ("requirements.txt", "requirements.lock", "requirements-dev.txt", "requirements-dev.lock")


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the script's module, at work on copies of the files."""
    spec = importlib.util.spec_from_file_location("check_lock", SOURCE)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "check_lock", module)  # dataclasses look it up
    spec.loader.exec_module(module)
    for name in NAMES:
        (tmp_path / name).write_text((settings.BASE_DIR / name).read_text())
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("requirements.txt", "rules==3.5", "rules==3.6", "requirements.lock has rules 3.5, and requirements.txt wants"),
        ("requirements.txt", "rules==3.5", "rules==3.5\nwheel==1", "requirements.lock lacks wheel"),
        ("requirements.txt", "rules==3.5\n", "", "requirements.lock has rules, which requirements.txt no longer names"),
        ("requirements.lock", "--hash=sha256:", "--hash=md5:", "requirements.lock has no hash of django"),
        ("requirements.lock", "rules==3.5", "rules==3.4", "requirements-dev.lock does not have rules 3.4"),
    ],
)
def test_each_fault_is_named(check: ModuleType, capsys: pytest.CaptureFixture[str], name, old, new, fault) -> None:
    path = check.ROOT / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    assert check.main() == 1
    assert fault in capsys.readouterr().out


def test_the_files_of_the_repository_fit(check: ModuleType) -> None:
    assert check.main() == 0
