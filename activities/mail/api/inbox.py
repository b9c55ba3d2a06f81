"""Endpoints of received mail: the inbox, the upload of message files, mailboxes and ignore rules."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from activities.mail import senders
from activities.mail.enums import IgnoreKind
from activities.mail.filters import InboxFilter
from activities.mail.models import EmailMessage, IgnoreRule, Mailbox
from activities.mail.services import filing, mailboxes
from activities.mail.services.receiving import Origin, message_receive
from activities.mail.tables import INBOX_TABLE
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.views import ReadViewSet, VersionedSerializer, VisibleViewSet, WriteViewSet
from core.tables import Column, Table
from customers.models import Contact, Customer

FILE, RULE, BOX = "mail.file_message", "mail.edit_ignore_rule", "mail.edit_mailbox"
PLACES = ("host", "port", "username")
NAMES = Table((Column("name", "name", sort="name"),), "name")
PATTERNS = Table((Column("pattern", "pattern", sort="pattern"),), "pattern")


class InboxSerializer(serializers.ModelSerializer[EmailMessage]):
    """A message without an activity: waiting, ignored or kept as a file."""

    reasons = serializers.SerializerMethodField()

    class Meta:
        model = EmailMessage
        fields = (
            "id", "state", "direction", "message_id", "sender", "sender_name", "subject", "body", "date", "size",
            "mailbox", "activity", "reasons",
        )  # fmt: skip
        read_only_fields = fields

    def get_reasons(self, message: EmailMessage) -> list[str]:
        return senders.reason_texts(message.error)


class FileSerializer(serializers.Serializer[Any]):
    """The customer and contact to file a message under; ``learn`` adds the address to the contact."""

    customer = VisibleRelatedField(queryset=Customer.objects.active())
    contact = VisibleRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True, default=None)
    learn = serializers.BooleanField(default=False)


class IgnoreSerializer(serializers.Serializer[Any]):
    """``address`` or ``domain`` also ignores later messages of the sender."""

    kind = serializers.ChoiceField(choices=["", IgnoreKind.ADDRESS, IgnoreKind.DOMAIN], default="", allow_blank=True)


class InboxViewSet(ReadViewSet):
    """Messages that have no activity and that the user may file."""

    queryset = EmailMessage.objects.select_related("mailbox")
    serializer_class = InboxSerializer
    filterset_class = InboxFilter
    filters_details = False  # one message is found in whatever state it is
    table = INBOX_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "activities.view_activity",
        "retrieve": "activities.view_activity",
        "file": FILE,
        "ignore": FILE,
        "restore": FILE,
    }

    def visible_rows(self) -> Any:
        rows: Any = self.queryset.all()
        return rows.inbox_of(self.user)

    def reread(self, instance: EmailMessage) -> EmailMessage:
        """Return the message from the service: a filed one is no longer in the inbox."""
        return instance

    @extend_schema(request=FileSerializer, responses={200: InboxSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def file(self, request: Request, pk: str | None = None) -> Response:
        """Log the message as a done activity under a customer; return the message with its activity."""
        message = self.get_object()
        return self.answer(filing.message_file(message=message, user=self.user, **self.content(FileSerializer)))

    @extend_schema(request=IgnoreSerializer, responses={200: InboxSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def ignore(self, request: Request, pk: str | None = None) -> Response:
        """Ignore the message and, with ``kind``, its sender."""
        message = self.get_object()
        kind = self.content(IgnoreSerializer)["kind"]
        if kind and not self.user.has_perm(RULE):
            self.permission_denied(request)
        return self.answer(filing.message_ignore(message=message, user=self.user, kind=kind))

    @extend_schema(request=None, responses={200: InboxSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Restore an ignored message."""
        return self.answer(filing.message_restore(message=self.get_object()))


class CaptureSerializer(serializers.Serializer[Any]):
    """A message file (.eml) and, optionally, the customer to file it under."""

    file = serializers.FileField(allow_empty_file=True)
    customer = VisibleRelatedField(queryset=Customer.objects.active(), required=False, allow_null=True, default=None)


class CapturedSerializer(serializers.Serializer[Any]):
    """The outcome: ``captured``, ``known``, ``inbox`` or ``refused``, with the reasons."""

    outcome = serializers.CharField(source="kind")
    email = serializers.SerializerMethodField()
    activity = serializers.SerializerMethodField()
    reasons = serializers.ListField(child=serializers.CharField())

    def _visible(self, outcome: Any) -> EmailMessage | None:
        """Return the message if the user may see it."""
        user = self.context["request"].user
        return EmailMessage.objects.visible_to(user).filter(pk=outcome.message.pk).first()

    def get_email(self, outcome: Any) -> int | None:
        message = self._visible(outcome)
        return message.pk if message else None

    def get_activity(self, outcome: Any) -> int | None:
        message = self._visible(outcome)
        return message.activity_id if message else None


class CaptureViewSet(VisibleViewSet):
    max_body_bytes = 4 * settings.EMAIL_MAX_BYTES
    queryset = EmailMessage.objects.all()
    serializer_class = CaptureSerializer
    parser_classes = (MultiPartParser,)
    rule_permissions: ClassVar[dict[str, str]] = {"create": FILE}

    @extend_schema(request=CaptureSerializer, responses={201: CapturedSerializer, 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Import a message file and file it under its customer, if that is known."""
        data = self.content(CaptureSerializer)
        origin = Origin(user=self.user, customer=data["customer"])
        outcome = message_receive(data["file"].read(), origin)
        answer = CapturedSerializer(outcome, context=self.get_serializer_context())
        return Response(answer.data, status=status.HTTP_201_CREATED)


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
        return filing.rule_add(user=self.context["request"].user, **validated_data)


class RuleViewSet(mixins.ListModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, VisibleViewSet):
    """Rules that keep messages out of the inbox."""

    queryset = IgnoreRule.objects.select_related("created_by")
    serializer_class = IgnoreRuleSerializer
    table = PATTERNS
    rule_permissions: ClassVar[dict[str, str]] = dict.fromkeys(("list", "create", "destroy"), RULE)

    def visible_rows(self) -> Any:
        return self.queryset.all()
