"""One's own e-mail settings: the signature, and the ways by which messages come in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from activities.forms.templates_mail import SignatureForm
from activities.models import MailSettings
from crm.views import ServiceFormView


class MailSettingsView(ServiceFormView):
    form_class = SignatureForm
    permission_required = "activities.send_email"
    template_name = "activities/mail/settings.html"
    title = gettext_lazy("E-mail settings")
    success_message = gettext_lazy("Saved.")

    def get_form_kwargs(self) -> dict[str, Any]:
        row = MailSettings.objects.filter(user=self.user).first()
        return {**super().get_form_kwargs(), "instance": row or MailSettings(user=self.user)}

    def perform(self, form: SignatureForm) -> MailSettings:
        """Write the signature only: the secret of the drop address may change meanwhile."""
        row, _is_new = MailSettings.objects.update_or_create(
            user=self.user, defaults={"signature": form.cleaned_data["signature"]}
        )
        return row

    def get_success_url(self) -> str:
        return reverse("activities:mail_settings")

    def get_cancel_url(self) -> str:
        return reverse("accounts:profile")
