"""Forms of e-mail templates and of the user's own signature."""

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
    """A template in Finnish, English or both. Only users with the right can share it."""

    body_fi = RichTextField(label=gettext_lazy("Text in Finnish"), max_length=10_000, required=False)
    body_en = RichTextField(label=gettext_lazy("Text in English"), max_length=10_000, required=False)
    is_shared = forms.BooleanField(
        label=gettext_lazy("Shared with everyone"),
        required=False,
        help_text=gettext_lazy("Otherwise only you can use it."),
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
        if self.errors.keys().isdisjoint(TEXTS) and not any(_is_complete(data, code) for code in ("fi", "en")):
            self.add_error(None, _("Write the subject and the text in at least one language."))
        return data

    def _check_fields(self, name: str, text: str) -> None:
        try:
            placeholders.check(text, also=placeholders.fields_of_apps() if name.startswith("body") else ())
        except BusinessRuleError as error:
            self.add_error(name, forms.ValidationError(str(error), code=error.code))

    def _post_clean(self) -> None:
        """Set the owner, which is not a field of the form."""
        super()._post_clean()  # type: ignore[misc]
        if "is_shared" in self.fields:
            self.instance.owner = None if self.cleaned_data.get("is_shared") else self.instance.owner or self.user
        elif not self.instance.pk:
            self.instance.owner = self.user


def _is_complete(data: dict[str, Any], code: str) -> bool:
    return bool(data.get(f"subject_{code}") and richtext.to_text(data.get(f"body_{code}") or ""))


class EmailTemplateAddForm(OnceFormMixin, EmailTemplateForm):
    pass


class SignatureForm(forms.ModelForm):
    signature = RichTextField(label=gettext_lazy("Signature"), max_length=2_000, required=False)

    class Meta:
        model = MailSettings
        fields = ("signature",)
