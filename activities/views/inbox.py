"""The inbox: messages without an activity, and what is done to them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.generic import TemplateView, View

from activities.enums import Direction, MessageState
from activities.forms.mail_in import FileForm, IgnoreForm, guessed_name
from activities.mail import body, rules
from activities.mail.parse import parse
from activities.models import EmailMessage, Mailbox
from activities.querysets_mail import UNFILED
from activities.selectors_inbox import suggested
from activities.services import mail_inbox as services
from crm.actions import Action
from crm.bulk import ticked
from crm.exceptions import BusinessRuleError
from crm.filters import FilterSet
from crm.numbers import parse_id
from crm.permissions import PermissionMixin, allowed
from crm.tables import Column, Table
from crm.views import ActionView, FilteredListView, ObjectFormView, VisibleObjectMixin, redirect
from customers.models import Contact, Customer

FILE = "activities.file_message"
RULE = "activities.edit_ignore_rule"
STATES = [(state.value, state.label) for state in UNFILED]

INBOX_TABLE = Table(
    (
        Column("sender", pgettext_lazy("e-mail", "From"), template="activities/mail/cells/sender.html"),
        Column("subject", gettext_lazy("Subject"), link=True, grow=True),
        Column("date", gettext_lazy("When"), sort="date"),
        Column("suggestion", gettext_lazy("Perhaps"), template="activities/mail/cells/suggestion.html"),
        Column("reason", gettext_lazy("Why here"), value=lambda row: " ".join(rules.reasons(row.error)[:1]), wide=True),
        Column("mailbox", gettext_lazy("Mailbox"), wide=True, shown=False),
    ),
    "-date",
)


def inbox_mailboxes(request: HttpRequest | None) -> Any:
    return Mailbox.objects.of_inbox(request.user) if request else Mailbox.objects.none()


class InboxFilter(FilterSet):
    q = django_filters.CharFilter(method="search", label=gettext_lazy("Search in the inbox"), max_length=200)
    state = django_filters.ChoiceFilter(choices=STATES, label=gettext_lazy("State"), widget=forms.RadioSelect)
    mailbox = django_filters.ModelChoiceFilter(queryset=inbox_mailboxes, label=gettext_lazy("Mailbox"))

    class Meta:
        model = EmailMessage
        fields: tuple[str, ...] = ()

    @property
    def qs(self) -> Any:
        """Without a state those that wait."""
        rows = super().qs
        return rows if self.data.get("state") else rows.filter(state=MessageState.INBOX)

    def search(self, queryset: QuerySet[EmailMessage], name: str, value: str) -> QuerySet[EmailMessage]:
        fields = ("sender", "sender_name", "subject")
        return queryset.filter(Q(*((f"{field}__icontains", value) for field in fields), _connector=Q.OR))


class InboxView(FilteredListView):
    model = EmailMessage
    filterset_class = InboxFilter
    table = INBOX_TABLE
    title = gettext_lazy("E-mail inbox")
    permission_required = "activities.view_activity"
    primary_action = Action(gettext_lazy("Add messages"), "activities:capture", icon="upload", dialog=True, rule=FILE)
    secondary_actions = (
        Action(gettext_lazy("Rules for ignoring"), "activities:ignore_rules", icon="eye-off", rule=RULE),
        Action(gettext_lazy("Mailboxes"), "activities:mailboxes", icon="settings", rule="activities.log_activity"),
    )
    bulk_actions = (
        Action(
            gettext_lazy("File under the suggested customers"),
            "activities:inbox_bulk",
            name="suggested",
            icon="check",
            rule=FILE,
        ),
        Action(gettext_lazy("Ignore"), "activities:inbox_bulk", name="ignore", icon="eye-off", rule=FILE),
    )
    empty = {
        "title": gettext_lazy("Nothing waits here."),
        "text": gettext_lazy("Messages whose sender is not known come here, until somebody tells whose they are."),
    }

    def get_queryset(self) -> QuerySet[Any]:
        rows = EmailMessage.objects.inbox_of(self.user).select_related("mailbox", "activity")
        return rows.defer("body", "search")

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        found = suggested(rows, self.user)
        for row in rows:
            row.suggestions = found[row.pk]
        return rows


class InboxMixin(VisibleObjectMixin):
    """A page about a message without an activity; those that others file do not exist."""

    model = EmailMessage
    permission_required = FILE

    def get_queryset(self) -> QuerySet[Any]:
        return EmailMessage.objects.inbox_of(self.user).select_related("mailbox", "thread", "user", "activity")

    def get_success_url(self) -> str:
        return reverse("activities:inbox")


class MessageView(InboxMixin, TemplateView):
    """A waiting message: what it says, whose it might be, what to do with it."""

    template_name = "activities/mail/inbox_message.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        message, user = self.object, self.user
        may_file = allowed(user, FILE)
        return super().get_context_data(
            title=message.subject or _("(no subject)"),
            message=message,
            body=body.show(message.body),
            reasons=rules.reasons(message.error),
            recipients=message.recipients.all()[:20],
            attachments=self._attachments(),
            suggestions=suggested([message], user)[message.pk] if may_file else [],
            may_file=may_file,
            may_restore=may_file and message.state == MessageState.IGNORED,
            may_ignore=may_file and message.state != MessageState.IGNORED,
            **kwargs,
        )

    def _attachments(self) -> list[tuple[str, int]]:
        found = parse(services.raw_of(self.object)).attachments if self.object.raw else []
        return [(one.name, len(one.content)) for one in found]


class FileView(InboxMixin, ObjectFormView):
    """File a message under a customer and a contact, and the sender's others with it."""

    form_class = FileForm
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
        if not initial["customer"] and (found := suggested([self.object], self.user)[self.object.pk]):
            initial["customer"] = found[0].pk
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

    form_class = IgnoreForm
    template_name = "generic/confirm.html"
    title = gettext_lazy("Ignore the message?")
    submit_label = gettext_lazy("Ignore")
    success_message = gettext_lazy("The message is ignored. It can be brought back for 30 days.")

    def get_form_kwargs(self) -> dict[str, Any]:
        may_rule = allowed(self.user, RULE)
        return super().get_form_kwargs() | {"message": self.object, "may_rule": may_rule}

    def perform(self, form: Any) -> EmailMessage:
        return services.message_ignore(message=self.object, user=self.user, kind=form.cleaned_data["kind"])


