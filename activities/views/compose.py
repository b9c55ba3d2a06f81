"""Writing a message: to a contact, a customer, ticked rows, or as an answer."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from activities.forms.compose import ComposeForm
from activities.mail import answerable, placeholders, recipients
from activities.mail.answerable import Answerable
from activities.mail.answers import answer_initial, spoken
from activities.mail.plan import MAX_RECIPIENTS, plan, refused_by
from activities.models import Activity, EmailMessage, EmailTemplate
from activities.services.mail_files import attachments_check
from activities.services.mail_out import emails_send
from crm.bulk import ticked
from crm.exceptions import BusinessRuleError
from crm.numbers import parse_id
from crm.permissions import PermissionMixin, allowed
from crm.views import ServiceFormView, redirect
from customers.models import Contact, Customer

SEND = "activities.send_email"
IDS = MAX_RECIPIENTS + 1


class ComposeView(ServiceFormView):
    """``?contact=``, ``?customers=`` (several of each), ``?customer=`` (whose page it was opened on), ``?answer=`` with
    ``?as=reply|all|forward`` or an activity that it answers (``?feedback=``) tell where to begin. POST sends; with
    ``preview`` it shows, with ``fill`` it takes the template's text into the form."""

    template_name = "activities/mail/compose.html"
    form_class: type[ComposeForm] = ComposeForm
    permission_required = SEND
    title = gettext_lazy("Write an e-mail")

    @cached_property
    def answers(self) -> EmailMessage | None:
        pk = parse_id(self.request.GET.get("answer"))
        if pk is None:
            return None
        rows = EmailMessage.objects.visible_to(self.user).filter(activity__isnull=False)
        rows = rows.select_related("activity__customer", "thread").prefetch_related("recipients")
        return get_object_or_404(rows, pk=pk)

    @cached_property
    def answerable(self) -> Answerable | None:
        """The kind of activity that the address names."""
        return next((kind for kind in answerable.registered() if parse_id(self.request.GET.get(kind.code))), None)

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
        """Whose page the message was begun on."""
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
        people = recipients.named(contacts=[str(row.pk) for row in contacts if recipients.first_address(row)])
        people += recipients.named(customers=[str(row.pk) for row in self._customers if row.email])
        if self.customer and not people:
            only = recipients.offered([self.customer], self.user)
            people = [only[0].value] if len(only) == 1 else []
        customers = [*self._customers, *([self.customer] if self.customer else [])]
        return {
            "to": people,
            "customer": self.customer.pk if self.customer else None,
            "language": spoken(next(iter([*contacts, *customers]), None)),
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
            field_names=[(f"{{{name}}}", label) for name, label in placeholders.FIELDS.items()],
            templates_url=reverse("activities:email_templates"),
            **kwargs,
        )

    def get_cancel_url(self) -> str:
        if self.answered_activity:
            return self.answered_activity.get_absolute_url()
        if self.answers and self.answers.activity:
            return self.answers.activity.get_absolute_url()
        begun = self.customer or next(iter(self._contacts), None)
        return str(begun.get_absolute_url()) if begun else reverse("activities:list")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "fill" in request.POST:
            return self._filled()
        if "preview" in request.POST:
            return self._previewed()
        return super().post(request, *args, **kwargs)

    def _filled(self) -> HttpResponse:
        """The form as it stands, with the text of the chosen template."""
        given = self.get_form()
        content = {name: given[name].value() for name in given.fields if name != "uploads"}
        templates = EmailTemplate.objects.visible_to(self.user).in_use()
        template = templates.filter(pk=parse_id(self.request.POST.get("template")) or 0).first()
        if template:
            content |= template.texts_in(self.request.POST.get("language", ""))
        kwargs = self.get_form_kwargs() | {"initial": content, "data": None, "files": None}
        form = self.form_class(**kwargs)
        if self.htmx.target == "letter":
            self.template_name += "#letter"
        return self.render_to_response(self.get_context_data(form=form))

    def _previewed(self) -> HttpResponse:
        form = self.get_form()
        context = self._preview(form) if form.is_valid() else {"problems": _problems(form)}
        if self.htmx.target == "preview":
            self.template_name = "activities/mail/preview.html"
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
        words = ngettext("The message is on its way.", "%(count)d messages are on their way.", len(sent))
        self.success_message = words % {"count": len(sent)}
        if self.answerable:
            self.success_message += f" {self.answerable.sent_text}"
        return sent

    def get_success_url(self) -> str:
        """Back to the activity or the customer it was begun on; else to the message, or the list of what was sent."""
        if self.answered_activity:
            return self.answered_activity.get_absolute_url()
        activities = [message.activity for message in self.done if message.activity]
        if self.customer and any(activity.customer_id == self.customer.pk for activity in activities):
            return self.customer.get_absolute_url()
        return activities[0].get_absolute_url() if len(activities) == 1 else reverse("activities:list")


class RecipientOptionsView(PermissionMixin, View):
    """Recipients for the field that one types into."""

    permission_required = SEND

    def get(self, request: HttpRequest) -> JsonResponse:
        text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
        found = recipients.search(text, self.user) if text else []
        return JsonResponse({"results": [{"id": row.value, "text": row.text, "detail": row.detail} for row in found]})


class BulkComposeView(PermissionMixin, View):
    """Ticked rows of a list: the form opens with them as recipients. More than a message may go to is refused."""

    permission_required = SEND
    parameter = ""
    list_url_name = ""

    def post(self, request: HttpRequest) -> HttpResponse:
        ids = ticked(request, 10_000)
        if len(ids) > MAX_RECIPIENTS:
            text = _("A message goes to at most %(most)d recipients, here are %(count)d. Send to more as a campaign.")
            messages.error(request, text % {"most": MAX_RECIPIENTS, "count": len(ids)})
            return redirect(request, reverse(self.list_url_name))
        query = "&".join(f"{self.parameter}={pk}" for pk in ids)
        return redirect(request, f"{reverse('activities:compose')}?{query}")


def _problems(form: Any) -> list[str]:
    labels = {name: form.fields[name].label for name in form.fields}
    return [
        f"{labels[name]}: {text}" if labels.get(name) else str(text)
        for name, texts in form.errors.items()
        for text in texts
    ]
