"""Widths of a list's columns as its user has drawn them: ``?widths=<column>.<pixels>``, once for each such column."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.parameters import ManyField
from core.tables import Table

#: The narrowest and the widest column, in CSS pixels; static/js/widths.js keeps to them too.
NARROWEST, WIDEST = 40, 900
FORM = re.compile(r"([a-z0-9_]{1,60})\.(\d{2,3})", re.ASCII)


class WidthsField(ManyField):
    """Columns of a table with their widths."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.names = {column.name for column in table.columns}

    def clean(self, value: Any) -> Any:
        read = FORM.fullmatch(value or "")
        if read is None or read[1] not in self.names or not NARROWEST <= int(read[2]) <= WIDEST:
            raise ValidationError(_("This list has no such column, or no such width of one (widths)."), code="unknown")
        return value


def width_of(query: QueryDict, name: str) -> int:
    """Return the width of a column in CSS pixels; 0 where the browser chooses it."""
    found = [int(read[2]) for read in map(FORM.fullmatch, query.getlist("widths")) if read and read[1] == name]
    return found[-1] if found else 0
