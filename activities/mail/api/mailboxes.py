"""Endpoints of mailboxes and ignore rules."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.mail.api.inbox import BOX, NAMES, PATTERNS, PLACES, RULE
from activities.mail.models import IgnoreRule, Mailbox
from activities.mail.services import inbox, mailboxes
from core.api.views import VersionedSerializer, VisibleViewSet, WriteViewSet


class MailboxSerializer(VersionedSerializer):
    """A mailbox. Its password can be written but not read."""

    password = serializers.CharField(write_only=True, max_length=500, required=False, trim_whitespace=False)
    shared = serializers.BooleanField(write_only=True, required=False, default=False)

    class Meta:
        model = Mailbox
        fields = (
            "id", "version", "name", "owner", "address", "host", "port", "use_tls", "username", "folder", "first_days",
            "is_active", "last_read_at", "error", "is_being_tried", "password", "shared",
        )  # fmt: skip
        read_only_fields = ("owner", "is_active", "last_read_at", "error", "is_being_tried")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require the password again if the server or user name changes, so that another server does not get it."""
        old = self.instance
        moves = old and any(attrs.get(name, getattr(old, name)) != getattr(old, name) for name in PLACES)
        if not attrs.get("password") and (moves or not old):
            raise serializers.ValidationError({"password": [self.fields["password"].error_messages["required"]]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Mailbox:
        user = self.context["request"].user
        shared = validated_data.pop("shared") and user.has_perm("mail.manage_mailboxes")
        return self._save(Mailbox(owner=None if shared else user), validated_data)

    def update(self, instance: Mailbox, validated_data: dict[str, Any]) -> Mailbox:
        validated_data.pop("shared", None)
        return self._save(instance, validated_data)

    def _save(self, mailbox: Mailbox, data: dict[str, Any]) -> Mailbox:
        password, version = data.pop("password", ""), data.pop("version", None)
        for name, value in data.items():
            setattr(mailbox, name, value)
        return mailboxes.mailbox_save(mailbox=mailbox, password=password, version=version)


class MailboxViewSet(mixins.DestroyModelMixin, WriteViewSet):
    """The user's own mailboxes, and the shared ones with the right to manage them."""

    queryset = Mailbox.objects.select_related("owner")
    serializer_class = MailboxSerializer
    table = NAMES
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "activities.view_activity",
        "retrieve": "activities.view_activity",
        **dict.fromkeys(("create", "partial_update", "destroy", "test", "pause"), BOX),
    }

    @extend_schema(request=None, responses={200: MailboxSerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str | None = None) -> Response:
        """Test the connection; once ``is_being_tried`` is false, ``error`` has the result."""
        return self.answer(mailboxes.mailbox_test(mailbox=self.get_object()))

    @extend_schema(request=None, responses={200: MailboxSerializer})
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Pause the reading of the mailbox, or continue it."""
        mailbox = self.get_object()
        return self.answer(mailboxes.mailbox_set_active(mailbox=mailbox, active=not mailbox.is_active))


class IgnoreRuleSerializer(serializers.ModelSerializer[IgnoreRule]):
    class Meta:
        model = IgnoreRule
        fields = ("id", "kind", "pattern", "created_by", "created_at")
        read_only_fields = ("created_by", "created_at")
        validators: ClassVar[list[Any]] = []

    def create(self, validated_data: dict[str, Any]) -> IgnoreRule:
        return inbox.rule_add(user=self.context["request"].user, **validated_data)


class RuleViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, VisibleViewSet):
    """Rules that keep messages out of the inbox."""

    queryset = IgnoreRule.objects.select_related("created_by")
    serializer_class = IgnoreRuleSerializer
    table = PATTERNS
    rule_permissions: ClassVar[dict[str, str]] = dict.fromkeys(("list", "create", "destroy"), RULE)

    def visible_rows(self) -> Any:
        return self.queryset.all()
