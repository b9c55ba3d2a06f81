"""Forms of e-mail templates and of one's own e-mail settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from activities.mail import placeholders
from activities.mail.models import EmailTemplate, MailSettings
from core import richtext
from core.exceptions import BusinessRuleError
from core.forms import OnceFormMixin, RichTextField, VersionedFormMixin

TEXTS = ("subject_fi", "body_fi", "subject_en", "body_en")


class EmailTemplateForm(VersionedFormMixin):
    """A template in Finnish, English or both. Only those with the grant are asked whether it is shared."""

    body_fi = RichTextField(label=gettext_lazy("Text in Finnish"), max_length=10_000, required=False)
    body_en = RichTextField(label=gettext_lazy("Text in English"), max_length=10_000, required=False)
    is_shared = forms.BooleanField(
        label=gettext_lazy("Shared with everybody"), required=False, help_text=gettext_lazy("Otherwise it is your own.")
    )

    class Meta:
        model = EmailTemplate
        fields = ("name", *TEXTS)

    field_order = ("name", *TEXTS, "is_shared")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["is_shared"].initial = bool(self.instance.pk) and self.instance.owner_id is None
        if not user.has_perm("mail.manage_email_templates"):
            del self.fields["is_shared"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in TEXTS:
            self._check_fields(name, data.get(name) or "")
        if self.errors.keys().isdisjoint(TEXTS) and not any(_is_whole(data, code) for code in ("fi", "en")):
            self.add_error(None, _("Write the subject and the text in at least one language."))
        return data

    def _check_fields(self, name: str, text: str) -> None:
        try:
            placeholders.check(text, also=placeholders.elsewhere() if name.startswith("body") else ())
        except BusinessRuleError as error:
            self.add_error(name, forms.ValidationError(str(error), code=error.code))

    def _post_clean(self) -> None:
        """The owner is no field that a browser could send."""
        super()._post_clean()  # type: ignore[misc]
        if "is_shared" in self.fields:
            self.instance.owner = None if self.cleaned_data.get("is_shared") else self._kept_owner()
        elif not self.instance.pk:
            self.instance.owner = self.user

    def _kept_owner(self) -> User:
        return self.instance.owner or self.user


def _is_whole(data: dict[str, Any], code: str) -> bool:
    return bool(data.get(f"subject_{code}") and richtext.to_text(data.get(f"body_{code}") or ""))


class EmailTemplateAddForm(OnceFormMixin, EmailTemplateForm):
    pass


class SignatureForm(forms.ModelForm):
    signature = RichTextField(label=gettext_lazy("Signature"), max_length=2_000, required=False)

    class Meta:
        model = MailSettings
        fields = ("signature",)
