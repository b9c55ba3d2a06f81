"""Endpoints of metrics: definitions, the figures of customers, entered values, direct costs of orders, settings."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ActionsViewSet, ReadOnlyViewSet, VisibleViewSet
from core.permissions import allowed
from customers.models import Customer
from offers.orders.models import Order
from segmentation.metrics.filters import MetricsFilter, OwnValueFilter
from segmentation.metrics.models import (
    Area,
    CustomerMetrics,
    HourCost,
    OrderCost,
    OwnLevel,
    OwnMetric,
    OwnValue,
    ServiceCost,
)
from segmentation.metrics.selectors import periods_of
from segmentation.metrics.services.costs import order_cost_set
from segmentation.metrics.services.values import value_give
from segmentation.metrics.value_mode import sees_value, visible_metrics

VIEW = "metrics.view_metrics"


class MetricSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name: Any = serializers.CharField(source="label")
    definition = serializers.CharField()
    unit = serializers.CharField(help_text="count, persons, euros, percent, hours, days, months, years, yes, score …")
    section = serializers.CharField()
    source: Any = serializers.CharField(source="source_label")
    missing = serializers.CharField(help_text="What no data means: zero or unknown.")
    is_value = serializers.BooleanField(help_text="Whether it says what a customer is worth to us.")
    is_needed = serializers.BooleanField(help_text="Whether it is missing information where it is not known.")


class MetricViewSet(ActionsViewSet):
    """The definitions of the metrics that the user sees, by code."""

    queryset = CustomerMetrics.objects.none()
    serializer_class = MetricSerializer
    pagination_class = None
    filter_backends = ()
    lookup_field = "code"
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW, "retrieve": VIEW}

    @extend_schema(responses={200: MetricSerializer(many=True)})
    def list(self, request: Request) -> Response:
        """Return all of them."""
        return Response(MetricSerializer(list(visible_metrics(self.user).values()), many=True).data)

    @extend_schema(parameters=[OpenApiParameter("code", str, "path")], responses={200: MetricSerializer})
    def retrieve(self, request: Request, code: str) -> Response:
        """Return one of them."""
        metric = visible_metrics(self.user).get(code)
        if metric is None:
            raise Http404
        return Response(MetricSerializer(metric).data)


class CustomerMetricsSerializer(serializers.ModelSerializer[Customer]):
    customer = serializers.IntegerField(source="pk", read_only=True)
    name = serializers.CharField(read_only=True)
    computed_at = serializers.DateTimeField(source="metrics.computed_at", read_only=True, default=None, allow_null=True)
    values = serializers.SerializerMethodField(help_text="By code, as the user sees them; one not known is not there.")

    class Meta:
        model = Customer
        fields = ("customer", "name", "computed_at", "values")

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "number"}})
    def get_values(self, row: Customer) -> dict[str, Any]:
        codes, computed = self.context["codes"], getattr(row, "metrics", None)
        return {code: number for code, number in computed.values.items() if code in codes} if computed else {}


class PeriodSerializer(serializers.Serializer[Any]):
    from_month = serializers.DateField(source="first")
    to_month = serializers.DateField(source="last", allow_null=True)
    value = serializers.DecimalField(max_digits=20, decimal_places=2, allow_null=True)


class CustomerMetricsViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    """The figures of customers, by the customer's id."""

    queryset = Customer.objects.all()
    serializer_class = CustomerMetricsSerializer
    filterset_class = MetricsFilter
    table: Any = None
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW, "retrieve": VIEW, "history": VIEW}

    def visible_rows(self) -> Any:
        customers = Customer.objects.visible_to(self.user).select_related("metrics")
        return customers.active() if self.action == "list" else customers

    def get_serializer_context(self) -> dict[str, Any]:
        """Add which figures the user sees: of one customer its owner may see more."""
        customer = self._customer() if self.action == "retrieve" else None
        return {**super().get_serializer_context(), "codes": self._codes(customer)}

    def _customer(self) -> Customer | None:
        return Customer.objects.visible_to(self.user).filter(pk=self.kwargs.get("pk") or 0).first()

    def _codes(self, customer: Customer | None) -> set[str]:
        return set() if getattr(self, "swagger_fake_view", False) else set(visible_metrics(self.user, customer))

    @extend_schema(
        parameters=[OpenApiParameter("code", str, required=True)], responses={200: PeriodSerializer(many=True)},
        filters=False,
    )  # fmt: skip
    @action(detail=True, pagination_class=None, filterset_class=None)
    def history(self, request: Request, pk: str) -> Response:
        """Return the values of one figure with their months, the newest first."""
        customer = self.get_object()
        metric = visible_metrics(self.user, customer).get(request.query_params.get("code", ""))
        if metric is None:
            raise ValidationError({"code": [_("There is no such metric.")]})
        return Response(PeriodSerializer(periods_of(customer, metric), many=True).data)


class OwnLevelSerializer(serializers.ModelSerializer[OwnLevel]):
    class Meta:
        model = OwnLevel
        fields = ("number", "words_fi", "words_en")


class OwnMetricSerializer(serializers.ModelSerializer[OwnMetric]):
    metric = serializers.CharField(source="metric_code", read_only=True, help_text="The code among all metrics.")
    levels = OwnLevelSerializer(many=True, read_only=True)

    class Meta:
        model = OwnMetric
        fields = (
            "id", "code", "metric", "name_fi", "name_en", "definition_fi", "definition_en", "kind", "valid_months",
            "is_value", "is_needed", "levels", "order", "retired_at",
        )  # fmt: skip


