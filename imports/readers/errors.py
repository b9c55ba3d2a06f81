"""The one error of reading."""

from __future__ import annotations

from typing import Any

from core.exceptions import BusinessRuleError


class BadFile(BusinessRuleError):
    """The file as a whole can't be read; the message is one clear sentence."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code, message, field="file")
