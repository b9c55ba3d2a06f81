"""Bulk operation: write an e-mail to the chosen customers or contacts. The form of the message comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from activities.mail.recipients import MAX_RECIPIENTS, too_many_text
from core.bulk.models import BulkRun
from core.bulk.operations import Finding, Operation
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
