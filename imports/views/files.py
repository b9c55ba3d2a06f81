"""CSV files of an import's rows, which can be fixed and imported again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.generic import View

from core.exports import cell
from core.views import VisibleObjectMixin
from imports.models import ImportRun
from imports.selectors import exported_rows


class RowsFileView(VisibleObjectMixin, View):
    """Download every row with its original cells, result and reasons."""

    model = ImportRun
    permission_required = "imports.view_import"
    suffix = "fates"

    def get_rows(self) -> Any:
        return self.object.rows.all()

    def get(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        header = [*self.object.header, _("Result"), _("Reason"), _("Row")]
        name = slugify(self.object.file_name.rsplit(".", 1)[0]) or "import"
        lines = write_csv([header], exported_rows(self.get_rows()))
        return StreamingHttpResponse(
            lines,
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}-{self.suffix}.csv"'},
        )


class ProblemRowsFileView(RowsFileView):
    """Download only the rows with problems."""

    suffix = "to-mend"

    def get_rows(self) -> Any:
        return self.object.rows.with_problems()


class _Echo:
    def write(self, text: str) -> bytes:
        return text.encode()


def write_csv(*parts: Iterable[list[Any]]) -> Iterator[bytes]:
    """Yield the lines of a CSV file for Finnish Excel, with formulas escaped."""
    writer: Any = csv.writer(_Echo(), delimiter=";")
    yield b"\xef\xbb\xbf"
    for rows in parts:
        for row in rows:
            yield writer.writerow([cell(item) for item in row])
