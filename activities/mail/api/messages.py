"""Endpoints of messages (reading, sending, retrying and editing them) and of e-mail templates."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import Language
from activities.log.models import Activity
from activities.mail import recipients
from activities.mail.enums import RecipientKind
from activities.mail.filters import EmailFilter
from activities.mail.forms.messages import EmailTemplateForm
from activities.mail.mime.compose import written
from activities.mail.models import EmailMessage, EmailRecipient, EmailTemplate
from activities.mail.plugs import Answerable, answerable_of, answerables
from activities.mail.recipients import Letter
from activities.mail.services.messages import MAX_FILES, email_edit, email_retry, emails_send, template_set_retired
from activities.mail.tables import EMAIL_TABLE, EMAIL_TEMPLATE_TABLE
from core.api.errors import ErrorSerializer
from core.api.fields import VisibleRelatedField
from core.api.parsers import UnicodeJSONParser
from core.api.views import ReadViewSet, VersionedSerializer, VersionSerializer, WriteViewSet
from core.documents import visible_target
from core.models import Document
from core.permissions import allowed
from core.richtext import clean
from core.services import check_version, versioned_save
from customers.models import Customer


class RecipientSerializer(serializers.ModelSerializer[EmailRecipient]):
    class Meta:
        model = EmailRecipient
        fields = ("kind", "address", "name", "contact")


class AnsweredIdField(serializers.IntegerField):
    """The id of the answered activity if it is of this kind."""

    def __init__(self, kind: Answerable) -> None:
        self.kind = kind
        super().__init__(source="answered_activity", read_only=True, allow_null=True)

    def to_representation(self, value: Any) -> Any:
        return value.pk if answerable_of(value) == self.kind else None


class AnsweredField(serializers.PrimaryKeyRelatedField):
    """An activity of this kind that the user sees and may answer."""

    def __init__(self, kind: Answerable) -> None:
        self.kind = kind
        queryset = Activity.objects.none()
        super().__init__(queryset=queryset, required=False, default=None, allow_null=True, help_text=kind.help_text)

    def get_queryset(self) -> Any:
        request = self.context.get("request")
        return self.kind.visible_to(request.user) if request else Activity.objects.none()

    def to_internal_value(self, data: Any) -> Any:
        activity = super().to_internal_value(data)
        if not allowed(self.context["request"].user, self.kind.permission, activity):
            raise PermissionDenied
        return activity


class EmailSerializer(serializers.ModelSerializer[EmailMessage]):
    """A message under an activity; ``body`` is cleaned HTML."""

    recipients = RecipientSerializer(many=True, read_only=True)
    customer = serializers.IntegerField(source="activity.customer_id", read_only=True, allow_null=True)

    class Meta:
        model = EmailMessage
        fields = (
            "id", "activity", "customer", "thread", "direction", "state", "message_id", "in_reply_to", "sender",
            "sender_name", "subject", "body", "date", "user", "error", "recipients",
        )  # fmt: skip
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        return fields | {kind.code: AnsweredIdField(kind) for kind in answerables()}


def _recipients_field(text: Any) -> Any:
    """Return a field for recipients: ``contact:12``, ``point:34``, ``customer:56`` or addresses."""
    return serializers.ListField(
        child=serializers.CharField(max_length=1_000), max_length=200, required=False, default=list, help_text=text
    )


class LetterSerializer(serializers.Serializer[Any]):
    """The fields of every written message."""

    to = _recipients_field(_("Addresses, or contact:<id>, point:<id> of a contact's address, customer:<id>."))
    cc = _recipients_field(_("As “to”."))
    bcc = _recipients_field(_("As “to”."))
    subject = serializers.CharField(max_length=200, allow_blank=True)
    body = serializers.CharField(max_length=20_000, allow_blank=True, help_text=_("HTML; it is cleaned."))
    quoted = serializers.BooleanField(default=True)
    documents = serializers.PrimaryKeyRelatedField(
        queryset=Document.objects.select_related("content_type"), many=True, required=False, default=list
    )
    uploads = serializers.ListField(child=serializers.FileField(allow_empty_file=True), required=False, default=list)
    confirmed = serializers.BooleanField(
        default=False, help_text=_("Send also to recipients who have refused marketing by e-mail.")
    )

    def validate_body(self, body: str) -> str:
        return clean(body)

    def validate_documents(self, documents: list[Document]) -> list[Document]:
        """Refuse documents of objects that the user does not see as not existing."""
        field: Any = self.fields["documents"].child_relation  # type: ignore[attr-defined]
        for document in documents[: MAX_FILES + 1]:
            if visible_target(document, self.context["request"].user) is None:
                field.fail("does_not_exist", pk_value=document.pk)
        return documents

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Resolve the recipients; report an error at its field."""
        user, resolved = self.context["request"].user, []
        for kind in RecipientKind:
            try:
                resolved += recipients.resolve(attrs.pop(kind.value), kind, user)
            except ValidationError as error:
                raise serializers.ValidationError({kind.value: error.messages}) from error
        return {**attrs, "recipients": resolved}


