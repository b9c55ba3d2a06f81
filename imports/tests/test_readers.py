from __future__ import annotations

import datetime as dt
import io
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from imports.readers.formats import BadFile
from imports.readers.table import MAX_COLUMNS, Reading, open_table
from imports.readers.text import MAX_CELL

FINNISH = "Nimi;Kunta\nÄänekosken Sähkö Oy;Äänekoski\nÅngström Ab;Kemiönsaari\n"
ODS_CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ODS_ROW = f"<table:table-row>{ODS_CELL}</table:table-row>"
ODS_CONTENT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="Taul1">'
    + ODS_ROW.format("Nimi")
    + ODS_ROW.format("Ääni Oy")
    + "</table:table></office:spreadsheet></office:body></office:document-content>"
)


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path, reading: Reading | None = None) -> tuple[list[str], list[list[str]]]:
    table = open_table(path, reading, {"nimi", "kunta", "name"})
    return table.header, [row for _number, row in table.rows]


def sheet(tmp_path: Path, *rows: list[Any]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "file")
    return tmp_path / "file"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "iso8859-1", "iso8859-15"])
def test_encoding_is_found(tmp_path, encoding):
    header, rows = read(write(tmp_path, FINNISH.encode(encoding)))
    assert header == ["Nimi", "Kunta"]
    assert rows == [["Äänekosken Sähkö Oy", "Äänekoski"], ["Ångström Ab", "Kemiönsaari"]]


