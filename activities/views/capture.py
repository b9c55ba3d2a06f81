"""Messages that were saved as files: uploaded, or dropped onto a customer's page."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.forms.mail_in import CaptureForm
from activities.services.mail_in import CAPTURED, INBOX, KNOWN, REFUSED, Origin, Outcome, message_receive
from crm.numbers import parse_id
from crm.views import ServiceFormView
from customers.models import Customer


class CaptureView(ServiceFormView):
    """Take in files; with ``?customer=`` they are filed under that customer, whoever wrote them."""

    form_class = CaptureForm
    template_name = "activities/mail/capture.html"
    permission_required = "activities.log_activity"
    title = gettext_lazy("Add e-mail messages")
    submit_label = gettext_lazy("Add")

    @property
    def customers(self) -> QuerySet[Customer]:
        return Customer.objects.visible_to(self.user).active()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"customers": self.customers}

    def get_initial(self) -> dict[str, Any]:
        return {"customer": parse_id(self.request.GET.get("customer"))}

    def perform(self, form: Any) -> Any:
        customer = form.cleaned_data["customer"]
        origin = Origin(user=self.user, customer=customer)
        outcomes = [message_receive(file.read(), origin) for file in form.cleaned_data["file"]]
        self.success_message = told(outcomes)
        self.only = outcomes[0] if len(outcomes) == 1 else None
        return customer

    def get_success_url(self) -> str:
        if self.done:
            return reverse("activities:customer_tab", args=[self.done.pk])
        if self.only and self.only.message.activity_id:
            return str(self.only.message.get_absolute_url())
        return reverse("activities:inbox")

    def get_cancel_url(self) -> str:
        return reverse("activities:list")


def told(outcomes: list[Outcome]) -> str:
    """Say what became of files: how many of each, and the reason of the first that was not taken."""
    words = {
        CAPTURED: _("added: %d"),
        KNOWN: _("here already: %d"),
        INBOX: _("waiting in the inbox: %d"),
        REFUSED: _("kept as a file: %d"),
    }
    counts = {kind: sum(one.kind == kind for one in outcomes) for kind in words}
    text = ", ".join(label % counts[kind] for kind, label in words.items() if counts[kind])
    reason = next((" ".join(one.reasons) for one in outcomes if one.kind in (INBOX, REFUSED) and one.reasons), "")
    return f"{text[:1].upper()}{text[1:]}. {reason}".strip()
