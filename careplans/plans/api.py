"""Endpoints of care plans and their occurrences: the same rules and services as the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from careplans.adherence.figures import Figures
from careplans.adherence.occurrences import Key, Occurrence
from careplans.adherence.periods import Kind
from careplans.caremodels.models import SkipReason
from careplans.plans.enums import OccurrenceKind
from careplans.plans.filters import PlanFilter
from careplans.plans.models import OccurrenceCorrection, OccurrenceDecision, PlanUpdate
from careplans.plans.plan import Line, plan_of
from careplans.plans.selectors import plan_customers, with_plans
from careplans.plans.services.occurrences import occurrence_correct, occurrence_postpone, occurrence_skip
from careplans.plans.services.updates import plan_update_add
from careplans.plans.words import when_words, who_has_words
from core import clock
from core.api.errors import ErrorSerializer
from core.api.fields import DayField, DaysMixin
from core.api.views import ActionsViewSet, ReadViewSet
from core.numbers import parse_id
from customers.models import Customer

VIEW, EDIT = "careplans.view_plan", "careplans.edit_plan"
DECIDE = "careplans.decide_occurrence"


@extend_schema_serializer(many=False)
class CareFiguresSerializer(serializers.Serializer[Any]):
    """Occurrences by state; ``adherence`` is done ÷ due in per cent, empty where nothing was due."""

    due = serializers.IntegerField()
    done = serializers.IntegerField()
    late = serializers.IntegerField()
    missed = serializers.IntegerField()
    coming = serializers.IntegerField()
    adherence = serializers.IntegerField(allow_null=True)


def figures_data(figures: Figures) -> Mapping[str, Any]:
    names = ("due", "done", "late", "missed", "coming", "adherence")
    return {name: getattr(figures, name) for name in names}


class PlannedActionSerializer(serializers.Serializer[Any]):
    """An action in force: who does it, when, and how it is now."""

    code = serializers.CharField()
    name = serializers.CharField()
    scope = serializers.CharField(help_text="customer, internal or statutory.")
    when = serializers.CharField()
    who = serializers.CharField()
    care_model = serializers.IntegerField(allow_null=True)
    is_mandatory = serializers.BooleanField()
    is_contact = serializers.BooleanField()
    is_tracked = serializers.BooleanField()
    is_exception = serializers.BooleanField()
    is_overdue = serializers.BooleanField()
    last_done = serializers.DateField(allow_null=True)
    next_due = serializers.DateField(allow_null=True)
    year = CareFiguresSerializer()


def action_data(line: Line) -> dict[str, Any]:
    action = line.action
    return {
        "code": line.code, "name": str(action.source), "scope": action.scope.value, "when": when_words(action),
        "who": who_has_words(action), "care_model": action.origin.model_id if action.origin else None,
        "is_mandatory": action.is_mandatory, "is_contact": action.is_contact, "is_tracked": action.is_tracked,
        "is_exception": action.is_own, "is_overdue": line.is_overdue, "last_done": line.last_done,
        "next_due": line.next.due if line.next else None, "year": figures_data(line.figures),
    }  # fmt: skip


class CarePlanSerializer(serializers.ModelSerializer[Customer]):
    """A customer with a care plan; its actions and figures are at the plan's own address."""

    owner: Any = serializers.PrimaryKeyRelatedField(source="summary.owner", read_only=True)
    segment: Any = serializers.PrimaryKeyRelatedField(source="summary.segment", read_only=True)
    care_models = serializers.SerializerMethodField(help_text="The ids of the care models that apply.")
    is_waiting = serializers.BooleanField(source="plan_waits", read_only=True)
    updated_on = serializers.DateField(source="plan_updated", read_only=True, allow_null=True)

    class Meta:
        model = Customer
        fields: tuple[str, ...] = ("id", "name", "owner", "segment", "care_models", "is_waiting", "updated_on")
        read_only_fields = fields

    def get_care_models(self, customer: Any) -> list[int]:
        return [model.pk for model in customer.plan_models]


