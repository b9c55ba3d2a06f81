"""Forms for writing and editing messages, of e-mail templates and of the user's own signature."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from activities.log.models import Activity
from activities.mail import placeholders, recipients
from activities.mail.enums import RecipientKind
from activities.mail.mime.body import MAX_CHARACTERS
from activities.mail.mime.compose import Written
from activities.mail.models import EmailMessage, EmailTemplate, MailSettings
from activities.mail.recipients import Letter, Recipient, employers_of, refused_by
from activities.mail.services.messages import documents_offered
from core import richtext
from core.documents import ACCEPTED
from core.exceptions import BusinessRuleError
from core.forms import OnceFormMixin, RichTextField, VersionedFormMixin
from core.models import Document
from core.numbers import parse_id
from customers.forms.fields import CustomerPickField
from customers.models import Contact, Customer

LANGUAGES = (("fi", _("Finnish")), ("en", _("English")))
BODY_LENGTH = 20_000
#: As soon as somebody is chosen who has refused marketing, the form says so and sends by a button that names it.
ASK_CONSENT = {
    "hx-post": "",
    "hx-vals": '{"consent": "1"}',
    "hx-target": "#consent",
    "hx-swap": "outerHTML",
    "hx-params": "not uploads",
    "hx-push-url": "false",
    "hx-trigger": "change",
}
TEXTS = ("subject_fi", "body_fi", "subject_en", "body_en")


class RecipientsInput(forms.SelectMultiple):
    """Recipients as chips: contacts are found by typing, and any address can be typed.

    Without JavaScript the customer's contacts are a list and other addresses have a separate field.
    """

    template_name = "forms/recipients.html"
    user: Any = None
    offered: list[recipients.Option] = []

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        typed = data.get(f"{name}-typed", "")
        chosen = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [*chosen, typed] if typed.strip() else list(chosen)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        chosen = list(dict.fromkeys(filter(None, value)))
        drawn = recipients.labels(chosen, self.user)
        self.choices = list(({option.value: option.text for option in self.offered} | drawn).items())
        return super().optgroups(name, chosen, attrs)


class RecipientsField(forms.Field):
    widget = RecipientsInput
    kind = RecipientKind.TO
    user: Any = None

    def __init__(self, *, kind: RecipientKind, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.kind = kind

    def attach(self, user: Any, offered: list[recipients.Option]) -> None:
        widget: Any = self.widget
        self.user = widget.user = user
        widget.offered = offered
        widget.attrs |= {"data-search-url": reverse("mail:recipients"), "data-create": ""}

    def clean(self, value: list[str]) -> list[Recipient]:
        return recipients.resolve(value, self.kind, self.user)


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class FilesField(forms.FileField):
    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(file, initial) for file in files]


class ComposeForm(OnceFormMixin):
    to = RecipientsField(kind=RecipientKind.TO, label=_("Recipients"))
    cc = RecipientsField(kind=RecipientKind.CC, label=pgettext_lazy("e-mail", "Copy"))
    bcc = RecipientsField(kind=RecipientKind.BCC, label=pgettext_lazy("e-mail", "Blind copy"))
    customer = CustomerPickField(
        required=False,
        help_text=_(
            "The customer that the message is logged under. "
            "Leave empty to log it under each recipient's own customer, as separate messages."
        ),
    )
    template = forms.ModelChoiceField(EmailTemplate.objects.none(), required=False, label=_("Start from a template"))
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    subject = forms.CharField(label=_("Subject"), max_length=200, required=False)
    body = RichTextField(label=_("Message"), max_length=BODY_LENGTH, required=False)
    signed = forms.BooleanField(label=_("Add my signature"), required=False, initial=True)
    quoted = forms.BooleanField(label=_("Quote the original message"), required=False, initial=True)
    documents = forms.ModelMultipleChoiceField(
        Document.objects.none(), required=False, label=_("Documents"), widget=forms.CheckboxSelectMultiple
    )
    uploads = FilesField(label=_("Files"), required=False, max_length=255, allow_empty_file=True)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)  # said by the button that sends

    edits: EmailMessage | None = None
    refused: list[Contact]  # the recipients who have refused marketing by e-mail

    def __init__(
        self,
        *args: Any,
        user: User,
        answers: EmailMessage | None = None,
        is_forward: bool = False,
        answered_activity: Activity | None = None,
        **kwargs: Any,
    ) -> None:
        self.user, self.answers, self.is_forward = user, answers, is_forward
        self.answered_activity = answered_activity
        super().__init__(*args, **kwargs)
        customer: Any = self.fields["customer"]
        customer.offer(Customer.objects.visible_to(user).select_related("summary__owner"))
        people = recipients.resolve_known(self["to"].value() or [], user)
        customers = self._customers(people)
        menu = recipients.offered(customers, user)
        for name in ("to", "cc", "bcc"):
            self.fields[name].attach(user, menu)  # type: ignore[attr-defined]
            self.fields[name].widget.attrs |= ASK_CONSENT
        templates: Any = self.fields["template"]
        templates.queryset = EmailTemplate.objects.visible_to(user).in_use()
        self.fields["body"].widget.attrs["rows"] = 12
        if people:
            self.fields["subject"].widget.attrs["autofocus"] = True
        self.fields["uploads"].widget.attrs["accept"] = ",".join(f".{extension}" for extension in ACCEPTED)
        self._offer_documents(people, customers)
        self._remove_unneeded_fields(people)

    def letter(self) -> Letter:
        """Return the written message."""
        data = self.cleaned_data
        return Letter(
            user=self.user,
            recipients=[*data["to"], *data["cc"], *data["bcc"]],
            subject=data["subject"],
            body=data["body"],
            language=data["language"],
            customer=data["customer"],
            signed=data.get("signed", False),
            answers=self.answers,
            is_forward=self.is_forward,
            quoted=data.get("quoted", False),
            answered_activity=self.answered_activity,
        )

    def files_sent(self) -> dict[str, Any]:
        return {"documents": self.cleaned_data.get("documents", ()), "uploads": self.cleaned_data["uploads"]}

    def copies_are_open(self) -> bool:
        return any(self[name].value() or self[name].errors for name in ("cc", "bcc"))

    def _customers(self, people: list[Recipient]) -> list[Customer]:
        """Return the chosen customer, or else the customers of the recipients."""
        if chosen := parse_id(self["customer"].value()):
            return list(Customer.objects.visible_to(self.user).filter(pk=chosen))
        employers = employers_of([recipient.contact for recipient in people if recipient.contact], self.user)
        customers = [*(recipient.customer for recipient in people if recipient.customer), *employers.values()]
        return list({customer.pk: customer for customer in customers}.values())

    def _offer_documents(self, people: list[Recipient], customers: list[Customer]) -> None:
        field: Any = self.fields["documents"]
        contacts = [row.contact for row in people if row.contact]
        messages = {"answers": self.answers, "edits": self.edits}
        field.queryset = documents_offered(customers=customers, contacts=contacts, **messages)
        if not field.queryset:
            del self.fields["documents"]

    def _remove_unneeded_fields(self, people: list[Recipient]) -> None:
        if not MailSettings.objects.filter(user=self.user).exclude(signature="").exists():
            del self.fields["signed"]
        if self.answers is None or self.is_forward:
            del self.fields["quoted"]
        everyone = [*people, *recipients.resolve_known(self["cc"].value() or [], self.user)]
        everyone += recipients.resolve_known(self["bcc"].value() or [], self.user)
        self.refused = refused_by(everyone)


class EditForm(ComposeForm):
    """The form of an unsent message: its customer cannot be changed, and its text contains the signature."""

    body = RichTextField(label=_("Message"), max_length=MAX_CHARACTERS, required=False)  # may end in a quotation
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, edits: EmailMessage, written: Written, **kwargs: Any) -> None:
        self.edits, self.written = edits, written
        kwargs |= {"answers": written.answers, "is_forward": written.is_forward}
        super().__init__(*args, **kwargs)

    def letter(self) -> Letter:
        self.cleaned_data |= {"language": self.written.language, "customer": self._customer()}
        return replace(super().letter(), edits=self.edits)

    def _customer(self) -> Customer | None:
        return self.edits.activity.customer if self.edits and self.edits.activity else None

    def _customers(self, people: list[Recipient]) -> list[Customer]:
        customer = self._customer()
        return [customer] if customer else []

    def _remove_unneeded_fields(self, people: list[Recipient]) -> None:
        super()._remove_unneeded_fields(people)
        for name in ("customer", "template", "language", "signed"):
            self.fields.pop(name, None)


class EmailTemplateForm(VersionedFormMixin):
    """A template in Finnish, English or both. Only users with the right can share it."""

    body_fi = RichTextField(label=_("Text in Finnish"), max_length=10_000, required=False)
    body_en = RichTextField(label=_("Text in English"), max_length=10_000, required=False)
    is_shared = forms.BooleanField(
        label=_("Shared with everyone"),
        required=False,
        help_text=_("Otherwise only you can use it."),
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
            also = placeholders.fields_of_apps() if name.startswith("body") else ()
            try:
                placeholders.check(data.get(name) or "", also=also)
            except BusinessRuleError as error:
                self.add_error(name, forms.ValidationError(str(error), code=error.code))
        if self.errors.keys().isdisjoint(TEXTS) and not any(
            data.get(f"subject_{code}") and richtext.to_text(data.get(f"body_{code}") or "") for code in ("fi", "en")
        ):
            self.add_error(None, _("Write the subject and the text in at least one language."))
        return data

    def _post_clean(self) -> None:
        """Set the owner, which is not a field of the form."""
        super()._post_clean()  # type: ignore[misc]
        if "is_shared" in self.fields:
            self.instance.owner = None if self.cleaned_data.get("is_shared") else self.instance.owner or self.user
        elif not self.instance.pk:
            self.instance.owner = self.user


class EmailTemplateAddForm(OnceFormMixin, EmailTemplateForm):
    pass


class SignatureForm(forms.ModelForm):
    signature = RichTextField(label=_("Signature"), max_length=2_000, required=False)

    class Meta:
        model = MailSettings
        fields = ("signature",)
