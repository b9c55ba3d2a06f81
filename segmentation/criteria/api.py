"""Endpoints of criteria and of what they suggest: the same rules and services as the pages."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

import django_filters as filters
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ErrorSerializer
from core.api.opinions import GiveOpinionSerializer, OpinionSerializer
from core.api.views import ReadViewSet, VersionedSerializer, VersionSerializer, WriteViewSet
from core.conditions import tree as trees
from core.conditions.forms import checked
from core.conditions.tree import Group, Join, TreeError
from core.filters import FilterSet
from core.opinions import opinions_of
from customers.filters import CustomerFilter
from segmentation.criteria.checks import findings
from segmentation.criteria.conditions import SUBJECT
from segmentation.criteria.enums import VersionStatus
from segmentation.criteria.filters import EvaluationFilter
from segmentation.criteria.models import CriteriaVersion, Evaluation
from segmentation.criteria.reasons import Wording
from segmentation.criteria.selectors import differing_suggestions
from segmentation.criteria.services import (
    criteria_approve,
    criteria_change,
    criteria_create,
    criteria_delete,
    criteria_give_opinion,
    criteria_put_in_force,
    criteria_reject,
    criteria_return,
    criteria_review,
    criteria_send,
    rule_set,
)
from segmentation.criteria.store import rules_of_version
from segmentation.criteria.tables import SUGGESTIONS, VERSIONS
from segmentation.schemes.models import Scheme, Segment


class CriteriaFilter(FilterSet):
    scheme = filters.ModelChoiceFilter(queryset=Scheme.objects.all())
    status = filters.ChoiceFilter(choices=VersionStatus.choices)

    class Meta:
        model = CriteriaVersion
        fields: tuple[str, ...] = ()


class CriteriaListSerializer(serializers.ModelSerializer[CriteriaVersion]):
    """A version in the list, without its rules."""

    class Meta:
        model = CriteriaVersion
        fields: tuple[str, ...] = (
            *("id", "version", "scheme", "number", "status", "justification", "based_on", "in_force_from"),
            *("in_force_to", "created_by", "created_at", "updated_at"),
        )
        read_only_fields: tuple[str, ...] = (
            *("number", "status", "in_force_from", "in_force_to", "created_by", "created_at", "updated_at"),
        )


class CriteriaSerializer(CriteriaListSerializer, VersionedSerializer):
    """A version with its rules and what is wrong with them. ``scheme`` and ``based_on`` are given only when adding."""

    scheme: Any = serializers.PrimaryKeyRelatedField(queryset=Scheme.objects.all(), required=False)
    based_on: Any = serializers.PrimaryKeyRelatedField(
        queryset=CriteriaVersion.objects.all(), required=False, allow_null=True
    )
    justification: Any = serializers.CharField(max_length=4_000)
    rules = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    opinions = serializers.SerializerMethodField()

    class Meta(CriteriaListSerializer.Meta):
        fields = (*CriteriaListSerializer.Meta.fields, "rules", "findings", "opinions")

    @extend_schema_field(OpinionSerializer(many=True))
    def get_opinions(self, criteria: CriteriaVersion) -> Any:
        return OpinionSerializer(opinions_of(criteria.opinions).given, many=True).data

    @extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
    def get_rules(self, criteria: CriteriaVersion) -> list[dict[str, Any]]:
        return [
            {"segment": rule.segment.pk, "code": rule.segment.code, "condition": trees.write(rule.tree)}
            for rule in rules_of_version(criteria)
        ]

    @extend_schema_field({"type": "array", "items": {"type": "object", "additionalProperties": True}})
    def get_findings(self, criteria: CriteriaVersion) -> list[dict[str, Any]]:
        found = findings(rules_of_version(criteria))
        return [
            {"segment": one.segment.pk, "kind": one.kind.value, "text": one.text, "is_fault": one.is_fault}
            for one in found
        ]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        fixed = [name for name in ("scheme", "based_on") if self.instance is not None and name in attrs]
        if fixed:
            raise serializers.ValidationError(dict.fromkeys(fixed, _("This can be given only when adding.")))
        if self.instance is None and "scheme" not in attrs:
            raise serializers.ValidationError({"scheme": _("This field is required.")})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> CriteriaVersion:
        return criteria_create(
            scheme=validated_data["scheme"], user=self.context["request"].user,
            justification=validated_data["justification"], based_on=validated_data.get("based_on"),
        )  # fmt: skip

    def update(self, instance: CriteriaVersion, validated_data: dict[str, Any]) -> CriteriaVersion:
        text = validated_data.get("justification", instance.justification)
        return criteria_change(criteria=instance, justification=text, version=validated_data.get("version"))


@extend_schema_field({"type": "object", "additionalProperties": True, "nullable": True})
class TreeField(serializers.JSONField):
    """The tree of a rule; null removes the rule, a group without parts is met by all others."""


class RuleSerializer(VersionSerializer):
    segment = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    condition = TreeField(allow_null=True)

    def validate_condition(self, value: Any) -> Group | None:
        if value is None:
            return None
        try:
            tree = trees.read(value)
            return checked(tree, SUBJECT, self.context["request"].user) if tree.parts else Group(1, Join.ALL)
        except (TreeError, ValidationError, RecursionError) as error:
            raise serializers.ValidationError(str(error)) from error


class CommentSerializer(VersionSerializer):
    comment = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class CriteriaReasonSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000)


class ForceSerializer(VersionSerializer):
    day = serializers.DateField(help_text="Today or a coming day.")


REVIEW, DECIDE = "criteria.review_version", "criteria.decide_version"


class CriteriaViewSet(WriteViewSet):
    """Versions of the segmentation criteria. Only drafts are changed; each step is an action."""

    queryset = CriteriaVersion.objects.all()
    serializer_class = CriteriaSerializer
    serializer_classes: ClassVar[dict[str, Any]] = {"list": CriteriaListSerializer}
    filterset_class = CriteriaFilter
    filters_details = False
    table = VERSIONS
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "criteria.view_criteria",
        "retrieve": "criteria.view_criteria",
        "create": "criteria.add_criteria",
        **dict.fromkeys(("partial_update", "destroy", "rule"), "criteria.edit_version"),
        **dict.fromkeys(("send", "review", "take_back", "put_in_force"), REVIEW),
        "opinion": "criteria.give_opinion",
        "approve": "criteria.approve_version",
        "reject": DECIDE,
    }

    def visible_rows(self) -> Any:
        return super().visible_rows().select_related("scheme")

    def destroy(self, request: Request, pk: Any = None) -> Response:
        criteria_delete(criteria=self.get_object())
        return Response(status=204)

    @extend_schema(request=RuleSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def rule(self, request: Request, pk: str) -> Response:
        """Set the rule of a segment in a draft, or remove it (null)."""
        criteria = self.get_object()
        content = self.content(RuleSerializer)
        segment = get_object_or_404(Segment, pk=content["segment"], scheme=criteria.scheme_id)
        tree, version = content["condition"], content.get("version")
        return self.answer(rule_set(criteria=criteria, segment=segment, tree=tree, version=version))

    @extend_schema(request=CommentSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Send a draft to the account team."""
        criteria = self.get_object()
        comment = self.content(CommentSerializer)["comment"]
        return self.answer(criteria_send(criteria=criteria, user=self.user, comment=comment))

    @extend_schema(request=GiveOpinionSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def opinion(self, request: Request, pk: str) -> Response:
        """Give one's opinion as a member of the account team, or change it until the version is sent on."""
        criteria = self.get_object()
        return self.answer(
            criteria_give_opinion(criteria=criteria, user=self.user, **self.content(GiveOpinionSerializer))
        )

    @extend_schema(request=CommentSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str) -> Response:
        """Send a version that the account team has gone through to management."""
        criteria = self.get_object()
        comment = self.content(CommentSerializer)["comment"]
        return self.answer(criteria_review(criteria=criteria, user=self.user, comment=comment))

    @extend_schema(request=CriteriaReasonSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="return")
    def take_back(self, request: Request, pk: str) -> Response:
        """Make a version a draft again; the account team is asked again."""
        criteria = self.get_object()
        reason = self.content(CriteriaReasonSerializer)["reason"]
        return self.answer(criteria_return(criteria=criteria, user=self.user, comment=reason))

    @extend_schema(request=CommentSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve a reviewed version for management."""
        criteria = self.get_object()
        comment = self.content(CommentSerializer)["comment"]
        return self.answer(criteria_approve(criteria=criteria, user=self.user, comment=comment))

    @extend_schema(request=CriteriaReasonSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Reject a version for management."""
        criteria = self.get_object()
        reason = self.content(CriteriaReasonSerializer)["reason"]
        return self.answer(criteria_reject(criteria=criteria, user=self.user, reason=reason))

    @extend_schema(request=ForceSerializer, responses={200: CriteriaSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def put_in_force(self, request: Request, pk: str) -> Response:
        """Put an approved version in force from a day."""
        criteria = self.get_object()
        day = self.content(ForceSerializer)["day"]
        return self.answer(criteria_put_in_force(criteria=criteria, user=self.user, day=day))


class SuggestionSerializer(serializers.ModelSerializer[Evaluation]):
    """What the criteria suggest for a customer: the segment since a day, the reasons as a structure and in words."""

    words = serializers.SerializerMethodField()

    @cached_property
    def _wordings(self) -> dict[int, Wording]:
        return {}

    class Meta:
        model = Evaluation
        fields = (
            *("id", "scheme", "customer", "segment", "since", "known_share", "outcome", "reasons", "words", "criteria"),
            "day",
        )

    def get_words(self, row: Evaluation) -> str:
        wordings = self._wordings
        wording = wordings.get(row.criteria_id)
        if wording is None:
            wording = wordings[row.criteria_id] = Wording([row.criteria_id])
        return wording.of_row(row).sentence


class SuggestionFilter(EvaluationFilter):
    scheme = filters.ModelChoiceFilter(queryset=Scheme.objects.all())
    customer = CustomerFilter()


class SuggestionViewSet(ReadViewSet):
    """Suggestions that differ from the customer's segment and that nobody has proposed or decided against.

    With `decided=true` those that somebody has decided against; with `outcome=share` those with too little known.
    """

    queryset = Evaluation.objects.all()
    serializer_class = SuggestionSerializer
    filterset_class = SuggestionFilter
    filters_details = False
    table = SUGGESTIONS
    rule_permissions: ClassVar[dict[str, str]] = dict.fromkeys(("list", "retrieve"), "criteria.view_suggestions")

    def visible_rows(self) -> Any:
        rows: Any = super().visible_rows()
        if self.action != "list":
            return rows
        rows = rows.filter(scheme__retired_at__isnull=True)
        return rows if self.request.query_params.get("outcome") == "share" else differing_suggestions(rows)
