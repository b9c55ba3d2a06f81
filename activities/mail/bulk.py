"""Bulk operations: write an e-mail to the chosen customers or contacts; file and ignore messages of the inbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activities.mail.enums import MessageState
from activities.mail.models import EmailMessage
from activities.mail.querysets import UNFILED
from activities.mail.recipients import MAX_RECIPIENTS, too_many_text
from activities.mail.selectors import suggested_customers
from activities.mail.services.filing import MAX_AT_ONCE, message_file
from core.bulk.models import BulkRun
from core.bulk.operations import Applied, Finding, Operation
from core.exceptions import BusinessRuleError
from core.undo.parts import Undoing
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint, Customer


class EmailOperation(Operation):
    icon, order = "mail", 50
    label = _("E-mail")
    permission = "mail.send_email"
    max_rows = MAX_RECIPIENTS
    is_for_api = False
    parameter: str
    reasons = {"no_address": _("No e-mail address")}

    def too_many_text(self, count: int) -> str:
        return too_many_text(count)

    def next_url(self, run: BulkRun) -> str:
        ids = run.rows.waiting().order_by("label").values_list("target_id", flat=True)
        return f"{reverse('mail:compose')}?{urlencode([(self.parameter, pk) for pk in ids])}"


class EmailCustomers(EmailOperation):
    name, place, model = "mail.customers", "customers", Customer
    list_url_name, parameter = "customers:list", "customers"

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("no_address", rows.filter(email=""))


class EmailContacts(EmailOperation):
    name, place, model = "mail.contacts", "contacts", Contact
    list_url_name, parameter = "customers:contacts", "contact"

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        addresses = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact=OuterRef("pk"))
        yield Finding("no_address", rows.exclude(Exists(addresses)))


class InboxOperation(Operation):
    """On messages that wait in the inbox: those of the list, no filed ones."""

    place, model, list_url_name = "inbox", EmailMessage, "mail:inbox"
    permission = "mail.file_message"
    text = "subject"
    reasons: ClassVar[dict[str, Any]] = {
        "filed": _("Has been filed under a customer"),
        "ignored": _("Is ignored already"),
        "not_ignored": _("Is not ignored any more"),
        "nobody": _("No customer is suggested"),
        "several": _("Several customers are suggested: open the message and choose"),
        "not_possible": _("Could not be filed: open the message to see why"),
    }

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("filed", rows.exclude(state__in=UNFILED))


class FileMessages(InboxOperation):
    """Log each message under the one customer that is suggested for it."""

    name, icon, order = "mail.file", "check", 10
    label = _("File under the suggested customers")
    max_rows = MAX_AT_ONCE

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from super().findings(content, user, rows)
        counts = {pk: len(found) for pk, found in suggested_customers(list(rows.order_by("pk")), user).items()}
        yield Finding("nobody", rows.filter(pk__in=[pk for pk, count in counts.items() if not count]))
        yield Finding("several", rows.filter(pk__in=[pk for pk, count in counts.items() if count > 1]))

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        return [gettext("Each becomes a done activity of yours.")]

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        rows = list(EmailMessage.objects.filter(pk__in=ids).order_by("date", "pk"))
        guesses = suggested_customers(rows, run.user)
        filed = [row.pk for row in rows if self._file(row, guesses[row.pk], run.user)]
        return Applied(changed=filed, refused=dict.fromkeys(set(ids) - set(filed), "not_possible"))

    def _file(self, message: EmailMessage, customers: Sequence[Customer], user: Any) -> bool:
        try:
            with transaction.atomic():
                message_file(message=message, user=user, customer=customers[0])
        except BusinessRuleError:
            return False
        return True


class IgnoreMessages(InboxOperation):
    """Take messages out of the inbox; an undo brings those back that are still ignored."""

    name, icon, order = "mail.ignore", "eye-off", 20
    label = _("Ignore")
    undoing = Undoing(EmailMessage, by_column=True)
    has_history = False

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from super().findings(content, user, rows)
        yield Finding("ignored", rows.filter(state=MessageState.IGNORED), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        EmailMessage.objects.filter(pk__in=ids).update(state=MessageState.IGNORED, error="by_hand")
        return Applied(changed=ids, made={pk: pk for pk in ids})

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        yield Finding("filed", rows.exclude(state__in=UNFILED))
        yield Finding("not_ignored", rows.exclude(state=MessageState.IGNORED))

    def take_back_rows(self, run: BulkRun, made: Mapping[int, int]) -> None:
        EmailMessage.objects.filter(pk__in=made).update(state=MessageState.INBOX, error="")
