"""Operations of migrations that the libraries lack."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger


class AddTriggers(Operation):
    """Add many triggers, given as ``AddTrigger`` operations.

    Each separate operation makes Django render all related models again, which takes minutes; here it is done once.
    """

    def __init__(self, triggers: list[AddTrigger]) -> None:
        self.triggers = triggers

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for trigger in self.triggers:
            options = state.models[app_label, trigger.model_name_lower].options
            options["triggers"] = [*options.get("triggers", []), trigger.trigger]
        state.reload_models(list({(app_label, trigger.model_name_lower) for trigger in self.triggers}))

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for trigger in self.triggers:
            trigger.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for trigger in reversed(self.triggers):
            trigger.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Create {len(self.triggers)} triggers"
