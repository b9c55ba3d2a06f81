"""Endpoints of feedback and NPS, with the rules and services of the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import Language
from accounts.models import User
from activities.feedback.filters import FeedbackApiFilter
from activities.feedback.forms import PeriodForm
from activities.feedback.models import Feedback, NpsQuestion
from activities.feedback.nps_figures import default_period, nps_compared, nps_tables
from activities.feedback.selectors import feedback_for
from activities.feedback.services.feedback import (
    feedback_answer,
    feedback_assign,
    feedback_needs_no_answer,
    feedback_resolve,
)
from activities.feedback.services.nps import nps_ask, nps_retry
from activities.feedback.tables import FEEDBACK_TABLE
from activities.log.api.activities import COMMON, READ
from activities.log.enums import ActivityChannel
from activities.log.models import Activity
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ActionsViewSet, ReadViewSet, VersionSerializer
from customers.models import Contact, Customer


class FeedbackDetailsSerializer(serializers.ModelSerializer[Feedback]):
    """The fields of feedback besides those of all activities."""

    responsible = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Feedback
        fields = ("about", "about_what", "responsible", "answer_due")


class FeedbackPartSerializer(serializers.ModelSerializer[Feedback]):
    class Meta:
        model = Feedback
        fields = (
            "about", "about_what", "responsible", "answer_due", "is_late", "answer", "answer_channel", "answered_at",
            "answered_by", "corrective_action", "escalated_at",
        )  # fmt: skip


class FeedbackSerializer(serializers.ModelSerializer[Activity]):
    tone: Any = serializers.SlugRelatedField(source="keywords", slug_field="code", many=True, read_only=True)
    feedback = FeedbackPartSerializer(read_only=True)

    class Meta:
        model = Activity
        fields = (*COMMON, "memo", "channel", "tone", "settlement", "closed_at", "feedback")
        read_only_fields = fields


class AnswerSerializer(VersionSerializer):
    answer = serializers.CharField(max_length=5_000)
    channel = serializers.ChoiceField(choices=ActivityChannel.choices, required=False, allow_blank=True, default="")
    corrective_action = serializers.CharField(max_length=2_000, required=False, allow_blank=True)


class AssignSerializer(VersionSerializer):
    responsible = VisibleRelatedField(queryset=User.objects.all())
    due = serializers.DateTimeField(required=False)


class ResolveSerializer(VersionSerializer):
    settlement = serializers.CharField(max_length=2_000)
    corrective_action = serializers.CharField(max_length=2_000, required=False, allow_blank=True)


class FeedbackViewSet(ReadViewSet):
    """The queue of feedback and enquiries. New feedback is an activity of the type `feedback`."""

    queryset = Activity.objects.all()
    serializer_class = FeedbackSerializer
    filterset_class = FeedbackApiFilter
    filters_details = False
    table = FEEDBACK_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        **READ,
        **dict.fromkeys(("answer_customer", "assign", "settle", "no_answer"), "feedback.handle_feedback"),
    }

    def visible_rows(self) -> Any:
        return feedback_for(self.user)

    @extend_schema(request=AnswerSerializer, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def answer_customer(self, request: Request, pk: str) -> Response:
        """Record the answer that the customer was given."""
        activity = self.get_object()
        content = self.content(AnswerSerializer)
        return self.answer(feedback_answer(activity=activity, user=self.user, **content))

    @extend_schema(request=AssignSerializer, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Assign the feedback to the person who answers."""
        activity = self.get_object()
        content = self.content(AssignSerializer)
        return self.answer(feedback_assign(activity=activity, user=self.user, **content))

    @extend_schema(request=ResolveSerializer, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str) -> Response:
        """Record how the feedback was resolved and mark its activity done."""
        activity = self.get_object()
        content = self.content(ResolveSerializer)
        return self.answer(feedback_resolve(activity=activity, user=self.user, **content))

    @extend_schema(request=VersionSerializer, responses={200: FeedbackSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="no-answer")
    def no_answer(self, request: Request, pk: str) -> Response:
        """Mark that no answer is needed."""
        activity = self.get_object()
        return self.answer(feedback_needs_no_answer(activity=activity, **self.content(VersionSerializer)))


class AskSerializer(serializers.Serializer[Any]):
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    contacts = VisibleRelatedField(queryset=Contact.objects.all(), many=True, allow_empty=False)
    about = VisibleRelatedField(queryset=Activity.objects.all(), required=False, allow_null=True)
    language = serializers.ChoiceField(
        choices=Language.choices, required=False, help_text="Default: the contact's own language."
    )


class AskedSerializer(serializers.ModelSerializer[NpsQuestion]):
    class Meta:
        model = NpsQuestion
        fields = ("id", "contact", "customer", "about", "language", "asked_at", "expires_at", "state", "error")


class RetryQuestionSerializer(serializers.Serializer[Any]):
    confirmed = serializers.BooleanField(
        default=False, help_text=gettext_lazy("Send again even if the contact may already have it.")
    )


class FigureSerializer(serializers.Serializer[Any]):
    label: Any = serializers.CharField()
    n = serializers.IntegerField()
    promoters = serializers.IntegerField()
    neutrals = serializers.IntegerField()
    detractors = serializers.IntegerField()
    nps = serializers.IntegerField(allow_null=True)
    n_before = serializers.IntegerField(
        source="before.n", help_text=gettext_lazy("Answers of the same days a year before.")
    )
    nps_before = serializers.IntegerField(source="before.nps", allow_null=True)


class FigureTableSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    rows = FigureSerializer(many=True)


@extend_schema_serializer(many=False)
class FiguresSerializer(serializers.Serializer[Any]):
    first = serializers.DateField()
    last = serializers.DateField()
    overall = FigureSerializer()
    tables = FigureTableSerializer(many=True)


class NpsViewSet(ActionsViewSet):
    """NPS: questions to contacts by personal links, and the figures of a period."""

    queryset = NpsQuestion.objects.none()
    pagination_class = None
    filter_backends = ()
    serializer_class = AskSerializer
    detail = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "activities.view_activity",
        "create": "feedback.ask_nps",
        "retry": "feedback.ask_nps",
    }

    @extend_schema(
        parameters=[OpenApiParameter("first", str), OpenApiParameter("last", str)], responses={200: FiguresSerializer}
    )
    def list(self, request: Request) -> Response:
        """Return the figures of the last year, or from `first` to `last`."""
        form = PeriodForm(request.query_params or None)
        if form.is_bound and not form.is_valid():
            raise ValidationError({name: [str(error) for error in errors] for name, errors in form.errors.items()})
        first, last = form.period(default_period())
        content = {"overall": nps_compared(first, last), "tables": nps_tables(first, last)}
        content |= {"first": first, "last": last}
        return Response(FiguresSerializer(content).data)

    @extend_schema(request=AskSerializer, responses={201: AskedSerializer(many=True), 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Send the question to contacts."""
        questions = nps_ask(user=self.user, **self.content(AskSerializer))
        return Response(AskedSerializer(questions, many=True).data, status=201)

    @extend_schema(request=RetryQuestionSerializer, responses={200: AskedSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str) -> Response:
        """Send again a question that was not sent."""
        question = self.get_object()
        return Response(AskedSerializer(nps_retry(question=question, **self.content(RetryQuestionSerializer))).data)

    def get_queryset(self) -> Any:
        visible = Customer.objects.visible_to(self.user)
        return NpsQuestion.objects.filter(customer__in=visible).select_related("contact", "customer")

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Check the rules against the question's customer."""
        super().check_object_permissions(request, obj.customer)
