"""Refuse lock files that do not fit requirements*.txt; ``make lock`` makes them. Asks no network.

Prints each fault on a line and exits with 1 when there is one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}\b")


@dataclass
class Locked:
    """A package of a lock file with the number of its hashes and the files that name it."""

    version: str
    hashes: int = 0
    via: str = ""


def wanted(name: str) -> dict[str, str]:
    """Return the version of each package that a requirements file pins, those of the files that it includes too.

    Raises ValueError for a line that pins nothing.
    """
    pins: dict[str, str] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r "):
            pins |= wanted(line.removeprefix("-r ").strip())
        elif match := PIN.match(line):
            pins[normal(match["name"])] = match["version"]
        elif line:
            raise ValueError(f"{name}: {line!r} names no exact version")
    return pins


def locked(name: str) -> dict[str, Locked]:
    """Return what a lock file holds, by the name of the package."""
    packages: dict[str, Locked] = {}
    package = Locked("")
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if match := PIN.match(line):
            package = packages[normal(match["name"])] = Locked(match["version"])
        package.hashes += len(HASH.findall(line))
        package.via += line.partition("#")[2]
    return packages


def normal(name: str) -> str:
    """Return the one spelling of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def faults(stem: str) -> Iterator[str]:
    """Yield what is wrong with ``stem.lock`` beside ``stem.txt``."""
    pins, packages = wanted(f"{stem}.txt"), locked(f"{stem}.lock")
    for name, version in pins.items():
        if name not in packages:
            yield f"{stem}.lock lacks {name}"
        elif packages[name].version != version:
            yield f"{stem}.lock has {name} {packages[name].version}, and {stem}.txt wants {version}"
    for name, package in packages.items():
        if not package.hashes:
            yield f"{stem}.lock has no hash of {name}"
        if "-r requirements" in package.via and name not in pins:
            yield f"{stem}.lock has {name}, which {stem}.txt no longer names"


def differences() -> Iterator[str]:
    """Yield the packages that tests would run at another version than the product does."""
    product, tools = locked("requirements.lock"), locked("requirements-dev.lock")
    for name, package in product.items():
        if name not in tools or tools[name].version != package.version:
            yield f"requirements-dev.lock does not have {name} {package.version}, as requirements.lock has"


def main() -> int:
    found = [*faults("requirements"), *faults("requirements-dev"), *differences()]
    for fault in found:
        print(fault)
    if found:
        print("Run make lock.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
