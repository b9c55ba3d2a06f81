"""Pages of received mail: the inbox and its messages, filing, ignoring and restoring them, and uploaded files."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.generic import TemplateView, View

from activities.mail import senders
from activities.mail.enums import Direction, MessageState
from activities.mail.filters import InboxFilter
from activities.mail.forms.inbox import CaptureForm, FileForm, IgnoreForm, guessed_name
from activities.mail.mime import body
from activities.mail.mime.parse import parse
from activities.mail.models import EmailMessage
from activities.mail.selectors import suggested_customers
from activities.mail.services import filing as services
from activities.mail.services.receiving import CAPTURED, INBOX, KNOWN, REFUSED, Origin, Outcome, message_receive
from activities.mail.tables import INBOX_TABLE
from core.actions import Action
from core.list_views import FilteredListView
from core.numbers import parse_id
from core.parameters import visible
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin
from customers.models import Contact, Customer

FILE = "mail.file_message"
RULE = "mail.edit_ignore_rule"


class CaptureView(ServiceFormView):
    """Upload message files; with ``?customer=`` they are filed under that customer."""

    max_body_bytes = 4 * settings.EMAIL_MAX_BYTES
    form_class = CaptureForm
    template_name = "mail/upload.html"
    permission_required = "activities.log_activity"
    parameters = {"customer": visible(Customer)}
    title = gettext_lazy("Add e-mail messages")
    submit_label = gettext_lazy("Add")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def get_initial(self) -> dict[str, Any]:
        return {"customer": parse_id(self.request.GET.get("customer"))}

    def perform(self, form: Any) -> Any:
        customer = form.cleaned_data["customer"]
        origin = Origin(user=self.user, customer=customer)
        outcomes = [message_receive(file.read(), origin) for file in form.cleaned_data["file"]]
        self.success_message = outcomes_text(outcomes)
        self.only = outcomes[0] if len(outcomes) == 1 else None
        return customer

    def get_success_url(self) -> str:
        if self.done:
            return reverse("activities:customer_tab", args=[self.done.pk])
        if self.only and self.only.message.activity_id:
            return str(self.only.message.get_absolute_url())
        return reverse("mail:inbox")

    def get_cancel_url(self) -> str:
        return reverse("activities:list")


def outcomes_text(outcomes: list[Outcome]) -> str:
    """Return the number of files by outcome, and the reason of the first one that was not filed."""
    labels = {
        CAPTURED: _("added: %d"),
        KNOWN: _("already imported: %d"),
        INBOX: _("waiting in the inbox: %d"),
        REFUSED: _("kept as a file: %d"),
    }
    counts = Counter(outcome.kind for outcome in outcomes)
    text = ", ".join(label % counts[kind] for kind, label in labels.items() if counts[kind])
    unfiled = [outcome for outcome in outcomes if outcome.kind in (INBOX, REFUSED)]
    reason = next((" ".join(outcome.reasons) for outcome in unfiled if outcome.reasons), "")
    return f"{text[:1].upper()}{text[1:]}. {reason}".strip()


class InboxView(FilteredListView):
    model = EmailMessage
    filterset_class = InboxFilter
    table = INBOX_TABLE
    title = gettext_lazy("E-mail inbox")
    permission_required = "activities.view_activity"
    primary_action = Action(gettext_lazy("Import messages"), "mail:capture", icon="upload", dialog=True, rule=FILE)
    secondary_actions = (
        Action(gettext_lazy("Ignored senders"), "mail:ignore_rules", icon="eye-off", rule=RULE),
        Action(gettext_lazy("Mailboxes"), "mail:mailboxes", icon="settings", rule="activities.log_activity"),
    )
    bulk_place = "inbox"
    empty = {
        "title": gettext_lazy("The inbox is empty."),
        "text": gettext_lazy("Messages from unknown senders wait here until someone files them under a customer."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows = EmailMessage.objects.inbox_of(self.user).select_related("mailbox", "activity")
        return rows.defer("body", "search")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        suggestions = suggested_customers(rows, self.user)
        for message in rows:
            message.suggestions = suggestions[message.pk]
        return rows


class InboxMixin(VisibleObjectMixin):
    """A page about an unfiled message; one that the user may not file returns 404."""

    model = EmailMessage
    permission_required = FILE

    def get_queryset(self) -> QuerySet[Any]:
        return EmailMessage.objects.inbox_of(self.user).select_related("mailbox", "thread", "user", "activity")

    def get_success_url(self) -> str:
        return reverse("mail:inbox")


class MessageView(InboxMixin, TemplateView):
    """An unfiled message, with suggested customers and the actions."""

    template_name = "mail/inbox_message.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        message, user = self.object, self.user
        may_file = allowed(user, FILE)
        return super().get_context_data(
            title=message.subject or _("(no subject)"),
            message=message,
            body=body.show(message.body),
            reasons=senders.reason_texts(message.error),
            recipients=message.recipients.all()[:20],
            attachments=self._attachments(),
            suggestions=suggested_customers([message], user)[message.pk] if may_file else [],
            may_file=may_file,
            may_restore=may_file and message.state == MessageState.IGNORED,
            may_ignore=may_file and message.state != MessageState.IGNORED,
            **kwargs,
        )

    def _attachments(self) -> list[tuple[str, int]]:
        attachments = parse(services.raw_of(self.object)).attachments if self.object.raw else []
        return [(attachment.name, len(attachment.content)) for attachment in attachments]


class FileView(InboxMixin, ObjectFormView):
    """File a message, and optionally the sender's other messages, under a customer and a contact."""

    form_class = FileForm
    parameters = {"customer": visible(Customer)}
    title = gettext_lazy("File the message")
    submit_label = pgettext_lazy("e-mail", "File")

    @cached_property
    def others(self) -> list[EmailMessage]:
        return list(services.others_of_sender(self.object, self.user))

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        return kwargs | {"user": self.user, "message": self.object, "others": len(self.others)}

    def get_initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {"customer": parse_id(self.request.GET.get("customer"))}
        if not initial["customer"] and (customers := suggested_customers([self.object], self.user)[self.object.pk]):
            initial["customer"] = customers[0].pk
        if self.object.error.startswith("unknown_sender"):
            initial["first_name"], initial["last_name"] = guessed_name(self.object)
        return initial

    def perform(self, form: Any) -> EmailMessage:
        data = form.cleaned_data
        contact = self._contact(data)
        rows = [self.object, *(self.others if data.get("others") else [])]
        learn = bool(data.get("learn"))
        for row in rows:
            services.message_file(message=row, user=self.user, customer=data["customer"], contact=contact, learn=learn)
        self.success_message = ngettext("%d message was filed.", "%d messages were filed.", len(rows)) % len(rows)
        return EmailMessage.objects.select_related("activity").get(pk=self.object.pk)

    def _contact(self, data: dict[str, Any]) -> Contact | None:
        if not data.get("last_name"):
            contact: Contact | None = data["contact"]
            return contact
        return services.contact_of_sender(
            message=self.object,
            customer=data["customer"],
            first_name=data["first_name"],
            last_name=data["last_name"],
        )

    def get_success_url(self) -> str:
        return str(self.done.get_absolute_url())


