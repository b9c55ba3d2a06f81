"""Endpoints of memberships and proposals: the same rules and services as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadViewSet, VersionSerializer
from core.permissions import allowed
from core.segments import SAME
from customers.models import Customer
from segmentation.membership.filters import MembershipFilter, ProposalApiFilter
from segmentation.membership.models import Membership, Proposal, ProposalComment
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.proposals import (
    proposal_approve,
    proposal_comment,
    proposal_make,
    proposal_reject,
    proposal_withdraw,
)
from segmentation.schemes.models import Segment, SegmentReason


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """A customer's time in a segment; ``end`` is empty while it lasts."""

    start = serializers.DateTimeField(read_only=True)
    end = serializers.DateTimeField(read_only=True, allow_null=True)
    reason: Any = serializers.SlugRelatedField("code", read_only=True)

    class Meta:
        model = Membership
        fields = (
            "id", "customer", "scheme", "segment", "start", "end", "kind", "ended_as", "decided_by", "decided_at",
            "reason", "text", "criteria_version", "overrides", "proposal",
        )  # fmt: skip
        read_only_fields = fields


class WantedSerializer(serializers.Serializer[Any]):
    customer = VisibleRelatedField(queryset=Customer.objects.all())
    segment = serializers.PrimaryKeyRelatedField(queryset=Segment.objects.all())
    reason = serializers.SlugRelatedField(
        slug_field="code", queryset=SegmentReason.objects.all(), required=False, allow_null=True, default=None
    )
    text = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class MoveSerializer(serializers.Serializer[Any]):
    """What became of it: ``set``, ``same`` or ``proposed``, with the proposal."""

    status = serializers.CharField()
    customer = serializers.IntegerField()
    segment = serializers.IntegerField()
    proposal = serializers.IntegerField(allow_null=True)


class MembershipViewSet(ReadViewSet):
    """Memberships of customers in segments, past and present. Adding one moves the customer or proposes the move."""

    queryset = Membership.objects.select_related("reason").order_by("-pk")
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "membership.view_membership",
        "retrieve": "membership.view_membership",
        "create": "membership.view_membership",
    }

    @extend_schema(request=WantedSerializer, responses={200: MoveSerializer, 409: ErrorSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        content = self.content(WantedSerializer)
        if not allowed(self.user, "membership.set_segment", content["customer"]):
            raise PermissionDenied
        move = segment_set(user=self.user, **content)
        proposal = move.proposal.pk if move.proposal else None
        body = {"status": move.status, "customer": move.customer_id, "segment": move.segment.pk, "proposal": proposal}
        return Response(body, status=200 if move.status == SAME else 201)


class CommentSerializer(serializers.ModelSerializer[ProposalComment]):
    class Meta:
        model = ProposalComment
        fields = ("id", "user", "text", "at")
        read_only_fields = ("user", "at")


class ProposalSerializer(serializers.ModelSerializer[Proposal]):
    reason: Any = serializers.SlugRelatedField("code", read_only=True)
    comments = CommentSerializer(many=True, read_only=True)

    class Meta:
        model = Proposal
        fields = (
            "id", "version", "customer", "scheme", "segment", "from_segment", "leaver", "leaver_segment", "status",
            "kind", "proposed_by", "proposed_at", "reason", "text", "decided_by", "decided_at", "comments",
        )  # fmt: skip
        read_only_fields = fields


class ProposeSerializer(WantedSerializer):
    leaver = VisibleRelatedField(queryset=Customer.objects.all(), required=False, allow_null=True, default=None)
    leaver_segment = serializers.PrimaryKeyRelatedField(
        queryset=Segment.objects.all(), required=False, allow_null=True, default=None
    )


class TextSerializer(VersionSerializer):
    text = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class ProposalReasonSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000, help_text=_("Why it is rejected."))


class NewCommentSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2_000)


class ProposalViewSet(ReadViewSet):
    """Proposals of moves that need approval: made, commented, approved, rejected, withdrawn."""

    queryset = Proposal.objects.select_related("reason").prefetch_related("comments").order_by("-pk")
    serializer_class = ProposalSerializer
    filterset_class = ProposalApiFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "membership.view_proposal",
        "retrieve": "membership.view_proposal",
        "create": "membership.view_proposal",
        "approve": "membership.decide_proposal",
        "reject": "membership.decide_proposal",
        "withdraw": "membership.withdraw_proposal",
        "comment": "membership.comment_proposal",
    }

    @extend_schema(request=ProposeSerializer, responses={201: ProposalSerializer, 409: ErrorSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        content = self.content(ProposeSerializer)
        if not allowed(self.user, "membership.propose_segment", content["customer"]):
            raise PermissionDenied
        return self.answer(proposal_make(user=self.user, **content), 201)

    @extend_schema(request=TextSerializer, responses={200: ProposalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        proposal = self.get_object()
        return self.answer(proposal_approve(proposal=proposal, user=self.user, **self.content(TextSerializer)))

    @extend_schema(request=ProposalReasonSerializer, responses={200: ProposalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        proposal = self.get_object()
        return self.answer(proposal_reject(proposal=proposal, user=self.user, **self.content(ProposalReasonSerializer)))

    @extend_schema(request=VersionSerializer, responses={200: ProposalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        proposal = self.get_object()
        return self.answer(proposal_withdraw(proposal=proposal, user=self.user, **self.content(VersionSerializer)))

    @extend_schema(request=NewCommentSerializer, responses={200: ProposalSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def comment(self, request: Request, pk: str) -> Response:
        proposal = self.get_object()
        proposal_comment(proposal=proposal, user=self.user, **self.content(NewCommentSerializer))
        return self.answer(proposal)
