"""Pages of messages: writing and editing one, the panel of an activity, and sending again."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from activities.log.models import Activity
from activities.mail import placeholders, recipients
from activities.mail.enums import ON_THEIR_WAY, Direction, MessageState
from activities.mail.forms.messages import ComposeForm, EditForm
from activities.mail.mime.body import show
from activities.mail.mime.compose import Written, answer_initial, edit_initial, language_for, written
from activities.mail.models import EmailMessage, EmailTemplate
from activities.mail.outbox import error_text, retry_warnings
from activities.mail.plugs import Answerable, answerables
from activities.mail.recipients import MAX_RECIPIENTS, plan, refused_by
from activities.mail.services.messages import (
    attached,
    attachments_check,
    email_edit,
    email_retry,
    emails_send,
    is_editable,
)
from core.documents import documents_of
from core.exceptions import BusinessRuleError
from core.numbers import parse_id
from core.parameters import OneOfField, Parameters, RowField, WordsField, asked_words, visible
from core.permissions import PermissionMixin, allowed
from core.tabs import PanelMixin
from core.views import ActionView, ServiceFormView, VisibleObjectMixin, redirect
from customers.models import Contact, Customer

SEND = "mail.send_email"
IDS = MAX_RECIPIENTS + 1
THREAD = 50
KINDS = {MessageState.SENT: "ok", MessageState.FILED: "ok", MessageState.FAILED: "late", MessageState.REFUSED: "late"}


def answered_messages(user: Any) -> Any:
    """Return the messages that the user may answer."""
    return EmailMessage.objects.visible_to(user).filter(activity__isnull=False)


class ComposeView(ServiceFormView):
    """The form of a new message.

    The query sets its first content: ``?contact=``, ``?customers=`` (several of each), ``?customer=`` (the page that it
    was opened on), ``?answer=`` with ``?as=reply|all|forward``, or an answered activity (``?feedback=``). POST sends;
    with ``preview`` it shows a preview, with ``fill`` it inserts the text of the template.
    """

    template_name = "mail/compose.html"
    form_class: type[ComposeForm] = ComposeForm
    permission_required = SEND
    title = gettext_lazy("Write an e-mail")
    parameters: Parameters = {
        "contact": visible(Contact, many=True),
        "customers": visible(Customer, many=True),
        "customer": visible(Customer),
        "answer": RowField(lambda user: answered_messages(user)),
        "as": OneOfField("reply", "all", "forward"),
    }

    @classmethod
    def get_parameters(cls) -> Parameters:
        return {**cls.parameters, **{kind.code: RowField(kind.visible_to) for kind in answerables()}}

    @cached_property
    def answers(self) -> EmailMessage | None:
        pk = parse_id(self.request.GET.get("answer"))
        if pk is None:
            return None
        rows = answered_messages(self.user).select_related("activity__customer", "thread")
        return get_object_or_404(rows.prefetch_related("recipients"), pk=pk)

    @cached_property
    def answerable(self) -> Answerable | None:
        """Return the kind of the activity that the query names."""
        return next((kind for kind in answerables() if parse_id(self.request.GET.get(kind.code))), None)

    @cached_property
    def answered_activity(self) -> Activity | None:
        if self.answerable is None:
            return None
        pk = parse_id(self.request.GET.get(self.answerable.code))
        activity = get_object_or_404(self.answerable.visible_to(self.user), pk=pk)
        if not allowed(self.user, self.answerable.permission, activity):
            raise PermissionDenied
        return activity

    @property
    def mode(self) -> str:
        return self.request.GET.get("as", "reply")

    @cached_property
    def customer(self) -> Customer | None:
        """Return the customer of the page on which the message was started."""
        pk = parse_id(self.request.GET.get("customer"))
        return get_object_or_404(Customer.objects.visible_to(self.user), pk=pk) if pk else None

    def get_form_kwargs(self) -> dict[str, Any]:
        own = {"user": self.user, "answers": self.answers, "is_forward": self.mode == "forward"}
        return super().get_form_kwargs() | own | {"answered_activity": self.answered_activity}

    def get_initial(self) -> dict[str, Any]:
        if self.answers:
            return answer_initial(self.answers, self.mode, self.user)
        if self.answerable and self.answered_activity:
            return self.answerable.initial(self.answered_activity, self.user)
        contacts = self._contacts
        people = recipients.values_of(contacts=[str(row.pk) for row in contacts if recipients.first_address(row)])
        people += recipients.values_of(customers=[str(row.pk) for row in self._customers if row.email])
        if self.customer and not people:
            only = recipients.offered([self.customer], self.user)
            people = [only[0].value] if len(only) == 1 else []
        customers = [*self._customers, *([self.customer] if self.customer else [])]
        return {
            "to": people,
            "customer": self.customer.pk if self.customer else None,
            "language": language_for(next(iter([*contacts, *customers]), None)),
        }

    @cached_property
    def _contacts(self) -> list[Contact]:
        ids = [pk for pk in map(parse_id, self.request.GET.getlist("contact")[:IDS]) if pk]
        return list(Contact.objects.visible_to(self.user).filter(pk__in=ids).prefetch_related("points"))

    @cached_property
    def _customers(self) -> list[Customer]:
        ids = [pk for pk in map(parse_id, self.request.GET.getlist("customers")[:IDS]) if pk]
        return list(Customer.objects.visible_to(self.user).filter(pk__in=ids).order_by("sort_key"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lacking = [row for row in self._contacts if not recipients.first_address(row)]
        lacking_customers = [row for row in self._customers if not row.email]
        return super().get_context_data(
            missing=[str(row) for row in (*lacking, *lacking_customers)],
            files_lost=bool(self.request.FILES),
            field_names=[(placeholders.written(name), label) for name, label in placeholders.FIELDS.items()],
            templates_url=reverse("mail:templates"),
            **kwargs,
        )

    def get_cancel_url(self) -> str:
        if self.answered_activity:
            return self.answered_activity.get_absolute_url()
        if self.answers and self.answers.activity:
            return self.answers.activity.get_absolute_url()
        origin = self.customer or next(iter(self._contacts), None)
        return str(origin.get_absolute_url()) if origin else reverse("activities:list")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "fill" in request.POST:
            return self._insert_template()
        if "preview" in request.POST:
            return self._show_preview()
        if "consent" in request.POST:
            return self._show_consent()
        return super().post(request, *args, **kwargs)

    def _insert_template(self) -> HttpResponse:
        """Show the form with its present content and the text of the chosen template."""
        posted = self.get_form()
        content = {name: posted[name].value() for name in posted.fields if name != "uploads"}
        templates = EmailTemplate.objects.visible_to(self.user).in_use()
        template = templates.filter(pk=parse_id(self.request.POST.get("template")) or 0).first()
        if template:
            content |= template.texts_in(self.request.POST.get("language", ""))
        kwargs = self.get_form_kwargs() | {"initial": content, "data": None, "files": None}
        form = self.form_class(**kwargs)
        if self.htmx.target == "letter":
            self.template_name += "#letter"
        return self.render_to_response(self.get_context_data(form=form))

    def _show_consent(self) -> HttpResponse:
        """Return who of the recipients has refused marketing, and the button that then says what it sends."""
        context = {"form": self.get_form(), "is_consent_alone": True}
        return render(self.request, "mail/compose.html#consent", context)

    def _show_preview(self) -> HttpResponse:
        form = self.get_form()
        context = self._preview(form) if form.is_valid() else {"problems": _problems(form)}
        if self.htmx.target == "preview":
            self.template_name = "mail/preview.html"
        status = 422 if context.get("problems") else 200
        return self.render_to_response(self.get_context_data(form=form, **context), status=status)

    def _preview(self, form: ComposeForm) -> dict[str, Any]:
        letter, files = form.letter(), form.files_sent()
        try:
            planned = plan(letter)
            attachments_check(letter, planned, files["documents"], files["uploads"])
        except BusinessRuleError as error:
            return {"problems": [str(error)]}
        return {"planned": planned, "refused": refused_by(letter.recipients)}

    def perform(self, form: ComposeForm) -> list[EmailMessage]:
        sent = emails_send(letter=form.letter(), confirmed=form.cleaned_data["confirmed"], **form.files_sent())
        text = ngettext("The message is on its way.", "%(count)d messages are on their way.", len(sent))
        self.success_message = text % {"count": len(sent)}
        if self.answerable:
            self.success_message += f" {self.answerable.sent_text}"
        return sent

    def get_success_url(self) -> str:
        """Return the page that the message was started on, or else the message, or the list of activities."""
        if self.answered_activity:
            return self.answered_activity.get_absolute_url()
        activities = [message.activity for message in self.done if message.activity]
        if self.customer and any(activity.customer_id == self.customer.pk for activity in activities):
            return self.customer.get_absolute_url()
        return activities[0].get_absolute_url() if len(activities) == 1 else reverse("activities:list")


class RecipientOptionsView(PermissionMixin, View):
    """Search of recipients for the field."""

    permission_required = SEND
    parameters = {"q": WordsField()}
    answers_scripts = True

    def get(self, request: HttpRequest) -> JsonResponse:
        text = asked_words(request)
        options = recipients.search(text, self.user) if text else []
        return JsonResponse(
            {"results": [{"id": option.value, "text": option.text, "detail": option.detail} for option in options]}
        )


def _problems(form: Any) -> list[str]:
    labels = {name: form.fields[name].label for name in form.fields}
    return [
        f"{labels[name]}: {text}" if labels.get(name) else str(text)
        for name, texts in form.errors.items()
        for text in texts
    ]


class MessageMixin(VisibleObjectMixin):
    """A page about an activity's message; an activity that has none or is not visible returns 404."""

    model = Activity
    permission_required = "activities.view_activity"
    request: HttpRequest

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("type", "customer").filter(email__isnull=False)

    @cached_property
    def message(self) -> EmailMessage:
        rows = EmailMessage.objects.select_related("user", "thread").prefetch_related("recipients__contact")
        return rows.get(activity=self.object)


