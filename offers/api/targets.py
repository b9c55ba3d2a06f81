"""Endpoints of targets: reading and setting them, and what has become of them."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters as filters
from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts.models import Team, User
from crm.api.errors import ErrorSerializer
from crm.api.fields import VisibleRelatedField
from crm.api.views import VisibleViewSet
from crm.filters import FilterSet
from crm.permissions import allowed
from offers.enums import TargetKind
from offers.forms.targets import FIRST_YEAR, LAST_YEAR, PeriodForm
from offers.models import SalesTarget
from offers.selectors_targets import MOST_PEOPLE, Progress, people_followed_by, progress_of
from offers.services.targets import targets_set


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
        max_digits=12, decimal_places=2, min_value=0, allow_null=True, help_text="Null takes the target away."
    )


class SetTargetsSerializer(serializers.Serializer[Any]):
    user = VisibleRelatedField(queryset=User.objects.all(), required=False, allow_null=True)
    team = VisibleRelatedField(queryset=Team.objects.all(), required=False, allow_null=True)
    year = serializers.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)
    amounts = AmountSerializer(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("user")) == bool(attrs.get("team")):
            raise serializers.ValidationError(_("Give either the person or the team."))
        return attrs


@extend_schema_serializer(many=False)
class ProgressRowSerializer(serializers.Serializer[Progress]):
    kind = serializers.CharField()
    actual = serializers.DecimalField(max_digits=14, decimal_places=2)
    target = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(help_text="reached, ahead or behind of time; empty without a target")


class PersonProgressSerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField(source="person.pk")
    rows = ProgressRowSerializer(many=True)


class SalesTargetViewSet(mixins.ListModelMixin, VisibleViewSet):
    """Targets of those whom one may follow: oneself, one's staff and teams, or everybody."""

    queryset = SalesTarget.objects.all()
    serializer_class = SalesTargetSerializer
    filterset_class = TargetFilter
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "offers.view_targets",
        "progress": "offers.view_targets",
        "assign": "offers.view_targets",  # whose targets one may set is asked below
    }

    def visible_rows(self) -> Any:
        user = self.user
        if user.has_perm("accounts.view_reports"):
            return self.queryset.all()
        seen = Q(user=user) | Q(user__manager=user) | Q(user__teams__leader=user)
        own_teams = Q(team__leader=user) | Q(team__memberships__user=user)
        return self.queryset.filter(pk__in=SalesTarget.objects.filter(seen | own_teams).values("pk"))

    @extend_schema(
        parameters=[OpenApiParameter("year", int), OpenApiParameter("quarter", int)],
        responses={200: PersonProgressSerializer(many=True)},
        filters=False,
    )
    @action(detail=False, pagination_class=None)
    def progress(self, request: Request) -> Response:
        """Targets and actuals of a year (this one) or one of its quarters, by person."""
        period = PeriodForm(request.query_params).period
        people = list(people_followed_by(self.user)[:MOST_PEOPLE])
        return Response(PersonProgressSerializer(progress_of(people, period), many=True).data)

    @extend_schema(
        request=SetTargetsSerializer, responses={200: SalesTargetSerializer(many=True), 409: ErrorSerializer}
    )
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def assign(self, request: Request) -> Response:
        """Set targets of a person or a team in a year; what is not named stays."""
        data = self.content(SetTargetsSerializer)
        of = data.get("user") or data["team"]
        rule = "offers.edit_target" if isinstance(of, User) else "offers.set_targets"
        if not allowed(self.user, rule, of if isinstance(of, User) else None):
            raise PermissionDenied
        amounts = {(TargetKind(one["kind"]), one["quarter"]): one["amount"] for one in data["amounts"]}
        rows = targets_set(of=of, year=data["year"], amounts=amounts)
        return Response(SalesTargetSerializer(rows, many=True).data)


def register(router: SimpleRouter) -> None:
    router.register("sales-targets", SalesTargetViewSet, basename="api-sales-target")
