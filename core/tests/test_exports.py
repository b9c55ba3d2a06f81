"""Exported files: formulas made harmless, and read again as they were meant."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from core.exports import meant, neutralise, write_rows

FORMULAS = [
    "=1+1", "+358401234567", "-2", "@SUM(A1)", "\t=1", "\n=1", '=HYPERLINK("x")', " =1+1",
    "＝1+1", "＋1", "－1", "＠SUM(A1)", "﹦1", "\u3000＝1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_written_as_text(text):
    assert neutralise(text) == "'" + text


@pytest.mark.parametrize("text", [*FORMULAS, "'quoted'", "O'Hara", "", "a=b"])
def test_an_exported_cell_is_read_again_as_it_was_meant(text):
    assert meant(neutralise(text)) == text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_files_hold_no_formula(kind):
    file = io.BytesIO()
    write_rows(kind, file, ["=Name"], [["=1+1"], ["＝1+1"]])
    if kind == "csv":
        assert file.getvalue().decode("utf-8-sig").splitlines() == ["'=Name", "'=1+1", "'＝1+1"]
    else:
        cells = [row[0] for row in load_workbook(file).active]
        assert [(cell.value, cell.data_type) for cell in cells] == [("=Name", "s"), ("=1+1", "s"), ("＝1+1", "s")]


def test_a_workbook_takes_characters_that_xml_has_not():
    file = io.BytesIO()
    write_rows("xlsx", file, ["Name"], [["a\x0bb"]])
    assert load_workbook(file).active["A2"].value == "ab"
