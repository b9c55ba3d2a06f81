"""What the API says of an undo, and what it takes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from imports.models import ImportRun
from imports.undo.selectors import preview_of


class UndoReasonSerializer(serializers.Serializer[Any]):
    """A reason why rows cannot be undone, and the number of rows that have it."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    count = serializers.IntegerField()


class ImportUndoSerializer(serializers.Serializer[Any]):
    """Whether an import can be undone, and how many of its rows can be, cannot be, or have been undone."""

    state = serializers.CharField(help_text="The state of the import.")
    possible = serializers.BooleanField()
    refusal = serializers.CharField(help_text="Why no row can be undone now; empty if some may be.")
    until = serializers.DateTimeField()
    checked_at = serializers.DateTimeField(allow_null=True)
    removable = serializers.IntegerField(help_text="Added records that can be removed.")
    restorable = serializers.IntegerField(help_text="Changed records that can get their former values back.")
    removed = serializers.IntegerField()
    restored = serializers.IntegerField()
    kept = serializers.IntegerField(help_text="Rows that cannot be undone.")
    waiting = serializers.IntegerField()
    unchecked = serializers.IntegerField()
    reasons = UndoReasonSerializer(many=True)
    job = serializers.UUIDField(allow_null=True, help_text="The job that checks or undoes the rows.")


class NewUndoSerializer(serializers.Serializer[Any]):
    """The row numbers to undo (all if not given), and whether to check only."""

    rows = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        required=False,
        allow_empty=False,
        max_length=10_000,
    )
    dry_run = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["dry_run"] and "rows" in attrs:
            raise serializers.ValidationError({"rows": [_("A check is of all rows.")]})
        return attrs


def undo_answer(run: ImportRun, job: Any = None) -> Any:
    """Return the answer of the undo endpoints."""
    return ImportUndoSerializer(preview_of(run, job)).data
