"""Every write about imports."""

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
    "mapping_delete",
    "mapping_rename",
    "mapping_save",
    "run_config_set",
    "run_create",
    "run_delete",
    "run_execute",
    "run_now",
    "run_start",
    "runs_purge",
]