class MessagePanel(PanelMixin, MessageMixin, TemplateView):
    """The message of an activity, with its attachments and thread. Remote images are not loaded."""

    template_name = "mail/message.html"
    fragment = "message"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        message, user = self.message, self.user
        in_use = self.object.customer is None or not self.object.customer.is_passive
        return super().get_context_data(
            title=message.subject,
            activity=self.object,
            message=message,
            body=show(message.body),
            is_on_its_way=message.state in ON_THEIR_WAY and not message.error,
            is_out=message.direction == Direction.OUT,
            state_kind=KINDS.get(MessageState(message.state), "warn"),
            error=error_text(message),
            recipients=_recipients_by_kind(message, user),
            documents=documents_of(self.object),
            thread=self._thread(),
            may_answer=in_use and allowed(user, "mail.send_email"),
            may_edit=is_editable(message) and allowed(user, "mail.edit_message", self.object),
            may_retry=message.state == MessageState.FAILED and allowed(user, "activities.edit_activity", self.object),
            **kwargs,
        )

    def _thread(self) -> list[EmailMessage]:
        """Return the messages of the thread, oldest first, or an empty list if there is only this one."""
        rows = EmailMessage.objects.visible_to(self.user).filter(thread=self.message.thread_id)
        thread = list(rows.filter(activity__isnull=False).select_related("activity").order_by("date", "pk")[:THREAD])
        return thread if len(thread) > 1 else []


