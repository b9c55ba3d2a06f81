"""Services of imports."""

from imports.services.assignments import assignment_execute, may_assign, rows_assign
from imports.services.mappings import mapping_delete, mapping_rename, mapping_save
from imports.services.runs import (
    allowed_next,
    run_config_set,
    run_create,
    run_delete,
    run_execute,
    run_now,
    run_start,
    runs_purge,
)

__all__ = [
    "allowed_next",
    "assignment_execute",
    "mapping_delete",
    "mapping_rename",
    "mapping_save",
    "may_assign",
    "rows_assign",
    "run_config_set",
    "run_create",
    "run_delete",
    "run_execute",
    "run_now",
    "run_start",
    "runs_purge",
]
