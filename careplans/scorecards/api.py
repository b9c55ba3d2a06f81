"""Endpoints of scorecards and the customer strategy: the same rules and services as the pages."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Team, User
from careplans.scorecards.enums import CardKind, Expected, Result
from careplans.scorecards.filters import ScorecardFilter, StrategyFilter
from careplans.scorecards.models import Scorecard, StrategyVersion
from careplans.scorecards.services.cards import (
    card_add,
    card_approve,
    card_change,
    card_reopen,
    card_return,
    card_send,
    values_enter,
)
from careplans.scorecards.showing import ShownLine, seen_lines, shown_lines
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadViewSet, VersionedSerializer, VersionSerializer, WriteViewSet
from core.exceptions import BusinessRuleError
from core.permissions import allowed
from customers.models import Customer

#: What is given when adding.
WHEN_ADDING = ("kind", "customer", "team", "year", "responsible")
NUMBER: dict[str, Any] = {"max_digits": 14, "decimal_places": 2, "allow_null": True}


class ScoreEarlierSerializer(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    text = serializers.CharField()


class ScoreLineSerializer(serializers.Serializer[ShownLine]):
    """A goal with its target and actual. ``kept`` is the actual that management approved, with its day."""

    id = serializers.IntegerField(source="line.pk")
    perspective = serializers.CharField(source="line.perspective.code")
    goal = serializers.CharField(source="line.goal")
    metric = serializers.CharField(source="line.metric", help_text="Empty: the actual is entered by hand.")
    definition = serializers.IntegerField(source="line.definition")
    name = serializers.CharField(source="line.measured")
    unit = serializers.CharField()
    series = serializers.UUIDField(source="line.series")
    is_new_series = serializers.BooleanField()
    expected = serializers.ChoiceField(choices=Expected.choices, source="line.expected")
    target = serializers.DecimalField(source="line.target", **NUMBER)
    actual = serializers.DecimalField(source="line.actual", **NUMBER)
    kept = serializers.DecimalField(source="line.kept", **NUMBER)
    kept_on = serializers.DateField(source="line.kept_on", allow_null=True)
    result = serializers.ChoiceField(choices=Result.choices)
    comment = serializers.CharField(source="line.comment")
    earlier = ScoreEarlierSerializer(many=True)


class ScorecardSerializer(VersionedSerializer):
    """A scorecard. ``lines`` are its goals as the reader may see them, in one scorecard only; lists leave them out."""

    customer: Any = VisibleRelatedField(queryset=Customer.objects.all(), required=False, allow_null=True)
    team: Any = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)
    lines = serializers.SerializerMethodField()

    class Meta:
        model = Scorecard
        fields = (
            "id", "version", "kind", "customer", "team", "year", "status", "responsible", "comment", "former",
            "created_by", "sent_by", "approved_by", "approved_at", "lines", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = (
            "status", "former", "created_by", "sent_by", "approved_by", "approved_at", "created_at", "updated_at"
        )  # fmt: skip
        validators: ClassVar[list[Any]] = []  # the service refuses a second one

    @extend_schema_field(ScoreLineSerializer(many=True))
    def get_lines(self, card: Scorecard) -> Any:
        if isinstance(self.parent, serializers.ListSerializer):
            return []
        shown: Any = shown_lines(self.context["request"].user, card)
        return ScoreLineSerializer(shown, many=True).data

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in ("kind", "customer", "team", "year") if self.instance is not None and name in attrs]
        if given:
            raise serializers.ValidationError(dict.fromkeys(given, _("This can be given only when adding.")))
        if self.instance is None:
            self._check_subject(attrs)
        return attrs

    def _check_subject(self, attrs: dict[str, Any]) -> None:
        """Refuse what the scorecard would not have: a customer's has no team, that of a team no customer."""
        texts = {
            "customer": _("Only the scorecard of a customer has a customer."),
            "team": _("Only the scorecard of a team has a team."),
        }
        errors = {name: text for name, text in texts.items() if attrs.get(name) and attrs["kind"] != name}
        if errors:
            raise serializers.ValidationError(errors)

    def validate_responsible(self, person: User | None) -> User | None:
        is_new = self.instance is None or person != self.instance.responsible
        if person is not None and is_new and not person.is_active:
            raise serializers.ValidationError(_("%(person)s no longer works here.") % {"person": person})
        return person

    def update(self, instance: Scorecard, validated_data: dict[str, Any]) -> Scorecard:
        seen = validated_data.pop("version", None)
        return card_change(card=instance, changes=validated_data, user=self.context["request"].user, seen=seen)


