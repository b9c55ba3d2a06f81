"""Errors that business code raises and that pages, API and jobs all understand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _

log = structlog.get_logger("request")


class BusinessRuleError(Exception):
    """A rule of the domain forbids the action.

    A page shows ``message`` at ``field`` (or on top of the form), the API answers 409 with ``code``.
    ``message`` is a translatable sentence for the user; ``code`` is stable and never translated.
    """

    def __init__(self, code: str, message: Any, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


def refusal_of(check: Callable[[], Any]) -> str:
    """Return the sentence with which ``check`` refuses, or nothing."""
    try:
        check()
    except BusinessRuleError as error:
        return str(error)
    return ""


class ParameterError(Exception):
    """The address of a page says something that the page does not know or cannot read.

    ``errors`` has a sentence for the user by the name of each such parameter. A page and the API answer 400 with them.
    """

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


class StaleVersionError(BusinessRuleError):
    """Someone else changed the row after the user had opened it."""


class GoneError(BusinessRuleError):
    """Someone else deleted the row after the user had opened it."""

    def __init__(self) -> None:
        super().__init__("gone", _("Someone else has deleted this meanwhile."))


def deleted_meanwhile(error: Exception, method: str | None) -> GoneError | None:
    """Return what to say of a row that a write had found and that was deleted before the write locked it."""
    is_missing = isinstance(error, ObjectDoesNotExist) and not isinstance(error, AttributeError)  # a row's own one
    if not is_missing or method in {"GET", "HEAD", "OPTIONS"}:
        return None
    log.error("deleted_meanwhile", exc_info=error)  # with its trace: it may be an error of the program
    return GoneError()


class JobTakenOver(Exception):
    """Raised inside a running job that was thought lost and given to another worker: it must leave no trace."""


class JobCancelled(Exception):
    """Raised inside a running job when its owner has pressed cancel."""