class SendSerializer(LetterSerializer):
    customer = VisibleRelatedField(
        queryset=Customer.objects.select_related("summary__owner"), required=False, default=None, allow_null=True
    )
    language = serializers.ChoiceField(choices=Language.choices, default=Language.FI)
    signed = serializers.BooleanField(default=True)
    answers = VisibleRelatedField(
        queryset=EmailMessage.objects.select_related("activity", "thread"),
        required=False,
        default=None,
        allow_null=True,
    )
    is_forward = serializers.BooleanField(default=False)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        return fields | {kind.code: AnsweredField(kind) for kind in answerables()}

    def validate_answers(self, message: EmailMessage | None) -> EmailMessage | None:
        if message is not None and message.activity_id is None:
            raise serializers.ValidationError(_("File the message under a customer before you answer it."))
        return message

    def create(self, validated_data: dict[str, Any]) -> list[EmailMessage]:
        answered = [validated_data.pop(kind.code) for kind in answerables()]
        validated_data["answered_activity"] = next(filter(None, answered), None)
        files = {name: validated_data.pop(name) for name in ("documents", "uploads", "confirmed")}
        return emails_send(letter=Letter(user=self.context["request"].user, **validated_data), **files)


class EditSerializer(VersionSerializer, LetterSerializer):
    """The new content of an unsent message.

    ``documents`` lists the ones to keep and new ones; ``version`` is that of the activity.
    """

    def update(self, instance: EmailMessage, validated_data: dict[str, Any]) -> EmailMessage:
        files = {name: validated_data.pop(name) for name in ("documents", "uploads", "confirmed")}
        version, quotes = validated_data.pop("version", None), written(instance)
        letter = Letter(
            user=self.context["request"].user, customer=instance.activity.customer if instance.activity else None,
            language=quotes.language, signed=False, answers=quotes.answers, is_forward=quotes.is_forward,
            edits=instance, **validated_data,
        )  # fmt: skip
        return email_edit(letter=letter, version=version, **files)


class RetrySerializer(serializers.Serializer[Any]):
    confirmed = serializers.BooleanField(
        default=False, help_text=_("Send again even if the recipients may already have received it.")
    )


SENT = OpenApiResponse(EmailSerializer(many=True), "The messages: one for each customer, or each recipient.")


