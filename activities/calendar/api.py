"""Endpoints of the calendar, calendar files and feeds, and invitations."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.calendar.forms import CalendarTypesForm, FeedQuery
from activities.calendar.ical.text import CalendarError, decode
from activities.calendar.models import CalendarFeed, Invitation
from activities.calendar.selectors.calendar import CalendarEvent, calendar_events, monday
from activities.calendar.selectors.hours import last_weeks, person_of, week_hours
from activities.calendar.services.feeds import feed_address, feed_create, feed_revoke
from activities.calendar.services.file_plan import WRITTEN, Plan, import_plan, key_of, size_of
from activities.calendar.services.files import import_run
from activities.calendar.services.invitations import invitation_retry, invitations_resend, invitations_send
from activities.calendar.views.invitations import invitations_of
from activities.log.models import Activity
from activities.mail.api.messages import RetrySerializer
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ActionsViewSet, VisibleViewSet
from core.parameters import asked_day
from core.permissions import SIGNED_IN, allowed
from customers.models import Contact

#: The number of activities that one request may make of a calendar file.
MAX_AT_ONCE = 2_000
MANY: dict[str, Any] = {"type": int, "many": True}


class EventSerializer(serializers.Serializer[CalendarEvent]):
    id = serializers.CharField(source="key")
    title = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField(help_text="Without an end of the activity: by the usual length of its type.")
    has_end = serializers.BooleanField()
    is_all_day = serializers.BooleanField(help_text="It has the whole days from its start to its end.")
    is_absence = serializers.BooleanField(help_text="Its people are away.")
    type = serializers.CharField(source="kind")
    customer = serializers.CharField()
    goal = serializers.CharField()
    place = serializers.CharField()
    status = serializers.CharField()
    is_overdue = serializers.BooleanField()
    is_recurring = serializers.BooleanField()
    may_move = serializers.SerializerMethodField()
    people = serializers.ListField(child=serializers.IntegerField())
    version = serializers.IntegerField()
    url = serializers.CharField()

    def get_may_move(self, event: CalendarEvent) -> bool:
        return bool(event.move_url)


@extend_schema_serializer(many=False)
class EventsSerializer(serializers.Serializer[Any]):
    is_cut = serializers.BooleanField(help_text="There are more events than can be returned at once.")
    results = EventSerializer(many=True)


class DaySerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    hours = serializers.DecimalField(max_digits=9, decimal_places=2)
    planned = serializers.DecimalField(max_digits=9, decimal_places=2)


class RowSerializer(serializers.Serializer[Any]):
    type = serializers.CharField(source="type.code")
    customer = serializers.SerializerMethodField(help_text="None: other customer work, or an inactive customer.")
    total = serializers.DecimalField(max_digits=9, decimal_places=2)
    days = DaySerializer(source="cells", many=True)

    def get_customer(self, row: Any) -> int | None:
        user = self.context["request"].user
        is_seen = row.customer and (not row.customer.is_passive or user.has_perm("customers.manage_passive"))
        return row.customer.pk if is_seen else None


class WeekSumSerializer(serializers.Serializer[Any]):
    week = serializers.DateField(source="first")
    hours = serializers.DecimalField(max_digits=9, decimal_places=2)
    planned = serializers.DecimalField(max_digits=9, decimal_places=2)


@extend_schema_serializer(many=False)
class HoursSerializer(serializers.Serializer[Any]):
    user = serializers.IntegerField(source="person.pk")
    week = serializers.DateField(source="first")
    total = serializers.DecimalField(max_digits=9, decimal_places=2)
    planned = serializers.DecimalField(max_digits=9, decimal_places=2)
    target = serializers.DecimalField(max_digits=4, decimal_places=2, allow_null=True)
    rows = RowSerializer(many=True)
    weeks = serializers.SerializerMethodField()

    @extend_schema_field(WeekSumSerializer(many=True))
    def get_weeks(self, week: Any) -> Any:
        return WeekSumSerializer(last_weeks(week.person, week.first), many=True).data


class CalculatedViewSet(ActionsViewSet):
    rule_permissions: ClassVar[dict[str, str]] = {"list": "activities.view_activity"}
    queryset = Activity.objects.none()
    filter_backends = ()
    pagination_class = None


class CalendarViewSet(CalculatedViewSet):
    """Events of people between two times, at most 62 days and 2,000 activities."""

    serializer_class = EventsSerializer

    @extend_schema(
        operation_id="calendar_list",
        parameters=[
            OpenApiParameter("start", OpenApiTypes.STR, required=True),
            OpenApiParameter("end", OpenApiTypes.STR, required=True),
            OpenApiParameter("user", **MANY),
            OpenApiParameter("team", **MANY),
            OpenApiParameter("type", **MANY),
            OpenApiParameter("status", str, many=True),
            OpenApiParameter("planned", str, enum=["on"], description="Leave out what is done."),
        ],
        responses={200: EventsSerializer, 400: ErrorSerializer},
    )
    def list(self, request: Request) -> Response:
        """Return the activities of the user, or of the given users and teams, in order of time."""
        query = FeedQuery(request.query_params, user=self.user)
        if not query.is_valid():
            raise serializers.ValidationError(
                {name: [str(error) for error in errors] for name, errors in query.errors.items()}
            )
        events, is_cut = calendar_events(self.user, query.people(), query.window, **query.filters())
        return Response(EventsSerializer({"is_cut": is_cut, "results": events}).data)


class HoursViewSet(CalculatedViewSet):
    """Sums of hours by week."""

    serializer_class = HoursSerializer

    @extend_schema(
        operation_id="hours_list",
        parameters=[
            OpenApiParameter("week", dt.date, description="Any day of the week; default: this week."),
            OpenApiParameter("user", int, description="Default: the user of the API key."),
        ],
        responses={200: HoursSerializer},
    )
    def list(self, request: Request) -> Response:
        """Return a week of a person by type, customer and day, and the sums of twelve weeks."""
        person = person_of(self.user, self.request.query_params.get("user", ""))
        if not allowed(self.user, "calendar.view_hours", person):
            raise PermissionDenied
        week = week_hours(person, monday(asked_day(request._request, "week")))
        return Response(HoursSerializer(week, context=self.get_serializer_context()).data)


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
    fate = serializers.ChoiceField(choices=["new", "changed", "same", "cancelled", "refused"])
    reason = serializers.CharField()
    notes = serializers.ListField(
        child=serializers.CharField(),
        help_text=_("Where the activity differs from the event."),
    )
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
            plans = import_plan(user=self.user, text=text, types=types)
            results: dict[str, int] = {}
            if not content["dry_run"]:
                _check_size(plans)
                results = dict(import_run(user=self.user, text=text, types=types))
        except CalendarError as error:
            raise serializers.ValidationError({"file": [str(error)]}) from error
        return Response({"fates": results, "events": [_planned_event(plan) for plan in plans]})


def _check_size(plans: list[Plan]) -> None:
    """Raise :class:`CalendarError` for a file that would occupy a request for too long."""
    if sum(size_of(plan) for plan in plans if plan.result in WRITTEN) > MAX_AT_ONCE:
        message = _("The file would make more than %d activities at once. Import it on the page, or in parts.")
        raise CalendarError(str(message) % MAX_AT_ONCE)


def _planned_event(plan: Plan) -> dict[str, Any]:
    return {
        "key": key_of(plan),
        "title": plan.event.title,
        "start": plan.event.start,
        "fate": plan.result,
        "reason": plan.reason,
        "notes": plan.event.notes,
        "customer": plan.customer.pk if plan.customer else None,
    }


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    class Meta:
        model = Invitation
        fields = ("id", "contact", "user", "email", "answer", "answered_at", "sequence", "state", "sent_at", "error")
        read_only_fields = fields


class InviteSerializer(serializers.Serializer[Any]):
    contacts = VisibleRelatedField(queryset=Contact.objects.all(), many=True, required=False)
    users = serializers.PrimaryKeyRelatedField(queryset=User.objects.all(), many=True, required=False)


class InvitationViewSet(VisibleViewSet):
    """Invitations to an activity by e-mail, under the address of the activity."""

    queryset = Activity.objects.select_related("type", "customer")
    serializer_class = InvitationSerializer
    pagination_class = None
    filter_backends = ()
    rule_permissions: ClassVar[dict[str, str]] = {
        "invitations": "activities.view_activity",
        **dict.fromkeys(("invite", "resend", "retry"), "activities.edit_activity"),
    }

    @extend_schema(responses={200: InvitationSerializer(many=True)})
    @action(detail=True, methods=["get"])
    def invitations(self, request: Request, pk: str | None = None) -> Response:
        """Return the people invited by e-mail and their answers."""
        return Response(InvitationSerializer(invitations_of(self.get_object(), self.user), many=True).data)

    @extend_schema(request=InviteSerializer, responses={201: InvitationSerializer(many=True), 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, pk: str | None = None) -> Response:
        """Invite contacts and colleagues by e-mail with a calendar file."""
        activity, content = self.get_object(), self.content(InviteSerializer)
        new = invitations_send(
            activity=activity, user=self.user, contacts=content.get("contacts", []), users=content.get("users", [])
        )
        return Response(InvitationSerializer(new, many=True).data, status=201)

    @extend_schema(request=None, responses={204: None, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path="invite-again")
    def resend(self, request: Request, pk: str | None = None) -> Response:
        """Send the current time and place to everyone invited."""
        invitations_resend(activity=self.get_object(), user=self.user)
        return Response(status=204)

    @extend_schema(request=RetrySerializer, responses={200: InvitationSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"], url_path=r"invitations/(?P<invitation>\d{1,18})/retry")
    def retry(self, request: Request, pk: str | None = None, invitation: str = "0") -> Response:
        """Send again an invitation that was not sent."""
        visible = invitations_of(self.get_object(), self.user)
        failed = next((row for row in visible if row.pk == int(invitation)), None)
        if failed is None:
            raise NotFound
        content = self.content(RetrySerializer)
        return Response(InvitationSerializer(invitation_retry(invitation=failed, **content)).data)
