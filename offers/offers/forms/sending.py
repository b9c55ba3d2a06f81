"""Forms for sending an offer, and for the contact's answer."""

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
from activities.mail.recipients import Recipient
from core import richtext
from core.documents import documents_of
from core.forms import OnceFormMixin, RichTextField
from core.models import Document
from offers.offers.content import language_of
from offers.offers.enums import LinkAnswer
from offers.offers.models import Offer
from offers.offers.selectors import addresses_for
from offers.offers.services.links import COMMENT_LENGTH, NAME_LENGTH
from offers.offers.services.sending import LINK_FIELD


class OfferVersionForm(OnceFormMixin):
    """A form about one offer that keeps the row version the user saw; the service refuses an older one."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = offer.version


class SendForm(OfferVersionForm):
    to = forms.ChoiceField(
        label=gettext_lazy("Recipient"),
        error_messages={"invalid_choice": gettext_lazy("Choose the recipient from the list.")},
    )
    template = forms.ModelChoiceField(
        EmailTemplate.objects.none(), required=False, label=gettext_lazy("Start from a template")
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200)
    body = RichTextField(label=gettext_lazy("Message"), max_length=BODY_LENGTH)
    signed = forms.BooleanField(label=gettext_lazy("Add my signature"), required=False, initial=True)
    documents = forms.ModelMultipleChoiceField(
        Document.objects.none(),
        required=False,
        label=gettext_lazy("Documents of the offer to attach"),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, offer: Offer, user: User, **kwargs: Any) -> None:
        super().__init__(*args, offer=offer, **kwargs)
        self.user = user
        self.addresses = addresses_for(offer, user)
        people: Any = self.fields["to"]
        people.choices = [(option.value, option.text) for option in self.addresses]
        templates: Any = self.fields["template"]
        templates.queryset = EmailTemplate.objects.visible_to(user).in_use()
        self.fields["body"].widget.attrs["rows"] = 12
        self.fields["body"].help_text = _("%(field)s is replaced with the recipient's personal link to the offer.") % {
            "field": LINK_FIELD
        }
        if not MailSettings.objects.filter(user=user).exclude(signature="").exists():
            del self.fields["signed"]
        attached: Any = self.fields["documents"]
        attached.queryset = documents_of(offer)  # none is selected, so that internal ones are never sent by accident
        if not attached.queryset:
            del self.fields["documents"]

    def clean_to(self) -> Recipient:
        [recipient] = recipients.resolve([self.cleaned_data["to"]], RecipientKind.TO, self.user)
        return recipient

    def content(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        data = self.cleaned_data
        return {
            "recipient": data["to"],
            "subject": data["subject"],
            "body": data["body"],
            "signed": data.get("signed", False),
            "documents": data.get("documents", ()),
            "version": data["version"],
        }


def cover_initial(offer: Offer, addresses: list[recipients.Option], user: User) -> dict[str, Any]:
    """Return the initial cover letter in the offer's language."""
    contact = offer.contact if addresses and addresses[0].value.startswith("point:") else None
    with translation.override(language_of(offer)):
        context = {"offer": offer, "contact": contact, "user": user, "organisation": settings.ORGANISATION}
        subject = _("Offer %(number)s: %(title)s") % {"number": offer.number, "title": offer.title}
        text = render_to_string("offers/sending/cover.txt", context | {"link": LINK_FIELD})
    return {"to": addresses[0].value if addresses else "", "subject": subject[:200], "body": richtext.from_text(text)}


class MarkSentForm(OfferVersionForm):
    note = forms.CharField(
        label=gettext_lazy("How it was delivered"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("E.g. on paper or in the funder's service."),
    )


class AnswerForm(forms.Form):
    """The form of the public page: accept or decline, with name and comment."""

    answer = forms.ChoiceField(choices=LinkAnswer.choices)
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=NAME_LENGTH)
    comment = forms.CharField(
        label=gettext_lazy("Comment (optional)"),
        max_length=COMMENT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": COMMENT_LENGTH}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].error_messages = dict.fromkeys(
            ("required", "invalid_choice"), _("Choose whether you accept or decline.")
        )
        self.fields["name"].error_messages["required"] = _("Enter your name.")
        self.fields["name"].widget.attrs["autocomplete"] = "name"

    def clean_answer(self) -> LinkAnswer:
        return LinkAnswer(self.cleaned_data["answer"])