class OwnMetricViewSet(ReadOnlyViewSet):
    """Own metrics and soft values with the words of their numbers."""

    serializer_class = OwnMetricSerializer
    queryset = OwnMetric.objects.prefetch_related("levels")
    filter_backends = ()

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(**({} if sees_value(self.user) else {"is_value": False}))


class AreaSerializer(serializers.ModelSerializer[Area]):
    class Meta:
        model = Area
        fields = ("id", "code", "name_fi", "name_en", "order", "municipalities", "retired_at")


class AreaViewSet(ReadOnlyViewSet):
    """Areas of municipalities by distance, the nearest first."""

    serializer_class = AreaSerializer
    queryset = Area.objects.prefetch_related("municipalities")
    filter_backends = ()


class OwnValueSerializer(serializers.ModelSerializer[OwnValue]):
    metric: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = OwnValue
        fields = (
            "id", "customer", "metric", "number", "day", "given_on", "expires_on", "replaced_on", "reason", "source",
            "given_by", "given_at",
        )  # fmt: skip
        read_only_fields = fields


class GiveSerializer(serializers.Serializer[Any]):
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    metric: Any = serializers.SlugRelatedField(slug_field="code", queryset=OwnMetric.objects.all())
    number = serializers.DecimalField(max_digits=16, decimal_places=2, required=False, allow_null=True)
    day = serializers.DateField(required=False, allow_null=True, help_text="Of metrics of the kind day.")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    source: Any = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    given_on = serializers.DateField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True)


class OwnValueViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    """Values of own metrics. A new one replaces the customer's last one, which stays in the history."""

    queryset = OwnValue.objects.select_related("metric")
    serializer_class = OwnValueSerializer
    filterset_class = OwnValueFilter
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW, "retrieve": VIEW, "create": "metrics.give_value"}

    def visible_rows(self) -> Any:
        customers = Customer.objects.visible_to(self.user)
        rows = self.queryset.filter(customer__in=customers)
        return rows if sees_value(self.user) else rows.filter(metric__is_value=False)

    @extend_schema(request=GiveSerializer, responses={201: OwnValueSerializer, 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Give a customer a value. The same value again changes nothing."""
        content = self.content(GiveSerializer)
        if not allowed(self.user, "metrics.give_value", content["customer"]):
            self.permission_denied(request)
        if content["metric"].is_value and not sees_value(self.user, content["customer"]):
            self.permission_denied(request)
        value = value_give(user=self.user, **content)
        return Response(OwnValueSerializer(value).data, status=201)


class OrderCostSerializer(serializers.Serializer[Any]):
    order = serializers.IntegerField(source="order_id", read_only=True)
    amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, allow_null=True, help_text="Euros without VAT; null: not known."
    )
    source: Any = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class OrderCostViewSet(VisibleViewSet):
    """The direct cost of an order, by the order's id."""

    queryset = Order.objects.select_related("customer", "owner")
    serializer_class = OrderCostSerializer
    pagination_class = None
    filter_backends = ()
    rule_permissions: ClassVar[dict[str, str]] = {
        "retrieve": "metrics.view_order_cost",
        "partial_update": "metrics.edit_order_cost",
    }

    @extend_schema(responses={200: OrderCostSerializer})
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return the cost; its amount is null where it is not known."""
        return self._shown(self.get_object())

    @extend_schema(request=OrderCostSerializer, responses={200: OrderCostSerializer, 409: ErrorSerializer})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Set the cost, or take it away (null)."""
        order = self.get_object()
        order_cost_set(order=order, user=self.user, **self.content(OrderCostSerializer))
        return self._shown(order)

    @staticmethod
    def _shown(order: Order) -> Response:
        cost = OrderCost.objects.filter(order=order).first()
        return Response(OrderCostSerializer(cost or {"order_id": order.pk, "amount": None, "source": ""}).data)


class HourCostSerializer(serializers.ModelSerializer[HourCost]):
    class Meta:
        model = HourCost
        fields = ("id", "role", "valid_from", "amount")


class ServiceCostSerializer(serializers.ModelSerializer[ServiceCost]):
    class Meta:
        model = ServiceCost
        fields = ("id", "year", "amount", "rate")
        read_only_fields = ("rate",)


class CostViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ActionsViewSet):
    pagination_class = None
    filter_backends = ()
    rule_permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("list", "retrieve", "create", "partial_update"), "metrics.edit_costs"
    )

    def create(self, request: Request) -> Response:
        row = self.valid(self.serializer_class).save()
        return Response(self.get_serializer(row).data, status=201)

    def partial_update(self, request: Request, pk: str) -> Response:
        row = self.valid(self.serializer_class, self.get_object(), partial=True).save()
        return Response(self.get_serializer(row).data)


class HourCostViewSet(CostViewSet):
    """What an hour of a group's members costs from a day on."""

    queryset = HourCost.objects.all()
    serializer_class = HourCostSerializer


class ServiceCostViewSet(CostViewSet):
    """What the common service of a year costs."""

    queryset = ServiceCost.objects.all()
    serializer_class = ServiceCostSerializer
