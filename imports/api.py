"""Imports over the API: a file goes in with the name of a saved mapping, its fates come out."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.views import VisibleViewSet
from crm.permissions import allowed
from imports import tables
from imports.enums import ImportKind
from imports.filters import RowFilter, RunFilter
from imports.models import ImportMapping, ImportRow, ImportRun
from imports.services import run_create, run_start


class ImportSerializer(serializers.ModelSerializer[ImportRun]):
    """An import and how many of its rows had each fate."""

    state = serializers.CharField(source="real_state", read_only=True)
    mapping = serializers.CharField(source="mapping_name", read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = ImportRun
        fields = (
            "id", "kind", "file_name", "sha256", "mapping", "state", "dry_run", "owner", "job", "total", "counts",
            "error", "created_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class NewImportSerializer(serializers.Serializer[Any]):
    """What one sends: the file, what its rows are, the name of a saved mapping (or none) and whether only to check."""

    kind = serializers.ChoiceField(choices=ImportKind.choices)
    file = serializers.FileField()
    mapping = serializers.CharField(max_length=100, required=False, allow_blank=True)
    dry_run = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        name = attrs.get("mapping", "")
        found = ImportMapping.objects.filter(kind=attrs["kind"], name=name).first() if name else None
        if name and found is None:
            raise ValidationError({"mapping": [f"There is no mapping “{name}” for {attrs['kind']}."]})
        return {**attrs, "mapping": found}


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    reasons = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ImportRow
        fields = ("number", "fate", "reasons", "problems", "changed", "target_id", "raw")
        read_only_fields = fields


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    queryset = ImportRun.objects.select_related("job")
    serializer_class = ImportSerializer
    filter_backends = (DjangoFilterBackend,)
    filterset_class = RunFilter
    table = tables.RUNS
    rule_permissions = {
        "list": "imports.view_import",
        "retrieve": "imports.view_import",
        "create": "imports.view_import",
        "rows": "imports.view_import",
    }
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[Any]:
        if self.action == "rows":
            return ImportRow.objects.none()
        return super().get_queryset()

    @extend_schema(request=NewImportSerializer, responses={201: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Store the file and start the check or the import as a job."""
        data = NewImportSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        new, user = data.validated_data, request.user
        run = run_create(
            kind=new["kind"],
            file=new["file"],
            name=new["file"].name,
            owner=user,  # type: ignore[arg-type]
            mapping=new["mapping"],
        )
        run = run_start(run=run, user=user, dry_run=new["dry_run"])  # type: ignore[arg-type]
        return Response(ImportSerializer(run).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={200: OpenApiResponse(ImportRowSerializer(many=True))})
    @action(detail=True, filterset_class=RowFilter, serializer_class=ImportRowSerializer, table=tables.ROWS)
    def rows(self, request: Request, pk: str) -> Response:
        """The rows of an import in the order of the file, by key; ``fate`` and ``to_mend`` choose some."""
        run = get_object_or_404(ImportRun.objects.visible_to(request.user), pk=pk)
        if not allowed(request.user, "imports.view_import", run):
            self.permission_denied(request)
        filterset = RowFilter(request.GET, queryset=run.rows.all(), request=request)
        if not filterset.form.is_valid():
            raise ValidationError(filterset.form.errors)
        page = self.paginate_queryset(filterset.qs)
        return self.get_paginated_response(ImportRowSerializer(page, many=True).data)
