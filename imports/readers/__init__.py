"""Reading of files as rows of text: ``open_table`` detects the format unless reading options say otherwise."""

from imports.readers.errors import BadFile
from imports.readers.table import MAX_COLUMNS, Reading, Table, open_table

__all__ = ["MAX_COLUMNS", "BadFile", "Reading", "Table", "open_table"]
