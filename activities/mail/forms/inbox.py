"""Forms of received mail: filing, ignoring and uploading messages, mailboxes and ignore rules."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from activities.mail.enums import Direction, IgnoreKind
from activities.mail.models import EmailMessage, Mailbox
from core.forms import DrawnSelect, IntegerField, OnceFormMixin, VersionedFormMixin
from customers.forms.fields import CustomerPickField
from customers.models import Contact, Customer

MAX_FILES = 20
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?|[0-9a-fA-F:]{2,45}")


def guessed_name(message: EmailMessage) -> tuple[str, str]:
    """Return a first and last name from the sender's name, or from an address such as anna.virtanen@…"""
    text = message.sender_name or message.sender.partition("@")[0].replace(".", " ").replace("_", " ").title()
    text = re.sub(r"[(\[|/].*", "", text).strip()
    if "," in text:
        last, _comma, first = text.partition(",")
        return first.strip()[:80], last.strip()[:80]
    first, _space, last = text.rpartition(" ")
    return first[:80], last[:80]


class FileForm(OnceFormMixin):
    """The customer to file a message under, and an existing or new contact."""

    customer = CustomerPickField()
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        label=_("Contact"),
        required=False,
        widget=DrawnSelect({"data-search-url": reverse_lazy("customers:contact_options")}),
        help_text=_("An existing contact."),
    )
    first_name = forms.CharField(label=_("First name"), max_length=80, required=False)
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, required=False, help_text=_("Leave empty to add no contact.")
    )
    learn = forms.BooleanField(label=_("Add the address to the contact"), required=False, initial=True)
    others = forms.BooleanField(required=False, initial=True)

    fieldsets = (
        ("", ("customer", "contact")),
        (_("Or a new contact"), ("first_name", "last_name")),
        ("", ("learn", "others")),
    )

    def __init__(self, *args: Any, user: Any, message: EmailMessage, others: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer: Any = self.fields["customer"]
        customer.offer(Customer.objects.visible_to(user))
        contact: Any = self.fields["contact"]
        contact.queryset = Contact.objects.visible_to(user)
        if not others:
            del self.fields["others"]
        else:
            self.fields["others"].label = _("Also file the sender's other waiting messages (%d)") % others
        if message.direction == Direction.OUT or not message.sender:
            for name in ("learn", "first_name", "last_name"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("contact") and data.get("last_name"):
            self.add_error("last_name", _("Choose a contact or add a new one, not both."))
        return data


class IgnoreForm(forms.Form):
    """A choice: ignore this message, or its sender from now on."""

    kind = forms.ChoiceField(label=_("What to ignore"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, message: EmailMessage, may_rule: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("", _("Only this message"))]
        if may_rule and message.sender:
            domain = message.sender.rpartition("@")[2]
            choices.append((IgnoreKind.ADDRESS, _("Everything from %s") % message.sender))
            choices.append((IgnoreKind.DOMAIN, _("Everything from addresses at %s") % domain))
        field: Any = self.fields["kind"]
        field.choices = choices


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class EmlField(forms.FileField):
    """One or more files, each within the size limit."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = (data or [None]) if isinstance(data, list | tuple) else [data]
        cleaned = [super(EmlField, self).clean(file, initial) for file in files]
        if len(cleaned) > MAX_FILES:
            raise ValidationError(_("At most %d files at a time.") % MAX_FILES, code="too_many")
        if any(file.size > settings.EMAIL_MAX_BYTES for file in cleaned):
            limit = settings.EMAIL_MAX_BYTES // 1024 // 1024
            raise ValidationError(_("The file is larger than %d MB.") % limit, code="too_large")
        return cleaned


class CaptureForm(OnceFormMixin):
    """Message files (.eml) and the customer to file them under."""

    file = EmlField(
        label=_("Messages (.eml)"),
        max_length=255,
        allow_empty_file=True,
        widget=ManyFiles({"accept": ".eml,message/rfc822"}),
    )
    customer = CustomerPickField(
        required=False, help_text=_("Leave empty to find the customer by the contact's address.")
    )

    fieldsets = (("", ("file", "customer")),)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        customer: Any = self.fields["customer"]
        customer.offer(Customer.objects.visible_to(user))


class RuleForm(OnceFormMixin):
    kind = forms.ChoiceField(label=_("What to ignore"), choices=IgnoreKind.choices)
    pattern = forms.CharField(
        label=_("Address or domain"),
        max_length=254,
        required=False,
        help_text=_("Such as news@example.fi or example.fi. Newsletters need neither."),
    )

    fieldsets = (("", ("kind", "pattern")),)


class MailboxForm(OnceFormMixin, VersionedFormMixin):
    """A mailbox. Its password is never shown; an empty field keeps the present one."""

    port = IntegerField(label=_("Port"), min_value=1, max_value=65_535, initial=993)
    first_days = IntegerField(
        label=_("Days to read the first time"), min_value=1, max_value=3_650, initial=30,
        help_text=_("How many days back messages are read when the mailbox is read for the first time."),
    )  # fmt: skip
    password = forms.CharField(
        label=_("Password"),
        max_length=500,
        strip=False,
        required=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    shared = forms.BooleanField(
        label=_("Shared"),
        required=False,
        help_text=_("Everyone who files messages sees the received messages. Otherwise only you see them."),
    )

    fieldsets = (
        ("", ("name", "address", "shared")),
        (_("Server"), ("host", "port", "use_tls", "username", "password", "folder", "first_days")),
    )

    class Meta:
        model = Mailbox
        fields = ("name", "address", "host", "port", "use_tls", "username", "folder", "first_days")

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["password"].help_text = _("Leave empty to keep the present password.")
        else:
            self.fields["password"].required = True
        if not may_share or self.instance.pk:
            del self.fields["shared"]

    def clean_host(self) -> str:
        host: str = self.cleaned_data["host"].strip().lower()
        if not _HOST.fullmatch(host):
            raise ValidationError(_("Enter the name of a server, such as imap.example.fi."), code="host")
        return host

    def clean(self) -> dict[str, Any]:
        """Require the password again if the server or user name changes, so that another server does not get it."""
        data: dict[str, Any] = super().clean() or {}
        if self.instance.pk and not data.get("password") and {"host", "port", "username"} & set(self.changed_data):
            self.add_error("password", _("The server or the user name has changed: enter the password again."))
        return data
