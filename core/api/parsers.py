"""Reading the bodies of requests."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

#: How deep lists and objects may lie in each other: no endpoint reads more than five levels.
DEEPEST = 50


class UnicodeJSONParser(JSONParser):
    """JSON may write half a character (``"\\ud800"``), which no database keeps and no answer can show.

    It may also lie deeper in itself than any program reads.
    """

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            data = super().parse(*args, **kwargs)
        except RecursionError as error:
            raise _too_deep() from error
        _check_depth(data)
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ParseError(_("A text contains an invalid character (a lone surrogate).")) from error
        return data


def _check_depth(data: Any) -> None:
    level, depth = [data], 0
    while level := [item for value in level if isinstance(value, dict | list) for item in _items(value)]:
        depth += 1
        if depth > DEEPEST:
            raise _too_deep()


def _items(value: dict[str, Any] | list[Any]) -> Any:
    return value.values() if isinstance(value, dict) else value


def _too_deep() -> ParseError:
    return ParseError(_("The content is nested too deeply."))