class ScoreValueSerializer(serializers.Serializer[Any]):
    """The target, the actual (of what is entered by hand) and the comment of a goal; what is left out stays."""

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    target = serializers.DecimalField(required=False, **NUMBER)
    entered = serializers.DecimalField(required=False, **NUMBER)
    comment = serializers.CharField(max_length=1_000, allow_blank=True, required=False)


class ScoreValuesSerializer(VersionSerializer):
    lines = ScoreValueSerializer(many=True, allow_empty=False)

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        counts = Counter(line["id"] for line in lines)
        if twice := [pk for pk, count in counts.items() if count > 1]:
            raise serializers.ValidationError(_("The goal no. %d is given more than once.") % min(twice))
        return lines


class ScoreCommentSerializer(VersionSerializer):
    comment = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")


class ScoreReasonSerializer(VersionSerializer):
    reason = serializers.CharField(max_length=1_000)


STEP = {200: ScorecardSerializer, 409: ErrorSerializer}


class ScorecardViewSet(WriteViewSet):
    """Scorecards of key customers, teams and the customer strategy. Only drafts are changed; each step is an action."""

    queryset = Scorecard.objects.select_related("customer__summary", "team").order_by("-pk")
    serializer_class = ScorecardSerializer
    filterset_class = ScorecardFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "scorecards.view_card",
        "retrieve": "scorecards.view_card",
        "create": "scorecards.add_card",
        **dict.fromkeys(("partial_update", "values", "send"), "scorecards.edit_card"),
        "take_back": "scorecards.return_card",
        "approve": "scorecards.approve_card",
        "reopen": "scorecards.reopen_card",
    }

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer: Any = self.valid(ScorecardSerializer)
        data = {name: value for name, value in serializer.validated_data.items() if name in WHEN_ADDING}
        kind, about = data["kind"], {name: data.get(name) for name in ("customer", "team")}
        has_subject = kind == CardKind.STRATEGY or about[kind] is not None
        if has_subject and not allowed(self.user, "scorecards.make_card", Scorecard(kind=kind, **about)):
            self.permission_denied(request)
        return self.answer(card_add(user=self.user, **data), 201)

    def step(self, serializer: Any) -> dict[str, Any]:
        """Return what a step is given: what was sent, who sent it, and the version that was seen."""
        content = dict(self.content(serializer))
        return {"user": self.user, "seen": content.pop("version", None), **content}

    @extend_schema(request=ScoreValuesSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def values(self, request: Request, pk: str) -> Response:
        """Enter targets, actuals and comments of goals of a draft."""
        card = self.get_object()
        content = dict(self.content(ScoreValuesSerializer))
        seen = {line.pk for line in seen_lines(self.user, card)}
        values = {row["id"]: {name: row[name] for name in row if name != "id"} for row in content["lines"]}
        if unseen := sorted(values.keys() - seen):
            raise BusinessRuleError("no_such_line", _("The scorecard has no goal no. %d.") % unseen[0], field="lines")
        return self.answer(values_enter(card=card, values=values, user=self.user, seen=content.get("version")))

    @extend_schema(request=ScoreCommentSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, pk: str) -> Response:
        """Send a draft to management."""
        return self.answer(card_send(card=self.get_object(), **self.step(ScoreCommentSerializer)))

    @extend_schema(request=ScoreReasonSerializer, responses=STEP)
    @action(detail=True, methods=["post"], url_path="return")
    def take_back(self, request: Request, pk: str) -> Response:
        """Make a scorecard that waits a draft again, with the reason."""
        return self.answer(card_return(card=self.get_object(), **self.step(ScoreReasonSerializer)))

    @extend_schema(request=ScoreCommentSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve a scorecard for management: its actuals are kept with the day."""
        return self.answer(card_approve(card=self.get_object(), **self.step(ScoreCommentSerializer)))

    @extend_schema(request=ScoreReasonSerializer, responses=STEP)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Open an approved scorecard again as a draft, with the reason."""
        return self.answer(card_reopen(card=self.get_object(), **self.step(ScoreReasonSerializer)))


class StrategySerializer(serializers.ModelSerializer[StrategyVersion]):
    """A version of the customer strategy."""

    class Meta:
        model = StrategyVersion
        fields = (
            "id", "number", "status", "principles", "focus_areas", "text", "justification", "valid_from", "valid_to",
            "created_by", "sent_by", "approved_by", "approved_at", "created_at", "updated_at",
        )  # fmt: skip


class StrategyViewSet(ReadViewSet):
    """The versions of the customer strategy; they are changed on its page."""

    queryset = StrategyVersion.objects.order_by("-pk")
    serializer_class = StrategySerializer
    filterset_class = StrategyFilter
    filters_details = False
    rule_permissions: ClassVar[dict[str, str]] = dict.fromkeys(("list", "retrieve"), "scorecards.view_strategy")
