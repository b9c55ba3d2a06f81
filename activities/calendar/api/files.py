"""Endpoints of calendar feeds and of calendar files."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.calendar.forms.files import CalendarTypesForm
from activities.calendar.ical.read import CalendarError, decode
from activities.calendar.models import CalendarFeed
from activities.calendar.services.feeds import feed_address, feed_create, feed_revoke
from activities.calendar.services.files import Types, import_plan, import_run, key_of
from core.api.errors import ErrorSerializer
from core.api.views import ActionsViewSet
from core.permissions import SIGNED_IN


class FeedSerializer(serializers.ModelSerializer[CalendarFeed]):
    address = serializers.SerializerMethodField(help_text=_("Only in the response that creates it."))

    class Meta:
        model = CalendarFeed
        fields = ("id", "name", "address", "created_at", "last_read_at")
        read_only_fields = ("created_at", "last_read_at")

    def get_address(self, feed: CalendarFeed) -> str:
        return getattr(feed, "address", "")

    def create(self, validated_data: dict[str, Any]) -> CalendarFeed:
        feed, secret = feed_create(user=self.context["request"].user, name=validated_data.get("name", ""))
        feed.address = feed_address(secret)  # type: ignore[attr-defined]
        return feed


class FeedViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, ActionsViewSet):
    """The user's private addresses for calendar programs. Deleting one revokes it."""

    queryset: QuerySet[Any] = CalendarFeed.objects.all()
    serializer_class = FeedSerializer
    pagination_class = None
    rule_permissions: ClassVar[dict[str, str]] = dict.fromkeys(("list", "create", "destroy"), SIGNED_IN)

    def get_queryset(self) -> QuerySet[Any]:
        return CalendarFeed.objects.filter(user=self.user.pk).order_by("-pk")

    def perform_destroy(self, instance: CalendarFeed) -> None:
        feed_revoke(feed=instance)


class CalendarFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(help_text=_("A calendar file (.ics), at most 2 MB and 2,000 events."))
    dry_run = serializers.BooleanField(default=False, help_text=_("Only show what would be created."))


class PlannedSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    start = serializers.DateTimeField(allow_null=True)
    fate = serializers.ChoiceField(choices=["new", "changed", "same", "refused"])
    reason = serializers.CharField()
    customer = serializers.IntegerField(allow_null=True)


class ImportResultSerializer(serializers.Serializer[Any]):
    fates = serializers.DictField(child=serializers.IntegerField())
    events = PlannedSerializer(many=True)


class CalendarImportViewSet(ActionsViewSet):
    """Import of a calendar file: each event becomes one activity."""

    serializer_class = CalendarFileSerializer
    parser_classes = (MultiPartParser,)
    rule_permissions: ClassVar[dict[str, str]] = {"create": "activities.log_activity"}
    detail = False

    @extend_schema(responses={200: ImportResultSerializer, 400: ErrorSerializer})
    def create(self, request: Request) -> Response:
        content = self.content(CalendarFileSerializer)
        types = CalendarTypesForm().types()
        if types is None:
            raise serializers.ValidationError({"file": [_("There is no activity type for events.")]})
        try:
            text = decode(content["file"].read(2 * 1024 * 1024 + 1))
            events = _planned_events(self.user, text, types)
            results: dict[str, int] = {}
            if not content["dry_run"]:
                results = dict(import_run(user=self.user, text=text, types=types))
        except CalendarError as error:
            raise serializers.ValidationError({"file": [str(error)]}) from error
        return Response({"fates": results, "events": events})


def _planned_events(user: User, text: str, types: Types) -> list[dict[str, Any]]:
    return [
        {
            "key": key_of(plan),
            "title": plan.event.title,
            "start": plan.event.start,
            "fate": plan.result,
            "reason": plan.reason,
            "customer": plan.customer.pk if plan.customer else None,
        }
        for plan in import_plan(user=user, text=text, types=types)
    ]