def test_letter_far_from_the_start_decides_the_encoding(tmp_path):
    content = b"Nimi;Kunta\n" + b"Acme;Espoo\n" * 40_000 + "Sähkö;Hämeenlinna\n".encode("cp1252")
    _header, rows = read(write(tmp_path, content))
    assert rows[-1] == ["Sähkö", "Hämeenlinna"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(tmp_path, delimiter):
    text = f"Nimi{delimiter}Kunta\nA{delimiter}Espoo\nB{delimiter}Vantaa\n"
    assert read(write(tmp_path, text)) == (["Nimi", "Kunta"], [["A", "Espoo"], ["B", "Vantaa"]])


def test_delimiter_inside_quotes_divides_nothing(tmp_path):
    text = 'Nimi,Kunta\n"Virtanen, Mäki ja ""pojat"", Oy",Espoo\n"Kaksi\nriviä",Vantaa\n'
    _header, rows = read(write(tmp_path, text))
    assert rows == [['Virtanen, Mäki ja "pojat", Oy', "Espoo"], ["Kaksi\nriviä", "Vantaa"]]


def test_header_is_found_below_titles(tmp_path):
    header, rows = read(write(tmp_path, "Asiakasluettelo;\nTulostettu 1.2.2026;\n;\nNimi;Kunta\nA;Espoo\n"))
    assert (header, rows) == (["Nimi", "Kunta"], [["A", "Espoo"]])


def test_row_numbers_are_lines_of_the_file(tmp_path):
    table = open_table(write(tmp_path, 'Nimi,Kunta\n"A\nB",Espoo\n\nC,Vantaa\n'))
    assert [number for number, _row in table.rows] == [2, 5]


def test_given_reading_options_are_kept(tmp_path):
    path = write(tmp_path, "otsikko\nNimi,x;Kunta\nA,b;Espoo\n")
    header, rows = read(path, Reading(delimiter=";", header_row=2))
    assert (header, rows) == (["Nimi,x", "Kunta"], [["A,b", "Espoo"]])


def test_single_column_file_is_a_table(tmp_path):
    assert read(write(tmp_path, "Nimi\nA\nB\n")) == (["Nimi"], [["A"], ["B"]])


def test_repeated_and_empty_headings_get_names_of_their_own(tmp_path):
    header, _rows = read(write(tmp_path, "Nimi,Nimi,,Kunta\nA,B,C,D\n"))
    assert header[:2] == ["Nimi", "Nimi (2)"]
    assert len(set(header)) == 4


def test_excel_cells_become_text(tmp_path):
    day = dt.datetime(2026, 3, 1)
    path = sheet(tmp_path, ["Nimi", "Luku", "Desimaali", "Päivä", "Totta"], ["Ääni", 12.0, 0.1 + 0.2, day, True])
    assert read(path)[1] == [["Ääni", "12", "0.3", "2026-03-01", "1"]]


def test_excel_header_below_titles_and_another_sheet(tmp_path):
    book = Workbook()
    book.active.append(["Nimi"])
    book.active.append(["Väärä"])
    other = book.create_sheet("Toinen")
    for cells in (["Raportti"], [], ["Nimi", "Kunta"], ["A", "Espoo"]):
        other.append(cells)
    book.save(tmp_path / "file")
    assert read(tmp_path / "file")[1] == [["Väärä"]]
    assert read(tmp_path / "file", Reading(sheet="Toinen")) == (["Nimi", "Kunta"], [["A", "Espoo"]])


def test_opendocument_sheet_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "file", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:x"/>')
        archive.writestr("content.xml", ODS_CONTENT)
    assert read(tmp_path / "file") == (["Nimi"], [["Ääni Oy"]])


def protected_ods() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("META-INF/manifest.xml", "<m><encryption-data/></m>")
        archive.writestr("content.xml", "x")
    return buffer.getvalue()


def lying_zip() -> bytes:
    """A sheet that says it is small and is not: its sizes are changed after writing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 3_000_000)
    return buffer.getvalue().replace(struct.pack("<I", 3_000_000), struct.pack("<I", 100))


def other_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "x")
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD = {
    "empty": (b"", "empty"),
    "only blank lines": (b"\n\n  \n", "empty"),
    "header only": (b"Nimi;Kunta\n", "header_only"),
    "header only and blank lines": (b"Nimi;Kunta\n;\n\n", "header_only"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\x01\x02\x03" * 50, "binary"),
    "zero in the text": (b"Nimi;Kunta\nA\x00B;Espoo\n", "binary"),
    "zero in utf-16": ("Nimi;Kunta\nA\x00B;Espoo\n".encode("utf-16"), "binary"),
    "control characters": (b"\x01\x02\x03\x04", "binary"),
    "an image with a mark of utf-16": (b"\xff\xfe\x00\xd8\x00\xd8" * 50, "binary"),
    "pdf": (b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "not_a_table"),
    "rich text": (rb"{\rtf1\ansi Asiakkaat}" + b"\n", "not_a_table"),
    "xml": (b"<?xml version='1.0'?>\n<customers>\n<a>1</a>\n</customers>\n", "not_a_table"),
    "json": (b'[{"name": "A"},\n{"name": "B"}]\n', "not_a_table"),
    "broken quoting": (b'Nimi,Kunta\n"A"x,Espoo\n', "broken_quoting"),
    "open quotation mark": (b'Nimi,Kunta\n"A,Espoo\nB,Vantaa\n', "broken_quoting"),
    "huge cell": (b"Nimi,Kunta\n" + b"A" * (MAX_CELL + 1) + b",Espoo\n", "huge_cell"),
    "huge cell by an open mark": (b'Nimi,Kunta\n"A' + b"\nB,Espoo" * 20_000, "huge_cell"),
    "too many columns": (",".join(f"c{n}" for n in range(MAX_COLUMNS + 1)).encode() + b"\n1\n", "too_many_columns"),
    "protected excel": (OLE + b"\x00" * 100 + "EncryptedPackage".encode("utf-16-le"), "protected"),
    "protected opendocument": (protected_ods(), "protected"),
    "old word file": (OLE + b"\x00" * 1_000 + "WordDocument".encode("utf-16-le"), "not_a_table"),
    "damaged excel": (OLE + b"\x00" * 1_000 + "Workbook".encode("utf-16-le"), "damaged"),
    "cut zip": (b"PK\x03\x04" + b"\x00" * 40, "damaged"),
    "zip with wrong sizes": (lying_zip(), "damaged"),
    "word file": (other_zip(), "not_a_table"),
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD.keys())
def test_bad_file_ends_in_one_sentence(tmp_path, content, code):
    with pytest.raises(BadFile) as error:
        read(write(tmp_path, content))
    assert error.value.code == code
    assert str(error.value).count("\n") == 0
    assert str(error.value).endswith((".", "?"))


def test_bursting_archive_is_refused_before_it_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr("imports.readers.formats.MAX_UNPACKED", 1_000_000)
    with zipfile.ZipFile(tmp_path / "file", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2_000_000)
    with pytest.raises(BadFile) as error:
        read(tmp_path / "file")
    assert error.value.code == "bursting"


def test_wrong_encoding_given_is_told(tmp_path):
    with pytest.raises(BadFile) as error:
        read(write(tmp_path, FINNISH.encode("cp1252")), Reading(encoding="utf-8"))
    assert error.value.code == "encoding"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_binary_file_is_told_as_such_whatever_encoding_is_chosen(tmp_path, encoding):
    with pytest.raises(BadFile) as error:
        read(write(tmp_path, BAD["binary"][0]), Reading(encoding=encoding))
    assert error.value.code == "binary"


def test_rows_are_streamed(tmp_path):
    import tracemalloc

    path = write(tmp_path, b"Nimi;Kunta\n" + b"Nokian Konepaja Oy;Espoo\n" * 200_000)
    tracemalloc.start()
    table = open_table(path)
    assert sum(1 for _row in table.rows) == 200_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000
