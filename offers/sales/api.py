"""Endpoints of the pipeline, the sales reports and the sales targets."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team, User
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ActionsViewSet, VisibleViewSet
from core.filters import FilterSet
from core.permissions import allowed
from offers.offers.filters import OpenOfferFilter
from offers.offers.models import Offer
from offers.sales.enums import TargetKind
from offers.sales.filters import PipelineLeadFilter
from offers.sales.forms import FIRST_YEAR, LAST_YEAR, PeriodForm, ReportForm
from offers.sales.models import SalesTarget
from offers.sales.reports import REPORTS
from offers.sales.reports.tables import ReportTable
from offers.sales.selectors.pipeline import board_leads, board_offers, board_sums, forecast, pipeline_offers
from offers.sales.selectors.targets import MAX_PEOPLE, Progress, people_followed_by, progress_of
from offers.sales.services import targets_set
from offers.sales.views.reports import check_filters

VIEW = "offers.view_offer"
FILTERS = [OpenApiParameter(name, str) for name in OpenOfferFilter.base_filters]


class PipelineSumsSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    net = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Euros without VAT.")
    weighted = serializers.DecimalField(max_digits=18, decimal_places=2, help_text="Value weighted by probability.")


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
        """Return the sums of leads and offers by stage, with the filters of the page."""
        offers = filter_by_query(OpenOfferFilter, request, board_offers(self.user))
        leads = filter_by_query(PipelineLeadFilter, request, board_leads(self.user))
        return Response(PipelineBoardSerializer({"stages": board_sums(offers, leads)}).data)

    @extend_schema(parameters=FILTERS, responses={200: PipelineForecastSerializer})
    @action(detail=False)
    def forecast(self, request: Request) -> Response:
        """Return the expected value of open offers by month."""
        offers = filter_by_query(OpenOfferFilter, request, pipeline_offers(self.user))
        return Response(PipelineForecastSerializer(forecast(offers)).data)


def filter_by_query(kind: type[FilterSet], request: Request, queryset: Any) -> Any:
    """Return the queryset filtered by the request. Raise ``ValidationError`` with the errors by field."""
    filterset: FilterSet = kind(request.query_params, queryset=queryset, request=request)
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
    rows = serializers.SerializerMethodField(help_text="Each row is an object with the columns' names as keys.")
    total = serializers.SerializerMethodField()

    def get_rows(self, table: ReportTable) -> list[dict[str, Any]]:
        return [_row_object(table, row) for row in table.rows]

    def get_total(self, table: ReportTable) -> dict[str, Any] | None:
        return _row_object(table, table.total) if table.total else None


@extend_schema_serializer(many=False)
class SalesReportSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title: Any = serializers.CharField()
    text: Any = serializers.CharField(help_text="The meaning of the figures.")
    first = serializers.DateField()
    last = serializers.DateField()
    tables = SalesReportTableSerializer(many=True)


def _row_object(table: ReportTable, row: list[Any]) -> dict[str, Any]:
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
        """Return the tables of a report for the last twelve months, or from `first` to `last`."""
        report = REPORTS.get(name)
        if report is None:
            raise NotFound
        check_filters(report, request.query_params)
        data: Any = {key: value for key, value in request.query_params.items() if value}
        form = ReportForm(data or None, user=self.user, without=report.without)
        query = form.query()
        if query is None:
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        content = {"name": report.name, "title": report.title, "text": report.text, "tables": report.make(query)}
        return Response(SalesReportSerializer({**content, "first": query.first, "last": query.last}).data)


class TargetFilter(FilterSet):
    year = filters.NumberFilter()
    quarter = filters.NumberFilter()
    user = filters.NumberFilter(field_name="user_id")
    team = filters.NumberFilter(field_name="team_id")

    class Meta:
        model = SalesTarget
        fields: tuple[str, ...] = ()


class SalesTargetSerializer(serializers.ModelSerializer[SalesTarget]):
    class Meta:
        model = SalesTarget
        fields = ("id", "user", "team", "year", "quarter", "kind", "amount")


class AmountSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=TargetKind.choices)
    quarter = serializers.IntegerField(min_value=0, max_value=4, default=0, help_text="0: the whole year.")
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, allow_null=True, help_text="Null removes the target."
    )


class SetTargetsSerializer(serializers.Serializer[Any]):
    user = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)
    team = VisibleRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)
    amounts = AmountSerializer(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("user")) == bool(attrs.get("team")):
            raise serializers.ValidationError(_("Choose either a person or a team."))
        return attrs


@extend_schema_serializer(many=False)
class ProgressRowSerializer(serializers.Serializer[Progress]):
    kind = serializers.CharField()
    actual = serializers.DecimalField(max_digits=14, decimal_places=2)
    target = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(help_text="reached, or ahead of or behind schedule; empty without a target")


class PersonProgressSerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField(source="person.pk")
    rows = ProgressRowSerializer(many=True)


class SalesTargetViewSet(mixins.ListModelMixin, VisibleViewSet):
    """Targets that the user may see: their own, their staff's and teams', or all."""

    queryset = SalesTarget.objects.all()
    serializer_class = SalesTargetSerializer
    filterset_class = TargetFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "sales.view_targets",
        "progress": "sales.view_targets",
        "assign": "sales.view_targets",  # the targets that the user may set are checked below
    }

    def visible_rows(self) -> Any:
        user = self.user
        if user.has_perm("accounts.view_reports"):
            return self.queryset.all()
        of_people = Q(user=user) | Q(user__manager=user) | Q(user__teams__leader=user)
        of_teams = Q(team__leader=user) | Q(team__memberships__user=user)
        return self.queryset.filter(pk__in=SalesTarget.objects.filter(of_people | of_teams).values("pk"))

    @extend_schema(
        parameters=[OpenApiParameter("year", int), OpenApiParameter("quarter", int)],
        responses={200: PersonProgressSerializer(many=True)},
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def progress(self, request: Request) -> Response:
        """Return targets and actuals by person for a year (this year by default) or one of its quarters."""
        form = PeriodForm(request.query_params)
        if not form.is_valid():
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        period = form.period
        people = list(people_followed_by(self.user)[:MAX_PEOPLE])
        return Response(PersonProgressSerializer(progress_of(people, period), many=True).data)

    @extend_schema(
        request=SetTargetsSerializer, responses={200: SalesTargetSerializer(many=True), 409: ErrorSerializer}
    )
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def assign(self, request: Request) -> Response:
        """Set targets of a person or a team in a year; other targets stay."""
        data = self.content(SetTargetsSerializer)
        owner = data.get("user") or data["team"]
        rule = "sales.edit_target" if isinstance(owner, User) else "sales.set_targets"
        if not allowed(self.user, rule, owner if isinstance(owner, User) else None):
            raise PermissionDenied
        amounts = {(TargetKind(item["kind"]), item["quarter"]): item["amount"] for item in data["amounts"]}
        targets = targets_set(owner=owner, year=data["year"], amounts=amounts)
        return Response(SalesTargetSerializer(targets, many=True).data)
