"""Pages of e-mail settings and e-mail templates."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.mail import placeholders
from activities.mail.forms.messages import EmailTemplateAddForm, EmailTemplateForm, SignatureForm
from activities.mail.models import EmailTemplate, MailSettings
from activities.mail.services.messages import template_set_retired
from core.permissions import PermissionMixin, allowed
from core.services import versioned_save
from core.views import ObjectFormView, RetireRowView, ServiceFormView, VisibleObjectMixin

EDIT = "mail.edit_email_template"
SAMPLE = {
    "first_name": "Maija",
    "last_name": "Meikäläinen",
    "customer": "Esimerkki Oy",
    "owner": "Olli Omistaja",
    "owner_phone": "040 123 4567",
}


class MailSettingsView(ServiceFormView):
    form_class = SignatureForm
    permission_required = "mail.send_email"
    template_name = "mail/settings.html"
    title = gettext_lazy("E-mail settings")
    success_message = gettext_lazy("The signature was saved.")
    undoable = True

    def get_form_kwargs(self) -> dict[str, Any]:
        row = MailSettings.objects.filter(user=self.user).first()
        return {**super().get_form_kwargs(), "instance": row or MailSettings(user=self.user)}

    def perform(self, form: SignatureForm) -> MailSettings:
        """Save only the signature, so that a concurrent change of the drop address is kept."""
        row, _is_new = MailSettings.objects.update_or_create(
            user=self.user, defaults={"signature": form.cleaned_data["signature"]}
        )
        return row

    def get_success_url(self) -> str:
        return reverse("mail:settings")

    def get_cancel_url(self) -> str:
        return reverse("accounts:profile")


class TemplatesView(PermissionMixin, TemplateView):
    template_name = "mail/templates.html"
    permission_required = "mail.send_email"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.user
        rows = list(EmailTemplate.objects.visible_to(user).select_related("owner").order_by("retired_at", "name", "pk"))
        may_share = user.has_perm("mail.manage_email_templates")
        groups = (
            (_("My own"), [row for row in rows if row.owner_id], True),
            (_("Shared with everyone"), [row for row in rows if not row.owner_id], may_share),
        )
        return super().get_context_data(title=_("E-mail templates"), groups=groups, **kwargs)


class TemplateFormMixin(ServiceFormView):
    """The form of a template, which is saved with its next version."""

    template_name = "mail/templates_form.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(field_names=placeholders.template_fields(), **kwargs)

    def perform(self, form: Any) -> EmailTemplate:
        return versioned_save(form.instance)

    def get_cancel_url(self) -> str:
        return reverse("mail:templates")


class TemplateAddView(TemplateFormMixin):
    opposite = "mail:template_retire"
    permission_required = EDIT
    form_class = EmailTemplateAddForm
    title = gettext_lazy("Add e-mail template")


class TemplateMixin(VisibleObjectMixin):
    model = EmailTemplate
    permission_required = EDIT


class TemplateChangeView(TemplateMixin, TemplateFormMixin, ObjectFormView):
    undoable = True
    form_class = EmailTemplateForm
    title = gettext_lazy("Change e-mail template")


class TemplatePreviewView(VisibleObjectMixin, TemplateView):
    """Preview of both languages with a sample recipient."""

    model = EmailTemplate
    permission_required = "mail.send_email"
    template_name = "mail/templates_preview.html"

    def get_queryset(self) -> QuerySet[Any]:
        return EmailTemplate.objects.visible_to(self.user)

    def get_template_names(self) -> list[str]:
        in_dialog = self.htmx.target == "dialog"
        return [f"{self.template_name}#form" if in_dialog else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        texts = [self._sample_text(code, label) for code, label in (("fi", _("Finnish")), ("en", _("English")))]
        return super().get_context_data(
            title=str(self.object),
            template=self.object,
            texts=[text for text in texts if text["body"]],
            may_edit=allowed(self.user, EDIT, self.object),
            in_dialog=self.htmx.target == "dialog",
            **kwargs,
        )

    def _sample_text(self, code: str, label: str) -> dict[str, str]:
        own = placeholders.values(contact=None, customer=None, user=self.user, language=code)
        known = {**own, **SAMPLE, **{name: f"[{what}]" for name, what in placeholders.fields_of_apps().items()}}
        subject, body = (getattr(self.object, f"{name}_{code}") for name in ("subject", "body"))
        return {
            "label": label,
            "code": code,
            "subject": placeholders.fill(subject, known, recipient=SAMPLE["first_name"]),
            "body": placeholders.fill(body, known, recipient=SAMPLE["first_name"], is_html=True),
        }


class TemplateRetireView(TemplateMixin, RetireRowView):
    """Retire a template, or restore a retired one."""

    def get_effects(self) -> list[Any]:
        return [] if self.object.is_retired else [_("It is no longer offered for new messages.")]

    def perform(self) -> None:
        template_set_retired(template=self.object, retired=not self.object.is_retired)
