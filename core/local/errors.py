"""The one error that the private services raise, and one sentence out of what a program said when it failed."""

import errno
import shutil
from pathlib import Path


class LocalServiceError(Exception):
    """A private service cannot be used. Its text is one sentence for the person at the terminal."""


DISK_FULL = ("No space left on device", "Disk quota exceeded")
NO_MEMORY = ("Cannot allocate memory", "could not create shared memory")


def explain(name: str, output: str, directory: Path, log: Path | None = None) -> str:
    """Return why ``name`` failed, from its output."""
    if any(words in output for words in DISK_FULL):
        return f"The disk is full: {name} found no room in {directory}; free some space and start again."
    if any(words in output for words in NO_MEMORY):
        return f"There is not enough memory for {name}: stop other programs, or set DATABASE_URL and REDIS_URL."
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error", "ERROR"))]
    last = (telling or lines or ["it said nothing"])[-1]
    return f"{name} did not start: {last}" + (f" (its log: {log})" if log else "")


def explain_os_error(error: OSError) -> str:
    """Return one sentence for a file operation that the system refused."""
    if isinstance(error, shutil.Error):  # of copytree: a list of (from, to, why), one for each file
        _source, target, why = error.args[0][0]
        full = any(words in str(why) for words in DISK_FULL)
        return explain_os_error(OSError(errno.ENOSPC if full else errno.EIO, str(why), str(target)))
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: no room for {error.filename or 'a file'}; free some space and start again."
    return f"{error.strerror or error}: {error.filename}" if error.filename else str(error)


def sentence_for(error: BaseException) -> str:
    """Return the sentence for an error of the installation, or an empty string for an error of the program."""
    from django.core.exceptions import ImproperlyConfigured

    if isinstance(error, LocalServiceError | ImproperlyConfigured):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
        return explain_os_error(error)
    if any(words in str(error) for words in DISK_FULL):
        return "The disk is full: the database found no room; free some space and start again."
    return _unreachable(error)


def _unreachable(error: BaseException) -> str:
    """Return the sentence for a database that refuses the connection, or an empty string."""
    from django.db import OperationalError

    if not isinstance(error, OperationalError) or "connection to server" not in str(error):
        return ""
    return f"The database cannot be reached: {str(error).strip().splitlines()[0]}"