class CarePlanDetailSerializer(CarePlanSerializer):
    """A care plan: figures of this year and of twelve months, and the actions in force."""

    is_contact_overdue = serializers.SerializerMethodField()
    year = serializers.SerializerMethodField()
    months_12 = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(CarePlanSerializer.Meta):
        fields = (*CarePlanSerializer.Meta.fields, "is_contact_overdue", "year", "months_12", "actions")
        read_only_fields = fields

    def get_is_contact_overdue(self, customer: Any) -> bool:
        return bool(customer.plan.is_contact_overdue)

    @extend_schema_field(CareFiguresSerializer)
    def get_year(self, customer: Any) -> Any:
        return CareFiguresSerializer(figures_data(customer.plan.figures)).data

    @extend_schema_field(CareFiguresSerializer)
    def get_months_12(self, customer: Any) -> Any:
        return CareFiguresSerializer(figures_data(customer.plan.figures_12)).data

    @extend_schema_field(PlannedActionSerializer(many=True))
    def get_actions(self, customer: Any) -> Any:
        lines = [action_data(line) for line in customer.plan.lines if line.is_in_force]
        return PlannedActionSerializer(lines, many=True).data


class OccurrenceNameSerializer(serializers.Serializer[Any]):
    """What names an occurrence, as ``/care-occurrences/`` has it."""

    code = serializers.SlugField(max_length=60)
    kind = serializers.ChoiceField(choices=OccurrenceKind.choices)
    start = DayField()
    event = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class SkipOccurrenceSerializer(OccurrenceNameSerializer):
    reason = serializers.SlugRelatedField(slug_field="code", queryset=SkipReason.objects.all())
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class PostponeOccurrenceSerializer(SkipOccurrenceSerializer):
    to = DayField()


class OccurrenceDecisionSerializer(serializers.ModelSerializer[OccurrenceDecision]):
    reason: Any = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = OccurrenceDecision
        fields = (
            "id", "customer", "code", "kind", "start", "event", "decision", "to", "reason", "is_accepted", "note",
            "entered", "user",
        )  # fmt: skip
        read_only_fields = fields


class PlanUpdateSerializer(DaysMixin, serializers.ModelSerializer[PlanUpdate]):
    class Meta:
        model = PlanUpdate
        fields = ("id", "customer", "day", "user", "accepted_by", "note")
        read_only_fields = ("id", "customer", "user")
        extra_kwargs: ClassVar[dict[str, Any]] = {"day": {"required": False}}


class CorrectOccurrenceSerializer(serializers.Serializer[Any]):
    """Something done (``done_by``, ``done_id``, as of occurrences) and the occurrence; without ``start`` none."""

    code = serializers.CharField(max_length=60)
    done_by = serializers.CharField(max_length=20)
    done_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    kind = serializers.ChoiceField(choices=OccurrenceKind.choices, default=OccurrenceKind.CALENDAR)
    start = DayField(required=False, allow_null=True, default=None)
    event = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class OccurrenceCorrectionSerializer(serializers.ModelSerializer[OccurrenceCorrection]):
    done_by = serializers.CharField(source="source")
    done_id = serializers.IntegerField(source="fulfilment_id")

    class Meta:
        model = OccurrenceCorrection
        fields = ("id", "customer", "code", "done_by", "done_id", "kind", "start", "event", "note", "user")
        read_only_fields = fields


