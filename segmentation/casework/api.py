"""Endpoints of segmentation work, decisions against suggestions, reviews and questions."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadViewSet, VersionedSerializer, VersionSerializer
from customers.models import Customer
from segmentation.casework.enums import Answer, WorkTab
from segmentation.casework.filters import InquiryFilter, OverrideFilter, ReviewFilter, ReviewLineApiFilter, WorkFilter
from segmentation.casework.models import Inquiry, InquiryLine, Override, Review, ReviewLine
from segmentation.casework.selectors import listed_work, primary_scheme
from segmentation.casework.services.inquiries import Said, inquiry_answer
from segmentation.casework.services.reviews import line_answer, review_cancel, review_decide, review_start
from segmentation.casework.services.suggestions import override_end, suggestion_accept, suggestion_override
from segmentation.membership.api import MoveSerializer
from segmentation.schemes.models import Scheme, Segment, SegmentReason

WORK, DECIDE = "casework.view_work", "casework.decide_suggestion"


class WorkSerializer(serializers.ModelSerializer[Customer]):
    """A customer with a segment that waits for a decision; its suggestion is at ``/suggestions/?customer=``."""

    owner: Any = serializers.PrimaryKeyRelatedField(source="summary.owner", read_only=True)
    segment: Any = serializers.PrimaryKeyRelatedField(source="summary.segment", read_only=True)

    class Meta:
        model = Customer
        fields = ("id", "name", "owner", "segment")


class WorkApiFilter(WorkFilter):
    kind = filters.ChoiceFilter(choices=WorkTab.choices, method="of_kind", label=_("Kind"))

    def of_kind(self, queryset: Any, name: str, value: str) -> Any:
        return queryset  # the endpoint has chosen its rows by it


class AcceptSuggestionSerializer(serializers.Serializer[Any]):
    scheme = serializers.PrimaryKeyRelatedField(
        queryset=Scheme.objects.in_use(), required=False, help_text=_("The primary scheme unless given.")
    )


class DecideSuggestionSerializer(AcceptSuggestionSerializer):
    segment = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.all())
    reason = serializers.SlugRelatedField(
        slug_field="code", queryset=SegmentReason.objects.all(), required=False, allow_null=True, default=None
    )
    text = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class WorkViewSet(ReadViewSet):
    """Customers with a segment that waits for a decision, by ``kind`` (default: the suggestion differs)."""

    queryset = Customer.objects.select_related("summary")
    serializer_class = WorkSerializer
    filterset_class = WorkApiFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": WORK, "retrieve": WORK, "accept": DECIDE, "override": DECIDE,
    }  # fmt: skip

    def visible_rows(self) -> Any:
        rows: Any = super().visible_rows()
        if self.action != "list":
            return rows
        asked = self.request.query_params
        pk = asked.get("scheme", "")
        scheme = Scheme.objects.in_use().filter(pk=pk).first() if pk.isdecimal() else primary_scheme()
        kind = asked.get("kind") or WorkTab.DIFFERS.value
        return listed_work(rows.active(), kind if kind in WorkTab.values else WorkTab.DIFFERS, scheme)

    @extend_schema(request=AcceptSuggestionSerializer, responses={200: MoveSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Move the customer to what the criteria suggest, or propose it."""
        customer = self.get_object()
        scheme = self._scheme(self.content(AcceptSuggestionSerializer))
        return self._moved(suggestion_accept(customer=customer, scheme=scheme, user=self.user), customer)

    @extend_schema(request=DecideSuggestionSerializer, responses={200: MoveSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def override(self, request: Request, pk: str) -> Response:
        """Decide against the suggestion with a reason: another segment, or the present one (``stays``)."""
        customer = self.get_object()
        content = self.content(DecideSuggestionSerializer)
        scheme = self._scheme(content)
        return self._moved(suggestion_override(customer=customer, scheme=scheme, user=self.user, **content), customer)

    @staticmethod
    def _scheme(content: dict[str, Any]) -> Scheme:
        """Return the scheme that the body names, or the primary one, and take it out of the body."""
        return content.pop("scheme", None) or Scheme.objects.get(is_primary=True)

    @staticmethod
    def _moved(move: Any, customer: Customer) -> Response:
        proposal = getattr(move, "proposal", None)
        return Response(
            {
                "status": getattr(move, "status", "stays"),
                "customer": customer.pk,
                "segment": move.segment.pk,
                "proposal": proposal.pk if proposal else None,
            }
        )


class OverrideSerializer(serializers.ModelSerializer[Override]):
    reason: Any = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Override
        fields = (
            "id", "scheme", "customer", "suggested", "segment", "criteria_version", "reason", "text", "decided_by",
            "decided_at", "ended_at",
        )  # fmt: skip
        read_only_fields = fields


class OverrideViewSet(ReadViewSet):
    """Decisions against what the criteria suggested, with their reasons."""

    queryset = Override.objects.select_related("reason").order_by("-pk")
    serializer_class = OverrideSerializer
    filterset_class = OverrideFilter
    rule_permissions: ClassVar[dict[str, str]] = {"list": WORK, "retrieve": WORK, "end": "casework.end_override"}

    @extend_schema(request=None, responses={200: OverrideSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Take the decision back: the suggestion is open again."""
        return self.answer(override_end(override=self.get_object()))


class ReviewSerializer(VersionedSerializer):
    total = serializers.IntegerField(read_only=True)
    unanswered = serializers.IntegerField(read_only=True)

    class Meta:
        model = Review
        fields = (
            "id", "version", "scheme", "title", "status", "due", "started_by", "started_at", "decided_by",
            "decided_at", "decision", "total", "unanswered",
        )  # fmt: skip
        read_only_fields = fields


class ReviewStartSerializer(serializers.Serializer[Any]):
    scheme = serializers.PrimaryKeyRelatedField(queryset=Scheme.objects.in_use().filter(is_exclusive=True))
    title = serializers.CharField(max_length=120)
    due = serializers.DateField(required=False, allow_null=True, default=None)


class DecisionSerializer(VersionSerializer):
    text = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class CancelReviewSerializer(VersionSerializer):
    text = serializers.CharField(max_length=1_000)


class ReviewViewSet(ReadViewSet):
    """Yearly reviews: started with a frozen list, answered by owners, decided once by management."""

    queryset = Review.objects.order_by("-pk")
    serializer_class = ReviewSerializer
    filterset_class = ReviewFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("list", "retrieve"), "casework.view_review"),
        "create": "casework.start_review",
        "decide": "casework.decide_review",
        "cancel": "casework.cancel_review",
    }

    def visible_rows(self) -> Any:
        rows: Any = super().visible_rows()
        return rows.with_counts()

    @extend_schema(request=ReviewStartSerializer, responses={201: ReviewSerializer, 409: ErrorSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(review_start(user=self.user, **self.content(ReviewStartSerializer)), 201)

    @extend_schema(request=DecisionSerializer, responses={200: ReviewSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        """Decide about the whole list: the changes take effect."""
        review = self.get_object()
        return self.answer(review_decide(review=review, user=self.user, **self.content(DecisionSerializer)))

    @extend_schema(request=CancelReviewSerializer, responses={200: ReviewSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel the review: no segment changes."""
        review = self.get_object()
        return self.answer(review_cancel(review=review, user=self.user, **self.content(CancelReviewSerializer)))


class ReviewLineSerializer(serializers.ModelSerializer[ReviewLine]):
    """A customer in the frozen list; the names are those of the day when the review began."""

    class Meta:
        model = ReviewLine
        fields = (
            "id", "review", "customer", "customer_name", "origin", "segment", "segment_fi", "segment_en", "suggested",
            "suggested_fi", "suggested_en", "why", "since", "owner", "owner_name", "answer", "wanted", "wanted_fi",
            "wanted_en", "text", "answered_by", "answered_at", "outcome",
        )  # fmt: skip
        read_only_fields = fields


class ReviewAnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField(choices=[(one.value, one.label) for one in (Answer.KEEP, Answer.CHANGE)])
    wanted = serializers.PrimaryKeyRelatedField(
        queryset=Segment.objects.all(), required=False, allow_null=True, default=None
    )
    text = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class ReviewLineViewSet(ReadViewSet):
    """Customers in the frozen lists of reviews, and the owners' answers."""

    queryset = ReviewLine.objects.select_related("review", "customer").order_by("-pk")
    serializer_class = ReviewLineSerializer
    filterset_class = ReviewLineApiFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("list", "retrieve"), "casework.view_review"),
        "answer_line": "casework.answer_line",
    }

    @extend_schema(request=ReviewAnswerSerializer, responses={200: ReviewLineSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="answer")
    def answer_line(self, request: Request, pk: str) -> Response:
        """Answer: keep the segment, or change it for a reason."""
        line = self.get_object()
        return self.answer(line_answer(line=line, user=self.user, **self.content(ReviewAnswerSerializer)))


class InquiryLineSerializer(serializers.ModelSerializer[InquiryLine]):
    class Meta:
        model = InquiryLine
        fields = ("id", "customer", "segment", "text", "answered_at", "settled_at")
        read_only_fields = fields


class InquirySerializer(serializers.ModelSerializer[Inquiry]):
    lines = InquiryLineSerializer(many=True, read_only=True)

    class Meta:
        model = Inquiry
        fields = (
            "id", "scheme", "asked", "asked_by", "asked_at", "text", "due", "activity", "closed_at", "lines",
        )  # fmt: skip
        read_only_fields = fields


class SaidSerializer(serializers.Serializer[Any]):
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    segment = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.all(), allow_null=True)
    text = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class InquiryAnswersSerializer(serializers.Serializer[Any]):
    answers = SaidSerializer(many=True)


class InquiryViewSet(ReadViewSet):
    """Questions to former owners about segments; they are asked by the bulk operation *Ask a former owner*."""

    queryset = Inquiry.objects.prefetch_related("lines").order_by("-pk")
    serializer_class = InquirySerializer
    filterset_class = InquiryFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("list", "retrieve"), "casework.view_inquiry"),
        "answers": "casework.answer_inquiry",
    }

    def visible_rows(self) -> Any:
        rows: Any = super().visible_rows()
        return rows.filter(asked=self.user.pk) if self.action == "answers" else rows

    @extend_schema(request=InquiryAnswersSerializer, responses={200: InquirySerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Answer about customers; a segment of null means *I do not know*."""
        inquiry = self.get_object()
        said = {one["customer"].pk: one for one in self.content(InquiryAnswersSerializer)["answers"]}
        lines = dict(inquiry.lines.filter(customer__in=said).values_list("customer", "pk"))
        answers = {lines[pk]: Said(one["segment"], one["text"]) for pk, one in said.items() if pk in lines}
        return self.answer(inquiry_answer(inquiry=inquiry, answers=answers, user=self.user))
