"""The error of unreadable files."""

from __future__ import annotations

from typing import Any

from core.exceptions import BusinessRuleError


class BadFile(BusinessRuleError):
    """The file cannot be read; the message is shown to the user."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code, message, field="file")
