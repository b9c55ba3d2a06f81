"""Endpoints of the portfolio: the same figures as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ActionsViewSet, ReadViewSet
from core.filters import FilterSet, YesFilter
from core.permissions import allowed
from customers.filters import CustomerFilter
from customers.models import Customer
from segmentation.portfolio.enums import Field, LossCause
from segmentation.portfolio.forms import FILTERS, FlowForm, MatrixForm, SegmentedForm
from segmentation.portfolio.models import ProfitDecision
from segmentation.portfolio.selectors.concentration import concentration_of
from segmentation.portfolio.selectors.flow import Flow, flow_of
from segmentation.portfolio.selectors.matrix import matrix_of
from segmentation.portfolio.selectors.shares import growing_share, retention
from segmentation.portfolio.services import decision_make
from segmentation.schemes.models import Segment

FLOW_PARAMETERS = [
    OpenApiParameter("scheme", str, description="The code of a scheme; the primary one by default."),
    OpenApiParameter("first", str, description="A day, meant by its end; a year before the last by default."),
    OpenApiParameter("last", str, description="Today by default."),
    *(OpenApiParameter(name, int) for name in FILTERS),
]


class FlowSizeSerializer(serializers.Serializer[Any]):
    node = serializers.CharField(help_text="The id of a segment; or none, new, gone.")
    code = serializers.CharField(help_text="The code of the segment, empty for the other nodes.")
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class FlowMoveSerializer(serializers.Serializer[Any]):
    was = serializers.CharField()
    now = serializers.CharField()
    customers = serializers.IntegerField()


class ShareSerializer(serializers.Serializer[Any]):
    part = serializers.IntegerField()
    whole = serializers.IntegerField()
    percent = serializers.FloatField(allow_null=True)


@extend_schema_serializer(many=False)
class SegmentFlowSerializer(serializers.Serializer[Any]):
    scheme = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    sizes = FlowSizeSerializer(many=True)
    moves = FlowMoveSerializer(many=True)
    growing = ShareSerializer(help_text="Customers of growing segments among the direct ones with a segment.")
    retention = ShareSerializer(help_text="Who ordered in two consecutive periods of 12 months.")


class SegmentFlowViewSet(ActionsViewSet):
    """Sizes of segments on two days and the customers that moved between them."""

    queryset = Segment.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = SegmentFlowSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": "portfolio.view_segments"}

    @extend_schema(parameters=FLOW_PARAMETERS, responses={200: SegmentFlowSerializer})
    def list(self, request: Request) -> Response:
        """Return the flow between two days, a year until today unless others are given."""
        data: Any = {key: value for key, value in request.query_params.items() if value}
        form = FlowForm(data or None)
        query = form.query()
        if query is None:
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        flow = flow_of(query)
        content = {
            "scheme": query.scheme.code, "first": query.first, "last": query.last, "sizes": _sizes(flow),
            "moves": _moves(flow), "growing": growing_share(query, query.last),
            "retention": retention(query, query.last),
        }  # fmt: skip
        return Response(SegmentFlowSerializer(content).data)


def _sizes(flow: Flow) -> list[dict[str, Any]]:
    return [
        {
            "node": node.key,
            "code": node.segment.code if node.segment else "",
            "before": flow.before(node.key),
            "after": flow.after(node.key),
        }
        for node in flow.nodes
    ]


def _moves(flow: Flow) -> list[dict[str, Any]]:
    return [{"was": was, "now": now, "customers": number} for (was, now), number in sorted(flow.cells.items())]


class FieldSerializer(serializers.Serializer[Any]):
    field = serializers.ChoiceField(choices=Field.choices)
    customers = serializers.IntegerField()
    profit = serializers.DecimalField(
        max_digits=18, decimal_places=2, help_text="The sum of profitability in 12 months, euros."
    )


@extend_schema_serializer(many=False)
class MatrixSerializer(serializers.Serializer[Any]):
    current = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="Euros in 12 months.")
    potential = serializers.DecimalField(max_digits=4, decimal_places=1, help_text="A number of the scale 0–10.")
    fields = FieldSerializer(many=True)  # type: ignore[assignment]


class TopSerializer(serializers.Serializer[Any]):
    percent = serializers.IntegerField()
    customers = serializers.IntegerField(source="number")
    least = serializers.DecimalField(max_digits=14, decimal_places=2)
    ordered = serializers.DecimalField(max_digits=18, decimal_places=2)


@extend_schema_serializer(many=False)
class ConcentrationSerializer(serializers.Serializer[Any]):
    customers = serializers.IntegerField(source="number", help_text="Those that ordered in 12 months.")
    ordered = serializers.DecimalField(max_digits=18, decimal_places=2)
    gini = serializers.FloatField(allow_null=True)
    curve = serializers.ListField(
        child=serializers.FloatField(),
        help_text="Per cent of the orders from the smallest 0, 5, 10 … 100 per cent of the customers.",
    )
    tops = TopSerializer(many=True, help_text="The biggest customers by per cent.")


CUSTOMER_PARAMETERS = [OpenApiParameter(name, int) for name in ("segment", *FILTERS)]


class PortfolioViewSet(ActionsViewSet):
    """The portfolio matrix and the concentration of orders, of the customers of which the user sees the value."""

    queryset = Segment.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = MatrixSerializer
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "portfolio.view_portfolio",
        "concentration": "portfolio.view_portfolio",
    }

    @extend_schema(
        parameters=[OpenApiParameter("current", float), OpenApiParameter("potential", int), *CUSTOMER_PARAMETERS],
        responses={200: MatrixSerializer},
    )
    def list(self, request: Request) -> Response:
        """Return the number of customers and their profitability by field of the matrix."""
        query = self._form(MatrixForm).query(self.user)
        numbers, sums = matrix_of(query)
        fields = [{"field": name.value, "customers": numbers[name], "profit": sums[name]} for name in Field]
        content = {"current": query.current, "potential": query.potential, "fields": fields}
        return Response(MatrixSerializer(content).data)

    @extend_schema(parameters=CUSTOMER_PARAMETERS, responses={200: ConcentrationSerializer})
    @action(detail=False)
    def concentration(self, request: Request) -> Response:
        """Return how the orders of 12 months are spread over the customers."""
        form = self._form(SegmentedForm)
        return Response(ConcentrationSerializer(concentration_of(self.user, form.condition())).data)

    def _form(self, kind: Any) -> Any:
        data: Any = {key: value for key, value in self.request.query_params.items() if value}
        form = kind(data or None)
        if form.is_bound and not form.is_valid():
            raise ValidationError({field: list(map(str, errors)) for field, errors in form.errors.items()})
        return form


class ProfitDecisionSerializer(serializers.ModelSerializer[ProfitDecision]):
    class Meta:
        model = ProfitDecision
        fields = (
            "id", "customer", "cause", "action", "review_on", "profit_12", "profit_before", "decided_by", "decided_at",
            "replaced_at",
        )  # fmt: skip
        read_only_fields = fields


class NewDecisionSerializer(serializers.Serializer[Any]):
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    cause = serializers.ChoiceField(choices=LossCause.choices)
    action = serializers.CharField(max_length=2_000)
    review_on = serializers.DateField()


class DecisionFilter(FilterSet):
    customer = CustomerFilter()
    current = YesFilter(method="only_current", label="Current")

    class Meta:
        model = ProfitDecision
        fields: tuple[str, ...] = ()

    def only_current(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.current()


class ProfitDecisionViewSet(ReadViewSet):
    """Decisions about customers that have been unprofitable for two years. A new one replaces the one before."""

    queryset = ProfitDecision.objects.order_by("-pk")
    serializer_class = ProfitDecisionSerializer
    filterset_class = DecisionFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "portfolio.view_portfolio",
        "retrieve": "portfolio.view_portfolio",
        "create": "portfolio.view_portfolio",
    }

    @extend_schema(request=NewDecisionSerializer, responses={201: ProfitDecisionSerializer, 409: ErrorSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        content = self.content(NewDecisionSerializer)
        if not allowed(self.user, "portfolio.decide", content["customer"]):
            raise PermissionDenied
        return self.answer(decision_make(user=self.user, **content), 201)