class IgnoreView(InboxMixin, ObjectFormView):
    """Ignore a message, or its sender from now on."""

    opposite = "mail:inbox_restore"
    form_class = IgnoreForm
    template_name = "generic/confirm.html"
    title = gettext_lazy("Ignore the message?")
    submit_label = gettext_lazy("Ignore")
    success_message = gettext_lazy("The message is ignored. It can be restored for 30 days.")

    def get_form_kwargs(self) -> dict[str, Any]:
        may_rule = allowed(self.user, RULE)
        return super().get_form_kwargs() | {"message": self.object, "may_rule": may_rule}

    def may_undo(self) -> bool:
        return not self.request.POST.get("kind")  # a rule stays

    def perform(self, form: Any) -> EmailMessage:
        return services.message_ignore(message=self.object, user=self.user, kind=form.cleaned_data["kind"])


class RestoreView(InboxMixin, ActionView):
    opposite = "mail:inbox_ignore"
    question = gettext_lazy("Restore the message to the inbox?")
    submit_label = gettext_lazy("Restore to inbox")
    success_message = gettext_lazy("The message is in the inbox again.")

    def perform(self) -> None:
        services.message_restore(message=self.object)


class RawView(VisibleObjectMixin, View):
    """The original file of a received message. Sent ones may contain personal links and are not available."""

    model = EmailMessage
    permission_required = "activities.view_activity"

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        message = get_object_or_404(self.get_queryset().filter(direction=Direction.IN), pk=pk)
        try:
            file = message.raw.open()
        except (FileNotFoundError, ValueError) as error:
            raise Http404 from error
        response = FileResponse(file, as_attachment=True, filename=f"message-{pk}.eml", content_type="message/rfc822")
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
