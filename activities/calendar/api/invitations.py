"""Endpoints of the invitations of an activity."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from activities.calendar.models import Invitation
from activities.calendar.services.invitation_mail import invitation_retry
from activities.calendar.services.invitations import invitations_resend, invitations_send
from activities.calendar.views.invitations import invitations_of
from activities.log.models import Activity
from activities.mail.api.messages import RetrySerializer
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import VisibleViewSet
from customers.models import Contact


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
