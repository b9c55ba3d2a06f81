"""Endpoints of feedback, leads and NPS: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.enums import Language
from accounts.models import User
from activities.enums import ActivityChannel, LeadState
from activities.filters_feedback import FeedbackApiFilter, LeadApiFilter
from activities.forms.nps import PeriodForm
from activities.models import Activity, Feedback, Lead, LeadCloseReason, NpsQuestion
from activities.selectors_feedback import feedback_for
from activities.selectors_leads import leads_for
from activities.selectors_nps import default_period, nps_answers, nps_overall, nps_tables
from activities.services import (
    feedback_answer,
    feedback_assign,
    feedback_needs_no_answer,
    feedback_settle,
    lead_set_state,
    lead_to_customer,
    nps_ask,
)
from activities.services.nps_mail import nps_retry
from activities.tables_feedback import FEEDBACK_TABLE, LEAD_TABLE
from crm.api.errors import ErrorSerializer
from crm.api.views import RulePermission, VisibleViewSet
from customers.models import Contact, Customer

READ: dict[str, str] = {"list": "activities.view_activity", "retrieve": "activities.view_activity"}


class SeenField(serializers.PrimaryKeyRelatedField):
    """A reference to a row that the user may see; others do not exist."""

    def get_queryset(self) -> Any:
        queryset: Any = super().get_queryset()
        request = self.context.get("request")
        return queryset.visible_to(request.user) if request else queryset


class FeedbackDetailsSerializer(serializers.ModelSerializer[Feedback]):
    """What feedback tells besides the common fields of activities."""

    responsible = SeenField(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Feedback
        fields = ("about", "about_what", "responsible", "answer_due")


class LeadDetailsSerializer(serializers.ModelSerializer[Lead]):
    """What a lead tells besides the common fields of activities."""

    offered_to = SeenField(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Lead
        fields = ("source", "need", "value", "take_by", "offered_to")


class FeedbackPartSerializer(serializers.ModelSerializer[Feedback]):
    class Meta:
        model = Feedback
        fields = (
            "about", "about_what", "responsible", "answer_due", "is_late", "answer", "answer_channel", "answered_at",
            "answered_by", "corrective_action", "escalated_at",
        )  # fmt: skip


class LeadPartSerializer(serializers.ModelSerializer[Lead]):
    class Meta:
        model = Lead
        fields = (
            "state", "source", "need", "value", "take_by", "is_late", "offered_to", "taken_by", "taken_at",
            "close_reason", "state_reason",
        )  # fmt: skip


COMMON = ("id", "version", "customer", "title", "start", "status")


class FeedbackSerializer(serializers.ModelSerializer[Activity]):
    tone: Any = serializers.SlugRelatedField(source="keywords", slug_field="code", many=True, read_only=True)
    feedback = FeedbackPartSerializer(read_only=True)

    class Meta:
        model = Activity
        fields = (*COMMON, "memo", "channel", "tone", "settlement", "closed_at", "feedback")
        read_only_fields = fields


class LeadSerializer(serializers.ModelSerializer[Activity]):
    lead = LeadPartSerializer(read_only=True)

    class Meta:
        model = Activity
        fields = (*COMMON, "memo", "created_by", "lead")
        read_only_fields = fields


class VersionField(serializers.Serializer[Any]):
    version = serializers.IntegerField(required=False, help_text="Refused (409) when the row has changed since.")


class AnswerSerializer(VersionField):
    answer = serializers.CharField(max_length=5_000)
    channel = serializers.ChoiceField(choices=ActivityChannel.choices, required=False, allow_blank=True, default="")
    corrective_action = serializers.CharField(max_length=2_000, required=False, allow_blank=True)


class AssignSerializer(VersionField):
    responsible = SeenField(queryset=User.objects.all())
    due = serializers.DateTimeField(required=False)


class SettleSerializer(VersionField):
    settlement = serializers.CharField(max_length=2_000)
    corrective_action = serializers.CharField(max_length=2_000, required=False, allow_blank=True)


class GiveSerializer(VersionField):
    taker = SeenField(queryset=User.objects.all())


class ReasonSerializer(VersionField):
    reason = serializers.CharField(max_length=500)


class CloseSerializer(VersionField):
    close_reason = serializers.SlugRelatedField(slug_field="code", queryset=LeadCloseReason.objects.all())
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class ConvertSerializer(VersionField):
    contact = SeenField(queryset=Activity.objects.all(), help_text="The first mutual contact.")


class StepsViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, VisibleViewSet):
    """Rows that actions move on; each action answers with the row as it stands then."""

    def content(self, request: Request, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = serializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def answer_with(self, activity: Activity) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=activity.pk)).data)


class FeedbackViewSet(StepsViewSet):
    """The queue of feedback and enquiries. New feedback is an activity of the type `feedback`."""

    queryset = Activity.objects.all()
    serializer_class = FeedbackSerializer
    filterset_class = FeedbackApiFilter
    table = FEEDBACK_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        **READ,
        **dict.fromkeys(("answer", "assign", "settle", "no_answer"), "activities.handle_feedback"),
    }

    def get_queryset(self) -> Any:
        return feedback_for(self.request.user)

    @extend_schema(request=AnswerSerializer, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Write what the customer was answered."""
        row = self.get_object()
        content = self.content(request, AnswerSerializer)
        return self.answer_with(feedback_answer(activity=row, user=_user(request), **content))

    @extend_schema(request=AssignSerializer, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Give it to somebody to answer."""
        row = self.get_object()
        content = self.content(request, AssignSerializer)
        return self.answer_with(feedback_assign(activity=row, user=_user(request), **content))

    @extend_schema(request=SettleSerializer, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Say how it was settled; its activity is done."""
        row = self.get_object()
        content = self.content(request, SettleSerializer)
        return self.answer_with(feedback_settle(activity=row, user=_user(request), **content))

    @extend_schema(request=VersionField, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="no-answer")
    def no_answer(self, request: Request, pk: str) -> Response:
        """Nobody is owed an answer."""
        row = self.get_object()
        return self.answer_with(feedback_needs_no_answer(activity=row, **self.content(request, VersionField)))


class LeadViewSet(StepsViewSet):
    """Leads. A new lead is an activity of the type `lead`."""

    queryset = Activity.objects.all()
    serializer_class = LeadSerializer
    filterset_class = LeadApiFilter
    table = LEAD_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        **READ,
        "take": "activities.take_lead",
        **dict.fromkeys(("give", "put_back", "close", "convert"), "activities.handle_lead"),
    }

    def get_queryset(self) -> Any:
        return leads_for(self.request.user)

    def _move(self, request: Request, state: LeadState, content: dict[str, Any]) -> Response:
        row = self.get_object()
        return self.answer_with(lead_set_state(activity=row, state=state, user=_user(request), **content))

    @extend_schema(request=VersionField, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Take it up oneself."""
        return self._move(request, LeadState.TAKEN, self.content(request, VersionField))

    @extend_schema(request=GiveSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Give it to a colleague."""
        self.get_object()
        return self._move(request, LeadState.TAKEN, self.content(request, GiveSerializer))

    @extend_schema(request=ReasonSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="return")
    def put_back(self, request: Request, pk: str) -> Response:
        """Back among the untaken, or open again."""
        self.get_object()
        return self._move(request, LeadState.UNTAKEN, self.content(request, ReasonSerializer))

    @extend_schema(request=CloseSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close it with a reason."""
        self.get_object()
        return self._move(request, LeadState.CLOSED, self.content(request, CloseSerializer))

    @extend_schema(request=ConvertSerializer, responses={200: LeadSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, pk: str) -> Response:
        """After the first mutual contact the customer becomes a potential one."""
        row = self.get_object()
        content = self.content(request, ConvertSerializer)
        return self.answer_with(lead_to_customer(activity=row, user=_user(request), **content).activity)


class AskSerializer(serializers.Serializer[Any]):
    customer = SeenField(queryset=Customer.objects.all())
    contacts = SeenField(queryset=Contact.objects.all(), many=True, allow_empty=False)
    about = SeenField(queryset=Activity.objects.all(), required=False, allow_null=True)
    language = serializers.ChoiceField(choices=Language.choices, required=False, help_text="The contact's own.")


class AskedSerializer(serializers.ModelSerializer[NpsQuestion]):
    class Meta:
        model = NpsQuestion
        fields = ("id", "contact", "customer", "about", "language", "asked_at", "expires_at", "state", "error")


class RetryQuestionSerializer(serializers.Serializer[Any]):
    confirmed = serializers.BooleanField(
        default=False, help_text=gettext_lazy("Send again also where the contact may have it already.")
    )


class FigureSerializer(serializers.Serializer[Any]):
    label: Any = serializers.CharField()
    n = serializers.IntegerField()
    promoters = serializers.IntegerField()
    neutrals = serializers.IntegerField()
    detractors = serializers.IntegerField()
    nps = serializers.IntegerField(allow_null=True)


class FigureTableSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    rows = FigureSerializer(many=True)


@extend_schema_serializer(many=False)
class FiguresSerializer(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    overall = FigureSerializer()
    tables = FigureTableSerializer(many=True)


class NpsViewSet(viewsets.GenericViewSet[NpsQuestion]):
    """NPS: asking contacts by personal links, and the figures of a period."""

    queryset = NpsQuestion.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = AskSerializer
    permission_classes = (RulePermission,)
    detail = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "activities.view_activity",
        "create": "activities.ask_nps",
        "retry": "activities.ask_nps",
    }

    @extend_schema(
        parameters=[OpenApiParameter("first", str), OpenApiParameter("last", str)], responses={200: FiguresSerializer}
    )
    def list(self, request: Request) -> Response:
        """The figures of the last year, or from `first` to `last`."""
        form = PeriodForm(request.query_params or None)
        if form.is_bound and not form.is_valid():
            raise ValidationError({name: [str(error) for error in errors] for name, errors in form.errors.items()})
        first, last = form.period(default_period())
        answers = nps_answers(first, last)
        content = {"first": first, "last": last, "overall": nps_overall(answers), "tables": nps_tables(answers)}
        return Response(FiguresSerializer(content).data)

    @extend_schema(request=AskSerializer, responses={201: AskedSerializer(many=True), 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Send the question to contacts."""
        given = AskSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        asked = nps_ask(user=_user(request), **given.validated_data)
        return Response(AskedSerializer(asked, many=True).data, status=201)

    @extend_schema(request=RetryQuestionSerializer, responses={200: AskedSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Send a question again that was not sent."""
        question = self.get_object()
        given = RetryQuestionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(AskedSerializer(nps_retry(question=question, **given.validated_data)).data)

    def get_queryset(self) -> Any:
        seen = Customer.objects.visible_to(self.request.user)
        return NpsQuestion.objects.filter(customer__in=seen).select_related("contact", "customer")

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """The rules are about the customer to whom the question is about."""
        super().check_object_permissions(request, obj.customer)


def _user(request: Request) -> Any:
    return request.user


def register(router: SimpleRouter) -> None:
    router.register("feedback", FeedbackViewSet, basename="api-feedback")
    router.register("leads", LeadViewSet, basename="api-lead")
    router.register("nps", NpsViewSet, basename="api-nps")
