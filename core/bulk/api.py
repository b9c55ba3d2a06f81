"""The API of bulk operations: choose rows by ids or by a list's filters, preview, start, read, undo."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.queries import FilterBackend
from core.api.views import ReadViewSet
from core.bulk import tables
from core.bulk.enums import BulkState
from core.bulk.models import BulkRow, BulkRun
from core.bulk.operations import Operation, operations
from core.bulk.selectors import add_urls, groups_of, has_undo
from core.bulk.services import ids_in, run_choose, run_preview, run_recount, run_start, undo_start
from core.exceptions import BusinessRuleError
from core.jobs import job_cancel
from core.list_rows import list_of
from core.permissions import SIGNED_IN

MOST_IDS = 10_000
#: Errors of what was sent rather than of the present data: code → the field in error.
UNREADABLE = {"invalid": "params", "filter": "filter"}


class BulkRunSerializer(serializers.ModelSerializer[BulkRun]):
    """A bulk operation and how many rows have each outcome; before the start, what they would have."""

    title = serializers.CharField(source="words", read_only=True)
    state = serializers.ChoiceField(choices=BulkState.choices, source="real_state", read_only=True)
    filter = serializers.CharField(
        source="query",
        read_only=True,
        help_text="The filters of the list where the rows were chosen, as in its address.",
    )
    params = serializers.DictField(read_only=True)
    may_be_undone = serializers.SerializerMethodField()
    undo_until = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = BulkRun
        fields: tuple[str, ...] = (
            "id", "operation", "title", "state", "params", "filter", "total", "changed", "unchanged", "refused",
            "undone", "kept", "job", "may_be_undone", "undo_until", "created_at", "finished_at", "undone_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_may_be_undone(self, run: BulkRun) -> bool:
        return has_undo(run) and run.may_be_undone


class BulkGroupSerializer(serializers.Serializer[Any]):
    """Rows that are left out or stay as they are, for one reason."""

    status = serializers.CharField()
    reason = serializers.CharField()
    text = serializers.CharField()
    count = serializers.IntegerField()


class BulkRunDetailSerializer(BulkRunSerializer):
    """A bulk operation with the reasons why rows are left out."""

    groups = serializers.SerializerMethodField()

    class Meta(BulkRunSerializer.Meta):
        fields = (*BulkRunSerializer.Meta.fields, "groups")
        read_only_fields = fields

    @extend_schema_field(BulkGroupSerializer(many=True))
    def get_groups(self, run: BulkRun) -> Any:
        return BulkGroupSerializer(groups_of(run), many=True).data if run.operation in operations() else []


class BulkRowSerializer(serializers.ModelSerializer[BulkRow]):
    text = serializers.SerializerMethodField(help_text="Why it was left out, or could not be undone.")

    class Meta:
        model = BulkRow
        fields = ("target_id", "label", "status", "reason", "text", "made_id", "undo")
        read_only_fields = fields

    def get_text(self, row: BulkRow) -> str:
        return tables.reason_of(row)


class NewBulkRunSerializer(serializers.Serializer[Any]):
    """The operation, the rows (ids, or the filters of its list) and what the operation's form asks."""

    operation = serializers.CharField(max_length=60)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), required=False, max_length=MOST_IDS
    )
    filter = serializers.CharField(
        required=False, allow_blank=True, max_length=10_000, help_text="A query string; empty means all rows."
    )
    params = serializers.DictField(required=False, default=dict)
    dry_run = serializers.BooleanField(default=False, help_text="Preview only: start it later, or not at all.")

    def validate_operation(self, name: str) -> Operation:
        user, operation = self.context["request"].user, operations().get(name)
        if operation is None or not operation.is_for_api or not operation.allowed(user):
            offered = [item.name for item in operations().values() if item.is_for_api and item.allowed(user)]
            raise ValidationError([_("Choose one of: %s") % ", ".join(offered)])
        return operation

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("filter" in attrs):
            raise ValidationError({"ids": [_("Give either ids or a filter.")]})
        self._check_params(attrs["operation"], attrs["params"])
        return attrs

    def _check_params(self, operation: Operation, params: dict[str, Any]) -> None:
        """Refuse names that the operation's form does not have, and values that no form has."""
        for name, value in params.items():
            if name not in operation.form_class.base_fields:
                known = ", ".join(operation.form_class.base_fields) or "–"
                text = _("There is no “%(name)s”; known: %(known)s.") % {"name": name[:60], "known": known}
                raise ValidationError({"params": [text]})
            values = value if isinstance(value, list) else [value]
            if any(not isinstance(item, str | int | None) or "\x00" in str(item) for item in values):
                raise ValidationError({"params": [_("Choose a text or a number: %s.") % name]})