@extend_schema_view(
    create=extend_schema(request=SendSerializer, responses={201: SENT, 400: ErrorSerializer, 409: ErrorSerializer})
)
class EmailViewSet(ReadViewSet):
    """Messages of activities, sent and received; POST sends one."""

    queryset = (
        EmailMessage.objects.filter(activity__isnull=False)
        .select_related("activity", "answered_activity__type")
        .prefetch_related("recipients")
    )
    serializer_class = EmailSerializer
    filterset_class = EmailFilter
    table = EMAIL_TABLE
    parser_classes = (UnicodeJSONParser, MultiPartParser)
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "activities.view_activity",
        "retrieve": "activities.view_activity",
        "create": "mail.send_email",
        "retry": "activities.edit_activity",
        "edit": "mail.edit_message",
    }

    def create(self, request: Request) -> Response:
        sent = self.valid(SendSerializer).save()
        rows = self.get_queryset().filter(pk__in=[message.pk for message in sent]).order_by("pk")
        return Response(self.get_serializer(rows, many=True).data, status=201)

    def check_object_permissions(self, request: Request, obj: Any) -> None:
        """Check the permissions of the message's activity."""
        super().check_object_permissions(request, obj.activity if isinstance(obj, EmailMessage) else obj)

    @extend_schema(request=RetrySerializer, responses={200: EmailSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Send a failed message again."""
        message = self.get_object()
        email_retry(message=message, **self.content(RetrySerializer))
        return self.answer(message)

    @extend_schema(request=EditSerializer, responses={200: EmailSerializer, 400: ErrorSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def edit(self, request: Request, pk: str | None = None) -> Response:
        """Edit a message that was certainly not sent, and send it."""
        message = self.get_object()
        self.valid(EditSerializer, message).save()
        return self.answer(message)


class EmailTemplateSerializer(VersionedSerializer):
    is_shared = serializers.BooleanField(required=False, help_text=_("Only for users who manage the shared templates."))
    is_retired = serializers.BooleanField(read_only=True)

    class Meta:
        model = EmailTemplate
        fields = (
            "id", "version", "name", "owner", "is_shared", "is_retired", "subject_fi", "body_fi", "subject_en",
            "body_en",
        )  # fmt: skip
        read_only_fields = ("owner",)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Validate with the page's form, which has the rules of the texts and of sharing."""
        user, template = self.context["request"].user, self.instance or EmailTemplate()
        shared = attrs.pop("is_shared", bool(template.pk) and template.is_shared)
        if shared and not allowed(user, "mail.manage_email_templates"):
            raise serializers.ValidationError({"is_shared": _("You do not have the right to manage shared templates.")})
        names = ("name", "subject_fi", "body_fi", "subject_en", "body_en")
        data = {name: attrs.get(name, getattr(template, name)) for name in names}
        formats = {f"{name}-format": "html" for name in ("body_fi", "body_en")}
        copy = EmailTemplate.objects.get(pk=template.pk) if template.pk else template
        form = EmailTemplateForm({**data, **formats, "is_shared": shared}, user=user, instance=copy)
        if not form.is_valid():
            raise serializers.ValidationError({name: list(map(str, texts)) for name, texts in form.errors.items()})
        content = {name: form.cleaned_data[name] for name in names}
        return {**content, "owner": form.instance.owner, "version": attrs.get("version")}

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        check_version(instance, validated_data.pop("version"))
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return versioned_save(instance)


class EmailTemplateViewSet(WriteViewSet):
    """The user's own templates and the shared ones. Templates are retired, not deleted."""

    queryset = EmailTemplate.objects.all()
    serializer_class = EmailTemplateSerializer
    table = EMAIL_TEMPLATE_TABLE
    rule_permissions: ClassVar[dict[str, str]] = {
        "list": "mail.send_email",
        "retrieve": "mail.send_email",
        "create": "mail.edit_email_template",
        "partial_update": "mail.edit_email_template",
        "retire": "mail.edit_email_template",
        "restore": "mail.edit_email_template",
    }

    @extend_schema(request=None, responses=EmailTemplateSerializer)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str | None = None) -> Response:
        """Retire the template: it is no longer offered for new messages."""
        return self._set_retired(retired=True)

    @extend_schema(request=None, responses=EmailTemplateSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Restore a retired template."""
        return self._set_retired(retired=False)

    def _set_retired(self, *, retired: bool) -> Response:
        return self.answer(template_set_retired(template=self.get_object(), retired=retired))