class CarePlanViewSet(ReadViewSet):
    """Care plans, by the id of the customer."""

    queryset = Customer.objects.select_related("summary")
    serializer_class = CarePlanSerializer
    filterset_class = PlanFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": VIEW, "retrieve": VIEW, "skip": DECIDE, "postpone": DECIDE, "correct": EDIT, "updates": EDIT,
    }  # fmt: skip

    def visible_rows(self) -> Any:
        if self.action != "list":
            return super().visible_rows()
        return plan_customers(self.user).select_related("summary")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(CarePlanSerializer(with_plans(page), many=True).data)

    @extend_schema(responses={200: CarePlanDetailSerializer})
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        [customer] = with_plans([self.get_object()])
        customer.plan = plan_of(customer, clock.today())
        return Response(CarePlanDetailSerializer(customer).data)

    @extend_schema(
        request=SkipOccurrenceSerializer, responses={200: OccurrenceDecisionSerializer, 409: ErrorSerializer}
    )
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, pk: str) -> Response:
        """Leave an occurrence out, for a reason."""
        customer, content = self.get_object(), self.content(SkipOccurrenceSerializer)
        key = _key_of(content)
        decision = occurrence_skip(customer=customer, key=key, user=self.user, **content)
        return Response(OccurrenceDecisionSerializer(decision).data)

    @extend_schema(
        request=PostponeOccurrenceSerializer, responses={200: OccurrenceDecisionSerializer, 409: ErrorSerializer}
    )
    @action(detail=True, methods=["post"])
    def postpone(self, request: Request, pk: str) -> Response:
        """Set a later due day for an occurrence, for a reason."""
        customer, content = self.get_object(), self.content(PostponeOccurrenceSerializer)
        key = _key_of(content)
        decision = occurrence_postpone(customer=customer, key=key, user=self.user, **content)
        return Response(OccurrenceDecisionSerializer(decision).data)

    @extend_schema(
        request=CorrectOccurrenceSerializer, responses={200: OccurrenceCorrectionSerializer, 409: ErrorSerializer}
    )
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """Say for which occurrence of an action something done counts, or that it counts for none."""
        customer, content = self.get_object(), self.content(CorrectOccurrenceSerializer)
        names = {name: content.pop(name) for name in ("kind", "start", "event")}
        key = Key(content["code"], Kind(names["kind"]), names["start"], names["event"]) if names["start"] else None
        about = {"source": content.pop("done_by"), "fulfilment": content.pop("done_id")}
        row = occurrence_correct(customer=customer, key=key, user=self.user, **about, **content)
        return Response(OccurrenceCorrectionSerializer(row).data)

    @extend_schema(request=PlanUpdateSerializer, responses={201: PlanUpdateSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def updates(self, request: Request, pk: str) -> Response:
        """Record that the plan was gone through."""
        customer, content = self.get_object(), self.content(PlanUpdateSerializer)
        update = plan_update_add(customer=customer, user=self.user, **content)
        return Response(PlanUpdateSerializer(update).data, status=201)


def _key_of(content: dict[str, Any]) -> Key:
    """Return the occurrence that a body names, and take it out of the body."""
    return Key(content.pop("code"), Kind(content.pop("kind")), content.pop("start"), content.pop("event"))


class CareOccurrenceSerializer(serializers.Serializer[Any]):
    """One time that an action is due: its window, state and what completed it."""

    code = serializers.CharField()
    kind = serializers.ChoiceField(choices=OccurrenceKind.choices)
    start = serializers.DateField()
    event = serializers.CharField()
    first = serializers.DateField()
    due = serializers.DateField()
    last = serializers.DateField()
    state = serializers.CharField(help_text="done, late, missed, coming, skipped or untracked.")
    is_postponed = serializers.BooleanField()
    done_on = serializers.DateField(allow_null=True)
    done_by = serializers.CharField(help_text="What completed it: activity, offer, order, survey, plan.")
    done_id = serializers.IntegerField(allow_null=True)


def occurrence_data(occurrence: Occurrence) -> dict[str, Any]:
    done, key = occurrence.completed_by, occurrence.key
    return {
        "code": key.code, "kind": key.kind.value, "start": key.start, "event": key.event, "first": occurrence.first,
        "due": occurrence.due, "last": occurrence.last, "state": occurrence.state.value,
        "is_postponed": occurrence.postponed_to is not None, "done_on": done.day if done else None,
        "done_by": done.source if done else "", "done_id": done.id if done else None,
    }  # fmt: skip


class CareOccurrenceViewSet(ActionsViewSet):
    """The occurrences of a customer's actions, past and coming."""

    queryset = Customer.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = CareOccurrenceSerializer
    rule_permissions: ClassVar[dict[str, str]] = {"list": VIEW}

    @extend_schema(
        parameters=[OpenApiParameter("customer", int, required=True), OpenApiParameter("code", str)],
        responses={200: CareOccurrenceSerializer(many=True)},
    )
    def list(self, request: Request) -> Response:
        """Return the occurrences of a customer, or of one of its actions (``code``), by action and window."""
        customer = self._customer(request.query_params.get("customer", ""))
        code = request.query_params.get("code", "")
        found = plan_of(customer, clock.today()).evaluation.occurrences
        rows = [occurrence_data(one) for known in found.values() for one in known if code in ("", one.code)]
        return Response(CareOccurrenceSerializer(rows, many=True).data)

    def _customer(self, text: str) -> Customer:
        customer = Customer.objects.visible_to(self.user).filter(pk=parse_id(text) or 0).first()
        if customer is None:
            raise ValidationError({"customer": [_("There is no such customer, or you may not see it.")]})
        return customer
