"""Endpoints of e-mail templates."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.mail.forms.templates import EmailTemplateForm
from activities.mail.models import EmailTemplate
from activities.mail.services.messages import template_set_retired
from activities.mail.tables import EMAIL_TEMPLATE_TABLE
from core.api.views import VersionedSerializer, WriteViewSet
from core.permissions import allowed
from core.services import check_version, versioned_save


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
            errors: Any = {name: list(texts) for name, texts in form.errors.items()}
            if NON_FIELD_ERRORS in errors:
                errors["non_field_errors"] = errors.pop(NON_FIELD_ERRORS)
            raise serializers.ValidationError(errors)
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
