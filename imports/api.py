"""The API of imports: upload a file with a saved mapping and read the result of every row."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import VisibleRelatedField
from core.api.parsers import UnicodeJSONParser
from core.api.views import ReadViewSet
from core.permissions import allowed
from customers.models import Customer
from imports import tables
from imports.enums import ImportKind, RowStatus
from imports.filters import RowFilter, RunFilter
from imports.jobs import start_assigning
from imports.models import ImportMapping, ImportRow, ImportRun, RowAssignment
from imports.problems import SENTENCES
from imports.selectors import problem_counts
from imports.services import rows_assign, run_create, run_start
from imports.undo.serializers import ImportUndoSerializer, NewUndoSerializer, undo_answer
from imports.undo.services import undo_check, undo_start


class ImportSumsSerializer(serializers.Serializer[Any]):
    rows = serializers.IntegerField()
    value = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Euros.")


class ImportStageSerializer(serializers.Serializer[Any]):
    """The results of an offer import for one stage; an empty stage means an unknown one."""

    stage = serializers.CharField()
    taken_in = ImportSumsSerializer()
    held = ImportSumsSerializer()
    refused = ImportSumsSerializer()


class LeftOutColumnSerializer(serializers.Serializer[Any]):
    """A column that fills no field: the number of its cells that are not empty, and the first of them."""

    column = serializers.CharField()
    cells = serializers.IntegerField()
    examples = serializers.ListField(child=serializers.CharField())


class ProblemCountSerializer(serializers.Serializer[Any]):
    """A problem, the number of rows that have it, the first of them, and examples of cells."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    count = serializers.IntegerField()
    first_row = serializers.IntegerField()
    examples = serializers.ListField(child=serializers.CharField())