def _recipients_by_kind(message: EmailMessage, user: Any) -> list[tuple[str, list[Any]]]:
    """Return the recipients by kind, each with its contact if the user may see it."""
    groups: dict[str, list[Any]] = {}
    sees_hidden = user.has_perm("customers.manage_passive")
    for row in message.recipients.all():
        shown = row.contact if row.contact and (sees_hidden or not row.contact.is_hidden) else None
        groups.setdefault(row.get_kind_display(), []).append((row, shown))
    return list(groups.items())


class RetryView(MessageMixin, ActionView):
    """Send a failed message again."""

    permission_required = "activities.edit_activity"
    question = gettext_lazy("Send the message again?")
    submit_label = gettext_lazy("Send again")
    success_message = gettext_lazy("The message is being sent again.")

    def get_effects(self) -> list[Any]:
        return retry_warnings(self.message)

    def perform(self) -> None:
        if self.message.direction != Direction.OUT:
            raise Http404
        email_retry(message=self.message, confirmed=True)


class MessageEditView(MessageMixin, ComposeView):
    """The form of an unsent message with its recipients, subject, text and attachments."""

    form_class = EditForm
    permission_required = "mail.edit_message"
    title = gettext_lazy("Edit and send again")
    answers = answerable = answered_activity = customer = None

    @cached_property
    def written(self) -> Written:
        return written(self.message)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_editable(self.message):
            messages.error(request, _("Only a message that was certainly not sent can be edited."))
            return redirect(request, self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"edits": self.message, "written": self.written}
        return {name: kwargs[name] for name in kwargs if name not in ("answers", "is_forward", "answered_activity")}

    def get_initial(self) -> dict[str, Any]:
        content = edit_initial(self.message, self.written.body, self.user)
        files = [document.pk for document in attached(self.message)]
        return {**content, "documents": files, "version": self.object.version}

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self, form: Any) -> list[EmailMessage]:
        content = {name: form.cleaned_data[name] for name in ("confirmed", "version")}
        self.success_message = _("The message is on its way.")
        return [email_edit(letter=form.letter(), **content, **form.files_sent())]

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())
