"""The form of the message that brings contacts their link to the customer's edition of the plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from activities.mail import recipients
from activities.mail.enums import RecipientKind
from activities.mail.forms.messages import BODY_LENGTH
from activities.mail.models import EmailTemplate, MailSettings
from activities.mail.placeholders import written
from activities.mail.recipients import Option, Recipient
from careplans.content.edition import our_name
from careplans.content.services.mailing import LINK
from core import richtext
from core.forms import IntegerField, OnceFormMixin, RichTextField
from customers.models import Customer


def addresses_of(customer: Customer, user: User) -> list[Option]:
    """Return the addresses of the customer's present contacts: the link is personal."""
    return [one for one in recipients.offered([customer], user) if one.value.startswith("point:")]


class LinkMailForm(OnceFormMixin, forms.Form):
    to = forms.MultipleChoiceField(
        label=gettext_lazy("Contacts"), widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each gets a separate message with a personal link."),
    )  # fmt: skip
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    days = IntegerField(label=gettext_lazy("Days until it expires"), min_value=1, max_value=180, initial=60)
    template = forms.ModelChoiceField(
        EmailTemplate.objects.none(), required=False, label=gettext_lazy("Start from a template"),
        empty_label=gettext_lazy("The program's own text"),
    )  # fmt: skip
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = RichTextField(label=gettext_lazy("Message"), max_length=BODY_LENGTH)
    signed = forms.BooleanField(label=gettext_lazy("Add my signature"), required=False, initial=True)

    def __init__(self, *args: Any, customer: Customer, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.addresses = addresses_of(customer, user)
        people: Any = self.fields["to"]
        people.choices = [(one.value, one.text) for one in self.addresses]
        templates: Any = self.fields["template"]
        templates.queryset = EmailTemplate.objects.visible_to(user).in_use()
        self.fields["body"].widget.attrs["rows"] = 12
        self.fields["body"].help_text = _("%(field)s is replaced with the contact's personal link to the plan.") % {
            "field": written(LINK)
        }
        if not MailSettings.objects.filter(user=user).exclude(signature="").exists():
            del self.fields["signed"]

    def clean_to(self) -> list[Recipient]:
        return recipients.resolve(self.cleaned_data["to"], RecipientKind.TO, self.user)

    def content(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        data = self.cleaned_data
        about = {name: data[name] for name in ("language", "days", "subject", "body")}
        return {**about, "recipients": data["to"], "signed": data.get("signed", False)}


def letter_texts(customer: Customer, user: User, language: str, template: EmailTemplate | None) -> dict[str, Any]:
    """Return the subject and the text that a message begins with, in a language."""
    if template is not None:
        return template.texts_in(language)
    with translation.override(language):
        context = {"user": user, "organisation": our_name(), "link": written(LINK)}
        text = render_to_string("carecontent/letter.txt", context)
        subject = _("Our plan with you: %(customer)s") % {"customer": customer.name}
    return {"subject": subject[:200], "body": richtext.from_text(text)}