class ImportSerializer(serializers.ModelSerializer[ImportRun]):
    """An import with the number of rows per result and what it leaves out."""

    state = serializers.CharField(source="real_state", read_only=True)
    mapping = serializers.CharField(source="mapping_name", read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    sums = ImportStageSerializer(many=True, read_only=True)
    left_out_columns = LeftOutColumnSerializer(many=True, read_only=True)
    left_out_sheets = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ImportRun
        fields: tuple[str, ...] = (
            "id", "kind", "file_name", "sha256", "mapping", "state", "dry_run", "owner", "job", "total", "counts",
            "sums", "left_out_columns", "left_out_sheets", "error", "created_at", "finished_at", "undone", "undone_at",
        )  # fmt: skip
        read_only_fields = fields


class ImportDetailSerializer(ImportSerializer):
    """An import with its commonest problems."""

    problems = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields = (*ImportSerializer.Meta.fields, "problems")
        read_only_fields = fields

    @extend_schema_field(ProblemCountSerializer(many=True))
    def get_problems(self, run: ImportRun) -> Any:
        return ProblemCountSerializer(problem_counts(run), many=True).data


class NewImportSerializer(serializers.Serializer[Any]):
    """The file, its type of data, the name of a saved mapping (or none) and whether to check only."""

    kind = serializers.ChoiceField(choices=ImportKind.choices)
    file = serializers.FileField()
    mapping = serializers.CharField(max_length=100, required=False, allow_blank=True)
    dry_run = serializers.BooleanField(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        name = attrs.get("mapping", "")
        found = ImportMapping.objects.filter(kind=attrs["kind"], name=name).first() if name else None
        if name and found is None:
            text = _("There is no mapping “%(name)s” for %(kind)s.") % {"name": name, "kind": attrs["kind"]}
            raise ValidationError({"mapping": [text]})
        return {**attrs, "mapping": found}


class ImportAssignSerializer(serializers.Serializer[Any]):
    """Rows that need review, by row number or by reason, and the customer to assign them to."""

    customer = VisibleRelatedField(
        queryset=Customer.objects.all(), pk_field=serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    )
    rows = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1), required=False, max_length=10_000
    )
    reason = serializers.ChoiceField(choices=sorted(SENTENCES), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("rows" in attrs) == ("reason" in attrs):
            raise ValidationError({"rows": [_("Give either rows or a reason.")]})
        return attrs


class ImportAssignmentSerializer(serializers.ModelSerializer[RowAssignment]):
    """Rows assigned to a customer and the job that imports them."""

    job = serializers.CharField(read_only=True)

    class Meta:
        model = RowAssignment
        fields = ("id", "customer", "user", "at", "chosen", "taken_in", "job")
        read_only_fields = fields


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    reasons = serializers.ListField(child=serializers.CharField(), read_only=True)
    left_out = serializers.CharField(read_only=True, help_text="The cells in columns that fill no field.")
    undo_reasons = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ImportRow
        fields = (
            "number", "fate", "reasons", "problems", "left_out", "changed", "target_id", "target_kind", "raw", "undo",
            "undo_reasons",
        )  # fmt: skip
        read_only_fields = fields


class ImportViewSet(ReadViewSet):
    max_body_bytes = settings.IMPORT_MAX_BYTES + 1024 * 1024
    queryset = ImportRun.objects.select_related("job")
    serializer_class = ImportSerializer
    serializer_classes = {"retrieve": ImportDetailSerializer}
    filter_backends = (DjangoFilterBackend,)
    filterset_class = RunFilter
    table = tables.RUNS
    rule_permissions = {
        "list": "imports.view_import",
        "retrieve": "imports.view_import",
        "create": "imports.view_import",
        "rows": "imports.view_import",
        "assign": "imports.edit_import",
        "undo": "imports.view_import",
        "undo_rows": "imports.undo_import",
    }
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[Any]:
        if self.action == "rows":
            return ImportRow.objects.none()
        return super().get_queryset()

    @extend_schema(request=NewImportSerializer, responses={201: ImportSerializer})
    def create(self, request: Request) -> Response:
        """Store the file and start the check or the import as a job."""
        new = self.content(NewImportSerializer)
        run = run_create(
            kind=new["kind"],
            file=new["file"],
            name=new["file"].name,
            owner=self.user,
            mapping=new["mapping"],
        )
        run = run_start(run=run, user=self.user, dry_run=new["dry_run"])
        return self.answer(run, status.HTTP_201_CREATED)

    @extend_schema(responses={200: OpenApiResponse(ImportRowSerializer(many=True))})
    @action(detail=True, filterset_class=RowFilter, serializer_class=ImportRowSerializer, table=tables.ROWS)
    def rows(self, request: Request, pk: str) -> Response:
        """List the rows of an import in file order."""
        run = get_object_or_404(ImportRun.objects.visible_to(self.user), pk=pk)
        if not allowed(self.user, "imports.view_import", run):
            self.permission_denied(request)
        filterset = RowFilter(request.GET, queryset=run.rows.select_related("run"), request=request)
        if not filterset.form.is_valid():
            raise ValidationError(filterset.form.errors)
        page = self.paginate_queryset(filterset.qs)
        return self.get_paginated_response(ImportRowSerializer(page, many=True).data)

    @extend_schema(request=ImportAssignSerializer, responses={202: ImportAssignmentSerializer})
    @action(detail=True, methods=["post"], parser_classes=(UnicodeJSONParser,), serializer_class=ImportAssignSerializer)
    def assign(self, request: Request, pk: str) -> Response:
        """Assign rows that need review to a customer; a job imports them."""
        run = self.get_object()
        chosen, held = self.content(ImportAssignSerializer), run.rows.filter(fate=RowStatus.HELD)
        held = held.with_reason(chosen["reason"]) if "reason" in chosen else held.filter(number__in=chosen["rows"])
        ids = list(held.values_list("pk", flat=True))
        with transaction.atomic():
            assignment: Any = rows_assign(run=run, customer=chosen["customer"], user=self.user, ids=ids)
            assignment.job = str(start_assigning(assignment).pk)
        return Response(ImportAssignmentSerializer(assignment).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={200: ImportUndoSerializer})
    @action(detail=True, parser_classes=(UnicodeJSONParser,), serializer_class=NewUndoSerializer)
    def undo(self, request: Request, pk: str) -> Response:
        """Return how many rows of an import can be undone, and why others cannot."""
        return Response(undo_answer(self.get_object()))

    @extend_schema(request=NewUndoSerializer, responses={202: ImportUndoSerializer})
    @undo.mapping.post
    def undo_rows(self, request: Request, pk: str) -> Response:
        """Undo rows of an import in a job, or check which can be undone."""
        run, wanted = self.get_object(), self.content(NewUndoSerializer)
        if wanted["dry_run"]:
            job = undo_check(run=run, user=self.user)
            run.refresh_from_db()
            return Response(undo_answer(run, job.pk if job else None), status=status.HTTP_202_ACCEPTED)
        ids = None
        if "rows" in wanted:
            ids = list(run.rows.filter(number__in=wanted["rows"]).values_list("pk", flat=True))
        run = undo_start(run=run, user=self.user, ids=ids)
        return Response(undo_answer(run, run.job_id), status=status.HTTP_202_ACCEPTED)
