"""Files as rows of text, whatever their format: ``open_table`` finds everything out and can be told otherwise."""

from imports.readers.errors import BadFile
from imports.readers.table import MAX_COLUMNS, Reading, Table, open_table

__all__ = ["MAX_COLUMNS", "BadFile", "Reading", "Table", "open_table"]
