"""Knowledge notes of care teams in the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.filters import TeamNoteFilter
from accounts.models import Team, TeamNote
from accounts.team_services import note_add, note_change, note_delete, note_restore, note_undo
from core.api.fields import LineTextField, VisibleRelatedField
from core.api.views import VersionedSerializer, WriteViewSet
from core.permissions import allowed
from core.tables import Column, Table

READ, EDIT = "accounts.view_user", "accounts.edit_team_notes"
NOTES = Table([Column("changed_at", "", sort="changed_at")], "-changed_at")


class TeamNoteSerializer(VersionedSerializer):
    team = VisibleRelatedField(queryset=Team.objects.all(), help_text="A care team. Given only when adding.")
    title = LineTextField(max_length=120)

    class Meta:
        model = TeamNote
        fields = ("id", "team", "title", "text", "added_by", "added_at", "changed_at", "deleted_at", "version")
        read_only_fields = ("added_by", "added_at", "changed_at", "deleted_at")

    def validate_team(self, team: Team) -> Team:
        if self.instance is not None and team.pk != self.instance.team_id:
            raise serializers.ValidationError(_("This can be given only when adding."))
        return team

    def create(self, validated_data: dict[str, Any]) -> TeamNote:
        return note_add(user=self.context["request"].user, **validated_data)

    def update(self, instance: TeamNote, validated_data: dict[str, Any]) -> TeamNote:
        fields = {name: validated_data.get(name, getattr(instance, name)) for name in ("title", "text")}
        return note_change(note=instance, version=validated_data.get("version"), **fields)


class TeamNoteViewSet(WriteViewSet):
    """What care teams know: their knowledge notes, the last changed first."""

    queryset = TeamNote.objects.select_related("team")
    serializer_class = TeamNoteSerializer
    filterset_class = TeamNoteFilter
    filters_details = False
    table = NOTES
    rule_permissions: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("list", "retrieve", "create"), READ),
        **dict.fromkeys(("partial_update", "destroy", "restore", "undo"), EDIT),
    }

    def get_queryset(self) -> Any:
        notes: Any = super().get_queryset()
        is_asked = self.action in ("retrieve", "restore") or "deleted" in self.request.query_params
        return notes if is_asked else notes.alive()

    def reread(self, instance: TeamNote) -> TeamNote:
        return TeamNote.objects.get(pk=instance.pk)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.valid(TeamNoteSerializer)
        if not allowed(self.user, EDIT, serializer.validated_data["team"]):
            self.permission_denied(request)
        return self.answer(serializer.save(), 201)

    def destroy(self, request: Request, pk: Any = None) -> Response:
        note_delete(note=self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses=TeamNoteSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: Any = None) -> Response:
        """Bring a deleted note back."""
        return self.answer(note_restore(note=self.get_object()))

    @extend_schema(request=None, responses=TeamNoteSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: Any = None) -> Response:
        """Put back what the last change of the note replaced."""
        return self.answer(note_undo(note=self.get_object()))