class RestoreView(InboxMixin, ActionView):
    question = gettext_lazy("Bring the message back to the inbox?")
    submit_label = gettext_lazy("Bring back")
    success_message = gettext_lazy("The message is in the inbox again.")

    def perform(self) -> None:
        services.message_restore(message=self.object)


class BulkView(PermissionMixin, View):
    """What is done to ticked messages; those that cannot be are counted."""

    permission_required = FILE

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = ticked(request, 200)
        rows = list(EmailMessage.objects.inbox_of(self.user).filter(pk__in=ids))
        do = {"ignore": self._ignore, "suggested": self._file}.get(request.POST.get("action", ""))
        if do is None:
            raise BadRequest("no such action")
        guesses = suggested(rows, self.user)
        done = sum(self._try(do, row, guesses[row.pk]) for row in rows)
        text = ngettext("%d message was done.", "%d messages were done.", done) % done
        if done < len(rows):
            left = len(rows) - done
            text += " " + ngettext("%d was left as it is.", "%d were left as they are.", left) % left
        (messages.success if done else messages.warning)(request, text)
        return redirect(request, reverse("activities:inbox"))

    def _try(self, do: Any, row: EmailMessage, guess: list[Customer]) -> bool:
        try:
            with transaction.atomic():
                return bool(do(row, guess))
        except BusinessRuleError:
            return False

    def _ignore(self, row: EmailMessage, guess: list[Customer]) -> bool:
        services.message_ignore(message=row, user=self.user)
        return True

    def _file(self, row: EmailMessage, guess: list[Customer]) -> bool:
        """Only where one customer is suggested: of several somebody must choose."""
        if len(guess) != 1:
            return False
        services.message_file(message=row, user=self.user, customer=guess[0])
        return True


class RawView(VisibleObjectMixin, View):
    """A message as it came, as a file, for those who see it. What was sent from here may hold personal links."""

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
