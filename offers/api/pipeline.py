"""Endpoints of the pipeline and of sales reports: the figures of the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from crm.api.views import ActionsViewSet
from crm.filters import FilterSet
from offers.filters_offers import OpenOfferFilter
from offers.filters_pipeline import PipelineLeadFilter
from offers.forms.reports import ReportForm
from offers.models import Offer
from offers.reports import REPORTS
from offers.reports.parts import ReportTable
from offers.selectors_pipeline import board_leads, board_offers, board_sums, forecast, pipeline_offers

VIEW = "offers.view_offer"
FILTERS = [OpenApiParameter(name, str) for name in OpenOfferFilter.base_filters]


class PipelineSumsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    net = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Euros without VAT.")
    weighted = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="By probability.")


class PipelineStageSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="lead, open, sent, or order and lost of the last 30 days.")
    label: Any = serializers.CharField()
    sums = PipelineSumsSerializer()


class PipelineForecastRowSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="month, overdue, later or no_date.")
    month = serializers.DateField(allow_null=True, help_text="The first day of the month.")
    sums = PipelineSumsSerializer()


@extend_schema_serializer(many=False)
class PipelineForecastSerializer(serializers.Serializer[Any]):
    rows = PipelineForecastRowSerializer(many=True)
    total = PipelineSumsSerializer()


@extend_schema_serializer(many=False)
class PipelineBoardSerializer(serializers.Serializer[Any]):
    stages = PipelineStageSerializer(many=True)


class PipelineViewSet(ActionsViewSet):
    """The pipeline: sums by stage, and the forecast by month."""

    queryset = Offer.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = PipelineBoardSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW, "forecast": VIEW}

    @extend_schema(parameters=FILTERS, responses={200: PipelineBoardSerializer})
    def list(self, request: Request) -> Response:
        """Sums of leads and offers by stage, with the filters of the page."""
        offers = filtered(OpenOfferFilter, request, board_offers(self.user))
        leads = filtered(PipelineLeadFilter, request, board_leads(self.user))
        return Response(PipelineBoardSerializer({"stages": board_sums(offers, leads)}).data)

    @extend_schema(parameters=FILTERS, responses={200: PipelineForecastSerializer})
    @action(detail=False)
    def forecast(self, request: Request) -> Response:
        """What open offers are expected to bring by month."""
        offers = filtered(OpenOfferFilter, request, pipeline_offers(self.user))
        return Response(PipelineForecastSerializer(forecast(offers)).data)


def filtered(kind: type[FilterSet], request: Request, rows: Any) -> Any:
    """Return the rows that the query asks for; what cannot be read is told at its field."""
    filterset: FilterSet = kind(request.query_params, queryset=rows, request=request)
    if not filterset.is_valid():
        raise ValidationError({name: list(map(str, errors)) for name, errors in filterset.errors.items()})
    return filterset.qs


class SalesReportColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label: Any = serializers.CharField()
    unit = serializers.CharField(help_text="text, count, euros, percent, days or date.")


class SalesReportTableSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label: Any = serializers.CharField()
    columns = SalesReportColumnSerializer(many=True)
    rows = serializers.SerializerMethodField(help_text="A row is an object of the columns' names.")
    total = serializers.SerializerMethodField()

    def get_rows(self, table: ReportTable) -> list[dict[str, Any]]:
        return [_named(table, row) for row in table.rows]

    def get_total(self, table: ReportTable) -> dict[str, Any] | None:
        return _named(table, table.total) if table.total else None


@extend_schema_serializer(many=False)
class SalesReportSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title: Any = serializers.CharField()
    text: Any = serializers.CharField(help_text="What the figures mean.")
    first = serializers.DateField()
    last = serializers.DateField()
    tables = SalesReportTableSerializer(many=True)


def _named(table: ReportTable, row: list[Any]) -> dict[str, Any]:
    pairs = zip(table.columns, row, strict=True)
    return {column.name: str(value) if column.unit == "text" else value for column, value in pairs}


PARAMETERS = [OpenApiParameter(name, str) for name in ("first", "last", "type", "group", "team", "owner")]


class ReportViewSet(ActionsViewSet):
    """Sales reports by name: open, types, people, hit-rate, decision-time, recurring, reasons, segments."""

    queryset = Offer.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = SalesReportSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"retrieve": VIEW}
    lookup_field = "name"

    @extend_schema(parameters=[OpenApiParameter("name", str, "path", enum=list(REPORTS)), *PARAMETERS])
    def retrieve(self, request: Request, name: str) -> Response:
        """The tables of a report, of the last twelve months or from `first` to `last`."""
        report = REPORTS.get(name)
        if report is None:
            raise NotFound
        asked: Any = {key: value for key, value in request.query_params.items() if value}
        form = ReportForm(asked or None, user=self.user, without=report.without)
        query = form.query()
        if query is None:
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        content = {"name": report.name, "title": report.title, "text": report.text, "tables": report.make(query)}
        return Response(SalesReportSerializer({**content, "first": query.first, "last": query.last}).data)


def register(router: SimpleRouter) -> None:
    router.register("pipeline", PipelineViewSet, basename="api-pipeline")
    router.register("offers/reports", ReportViewSet, basename="api-sales-report")
