"""The secret key of an installation that was not given one, made once and kept in its data directory."""

import os
import secrets
from pathlib import Path


def read(data_dir: Path) -> str:
    """Return the key that was made here before, or an empty string."""
    path = data_dir / "secret-key"
    return path.read_text().strip() if path.exists() else ""


def make(data_dir: Path) -> str:
    """Make the key, readable by its owner only; keep one that another process made at the same moment."""
    if not data_dir.exists():
        data_dir.mkdir(parents=True)
        data_dir.chmod(0o711)  # as crm.local.services makes it
    path = data_dir / "secret-key"
    unfinished = path.with_name(f"secret-key.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(50))
    try:
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink()
    return read(data_dir)
