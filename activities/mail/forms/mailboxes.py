"""Forms of mailboxes and ignore rules."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from activities.mail.enums import IgnoreKind
from activities.mail.models import Mailbox
from core.forms import IntegerField, OnceFormMixin, VersionedFormMixin

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-]{0,251}[A-Za-z0-9])?|[0-9a-fA-F:]{2,45}")


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
        label=_("Days to read at first"), min_value=1, max_value=3_650, initial=30,
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