class BulkRunViewSet(ReadViewSet):
    queryset = BulkRun.objects.select_related("job", "user")
    serializer_class = BulkRunSerializer
    serializer_classes = {"retrieve": BulkRunDetailSerializer}
    filter_backends = (FilterBackend,)
    filterset_class = tables.RunFilter
    table = tables.RUNS
    filters_details = False
    rule_permissions = dict.fromkeys(("list", "retrieve", "create", "rows", "start", "cancel", "undo"), SIGNED_IN)

    def get_object(self) -> BulkRun:
        return run_recount(super().get_object())

    def get_queryset(self) -> QuerySet[Any]:
        return BulkRow.objects.none() if self.action == "rows" else super().get_queryset()

    @extend_schema(request=NewBulkRunSerializer, responses={201: BulkRunDetailSerializer})
    def create(self, request: Request) -> Response:
        """Choose the rows and preview the operation; start it as a job unless `dry_run`."""
        new = self.content(NewBulkRunSerializer)
        operation: Operation = new["operation"]
        path, query = reverse(operation.list_url_name), new.get("filter", "")
        try:
            rows = ids_in(operation, self.user, new["ids"]) if "ids" in new else list_of(path, query, self.user)[1]
            run = run_choose(operation=operation, user=self.user, rows=rows, path=path, query=query)
            run = run_preview(run=run, params=new["params"])
        except BusinessRuleError as error:
            if error.code not in UNREADABLE:
                raise
            raise ValidationError({UNREADABLE[error.code]: [str(error)]}) from error
        if not new["dry_run"]:
            run = run_start(run=run)
        return self._detail(run, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={202: BulkRunDetailSerializer})
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Start what was only previewed."""
        return self._detail(run_start(run=self.get_object()), status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={200: BulkRunDetailSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop what is under way: rows that are done stay done, and can be undone."""
        run = self.get_object()
        if run.job:
            job_cancel(run.job)
        return self._detail(run, status.HTTP_200_OK)

    @extend_schema(request=None, responses={202: BulkRunDetailSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Undo the operation as a job: former values where nobody has changed them since."""
        return self._detail(undo_start(run=self.get_object()), status.HTTP_202_ACCEPTED)

    @extend_schema(responses={200: OpenApiResponse(BulkRowSerializer(many=True))})
    @action(detail=True, filterset_class=tables.RowFilter, serializer_class=BulkRowSerializer, table=tables.ROWS)
    def rows(self, request: Request, pk: str) -> Response:
        """List the rows with the outcome of each."""
        run = get_object_or_404(BulkRun.objects.visible_to(self.user), pk=pk)
        filterset = tables.RowFilter(request.GET, queryset=run.rows.select_related("run"), request=request)
        if not filterset.form.is_valid():
            raise ValidationError(filterset.form.errors)
        page = add_urls(run, self.paginate_queryset(filterset.qs) or [])
        return self.get_paginated_response(BulkRowSerializer(page, many=True).data)

    def _detail(self, run: BulkRun, code: int) -> Response:
        run = BulkRun.objects.select_related("job", "user").get(pk=run.pk)
        return Response(BulkRunDetailSerializer(run, context=self.get_serializer_context()).data, status=code)
