"""Columns of imports, their rows and mappings for pages, files and the order of the API."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import JSONArray
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core import cells
from core.html import html
from core.tables import Column, Table
from core.templatetags import portaali
from core.undo.reasons import Reason, sentence
from imports.models import ImportMapping, ImportRow, ImportRun, left_out, result_label
from imports.problems import Problem, label_of


def _state(run: ImportRun) -> str:
    return str(run.real_state.label)


def _reasons(row: ImportRow) -> str:
    return " ".join(row.reasons)


def _undo_reasons(row: ImportRow) -> str:
    return " ".join(row.undo_reasons)


def _sentences(problems: list[Any]) -> str:
    return " ".join(str(Problem.read(item)) for item in problems)


def _undo_sentences(problems: list[Any] | None) -> str:
    return " ".join(sentence(Reason.read(item)) for item in problems or [])


def _changed(row: ImportRow) -> str:
    return _labels(row.changed)


def _labels(names: list[str]) -> str:
    return ", ".join(str(label_of(name)) for name in names)


def _result(values: list[Any]) -> str:
    return str(result_label(*values))


def _left_out(row: ImportRow) -> str:
    return row.left_out[:300]


def _left_out_text(values: list[Any]) -> str:
    return left_out(*values)[:300]


def state_cell(value: Any, run: ImportRun) -> SafeString:
    kinds = {"done": "ok", "stopped": "late", "draft": "muted", "undone": "muted"}
    return portaali.status(kinds.get(run.real_state, "warn"), value)


def _fate_cell(value: Any, row: ImportRow) -> SafeString:
    kinds = {"created": "ok", "updated": "ok", "held": "warn", "refused": "late"}
    return portaali.status(kinds.get(row.fate, "muted"), value)


def _undo_cell(value: Any, row: ImportRow) -> SafeString:
    kinds = {"can": "ok", "undone": "ok", "kept": "late", "waiting": "warn"}
    return portaali.status(kinds.get(row.undo, "muted"), value)


def _text_cell(value: Any, row: Any = None) -> str:
    return html('<span class="d-block text-wrap">{}</span>', value) if value else cells.EMPTY


def _run_cell(value: Any, row: Any = None) -> SafeString:
    return html('<a href="{}?fate=held">{}</a>', value.get_absolute_url(), value)


def _number_cell(value: Any, row: ImportRow) -> str:
    """Return the number of the row in the file, as a link to what was made of it."""
    return html('<a href="{}">{}</a>', row.target_url, value) if row.target_url else str(value)


def _cells(row: ImportRow) -> str:
    return _one_text(row.raw)


def _one_text(raw: list[str]) -> str:
    return " · ".join(cell for cell in raw if cell)[:300]


RUNS = Table(
    (
        Column("file", _("File"), "file_name", link=True),
        Column("kind", _("Kind"), ImportRun.get_kind_display),
        Column("state", _("State"), _state, cell=state_cell),
        Column("created", _("Added"), "created", numeric=True),
        Column("updated", _("Changed"), "updated", numeric=True),
        Column("unchanged", _("Unchanged"), "unchanged", numeric=True, wide=True),
        Column("held", _("Needs review"), "held", numeric=True),
        Column("refused", _("Skipped"), "refused", numeric=True),
        Column("mapping", _("Mapping"), "mapping_name", wide=True),
        Column("owner", _("Who"), "owner", wide=True),
        Column("when", _("When"), "created_at", sort="created_at"),
    ),
    "-when",
    ("kind", "state", "when"),
)
_ROW = (
    Column("number", _("Row"), "number", sort="number", cell=_number_cell, numeric=True),
    Column("fate", _("Result"), lambda row: str(row.result_label), cell=_fate_cell,
           sql=lambda user: JSONArray("fate", "run__dry_run"), finish=_result),
    Column("reasons", _("Reason"), _reasons, cell=_text_cell, sql="problems", finish=_sentences),
    Column("changed", _("Changed fields"), _changed, cell=_text_cell, wide=True,
           sql="changed", finish=_labels),
    Column("left_out", _("Not imported"), _left_out, cell=_text_cell, wide=True,
           sql=lambda user: JSONArray("raw", "run__header", "run__config"), finish=_left_out_text),
    Column("cells", _("Row in the file"), _cells, wide=True, sql="raw", finish=_one_text),
)  # fmt: skip
ROWS = Table(_ROW, "number", ("fate", "reasons", "cells"))
HELD = Table(
    (
        Column("id", _("Import"), "run", sort="pk", cell=_run_cell),
        Column("row", _("Row"), "number", numeric=True),
        Column("reasons", _("Reason"), _reasons, cell=_text_cell,
               sql="problems", finish=_sentences),
        Column("cells", _("Row in the file"), _cells, wide=True, sql="raw", finish=_one_text),
    ),
    "-id",
    ("row", "reasons", "cells"),
)  # fmt: skip
UNDO = Table(
    (
        Column("number", _("Row"), "number", sort="number", cell=_number_cell, numeric=True),
        Column("fate", _("The import"), ImportRow.get_fate_display, sql="get_fate_display"),
        Column("undo", _("Undo"), ImportRow.get_undo_display, cell=_undo_cell, sql="get_undo_display"),
        Column("reasons", _("Reason"), _undo_reasons, cell=_text_cell,
               sql="undo_problems", finish=_undo_sentences),
        Column("changed", _("Changed fields"), _changed, cell=_text_cell, wide=True,
               sql="changed", finish=_labels),
        Column("cells", _("Row in the file"), _cells, wide=True, sql="raw", finish=_one_text),
    ),
    "number",
    ("fate", "undo", "reasons"),
)  # fmt: skip
MAPPINGS = Table(
    (
        Column("name", _("Name"), "name", sort="name", link=True),
        Column("kind", _("Kind"), ImportMapping.get_kind_display),
        Column("columns", _("Columns"), lambda mapping: len(mapping.config.get("columns", [])), numeric=True),
        Column("changed", _("Changed"), "updated_at", wide=True),
    ),
    "name",
    ("kind", "columns", "changed"),
)
