"""Columns of imports, their rows and mappings for pages, files and the order of the API."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tables import Column, Table
from imports.models import ImportMapping, ImportRow, ImportRun
from imports.problems import label_of


def _state(run: ImportRun) -> str:
    return str(run.real_state.label)


def _reasons(row: ImportRow) -> str:
    return " ".join(row.reasons)


def _changed(row: ImportRow) -> str:
    return ", ".join(str(label_of(name)) for name in row.changed)


def _left_out(row: ImportRow) -> str:
    return row.left_out[:300]


def _cells(row: ImportRow) -> str:
    return " · ".join(cell for cell in row.raw if cell)[:300]


RUNS = Table(
    (
        Column("file", _("File"), "file_name", link=True),
        Column("kind", _("Kind"), ImportRun.get_kind_display),
        Column("state", _("State"), _state, template="imports/cells/state.html"),
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
)
_ROW = (
    Column("number", _("Row"), "number", sort="number", template="imports/cells/number.html", numeric=True),
    Column("fate", _("Result"), lambda row: str(row.result_label), template="imports/cells/fate.html"),
    Column("reasons", _("Reason"), _reasons, template="imports/cells/text.html"),
    Column("changed", _("Changed fields"), _changed, template="imports/cells/text.html", wide=True),
    Column("left_out", _("Not imported"), _left_out, template="imports/cells/text.html", wide=True),
    Column("cells", _("Row in the file"), _cells, wide=True),
)
ROWS = Table(_ROW, "number")
HELD = Table(
    (
        Column("id", _("Import"), "run", sort="pk", template="imports/cells/run.html"),
        Column("row", _("Row"), "number", numeric=True),
        Column("reasons", _("Reason"), _reasons, template="imports/cells/text.html"),
        Column("cells", _("Row in the file"), _cells, wide=True),
    ),
    "-id",
)
MAPPINGS = Table(
    (
        Column("name", _("Name"), "name", sort="name", link=True),
        Column("kind", _("Kind"), ImportMapping.get_kind_display),
        Column("columns", _("Columns"), lambda mapping: len(mapping.config.get("columns", [])), numeric=True),
        Column("changed", _("Changed"), "updated_at", wide=True),
    ),
    "name",
)
