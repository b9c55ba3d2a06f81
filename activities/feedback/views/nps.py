"""Pages of NPS: asking contacts, the public answer page, the figures."""

from __future__ import annotations

import functools
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView, View

from activities.feedback.filters import NpsAnswerFilter
from activities.feedback.forms import AnswerNpsForm, AskForm, PeriodForm
from activities.feedback.models import NpsQuestion
from activities.feedback.nps_figures import MORE, SHOWN, TABLES, default_period, nps_compared, nps_tables
from activities.feedback.selectors import nps_answers_for
from activities.feedback.services.nps import nps_answer, nps_ask, nps_retry, question_of
from activities.feedback.tables import NPS_ANSWERS
from activities.log.models import Activity
from activities.mail.outbox import retry_warnings
from core.actions import Action
from core.exceptions import BusinessRuleError
from core.list_views import FilteredListView
from core.numbers import parse_id
from core.parameters import OneOfField, QueryFormMixin, of_form, visible
from core.permissions import PermissionMixin
from core.personal_links import PersonalLinkView
from core.views import ActionView, ServiceFormView, VisibleObjectMixin
from customers.models import Contact, Customer, Position
from customers.selectors.contacts import contacts_offered

CONTACTS = 100
START = functools.partial(forms.IntegerField, required=False, min_value=0, max_value=1_000_000)


class AskView(VisibleObjectMixin, ServiceFormView):
    """Ask contacts of a customer: all of them, one (``?contact=``), or those of an activity (``?activity=``)."""

    model = Customer
    template_name = "feedback/nps/ask.html"
    form_class = AskForm
    permission_required = "feedback.ask_nps"
    parameters = {"activity": visible(Activity), "contact": visible(Contact)}
    title = gettext_lazy("Ask for feedback")
    submit_label = gettext_lazy("Send the question")

    def get_queryset(self) -> QuerySet[Any]:
        return Customer.objects.visible_to(self.user).select_related("summary")

    @cached_property
    def activity(self) -> Activity | None:
        pk = parse_id(self.request.GET.get("activity"))
        return Activity.objects.visible_to(self.user).filter(pk=pk or 0, customer=self.object).first()

    @cached_property
    def contacts(self) -> list[Contact]:
        rows = contacts_offered(self.user, self.object.pk)
        if contact_id := parse_id(self.request.GET.get("contact")):
            rows = rows.filter(pk=contact_id)
        elif self.activity:
            rows = rows.filter(activity_contacts__activity=self.activity)
        return list(rows[:CONTACTS])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"contacts": self.contacts}

    def get_initial(self) -> dict[str, Any]:
        return {"contacts": [self.contacts[0].pk]} if len(self.contacts) == 1 else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.object), **kwargs)

    def get_cancel_url(self) -> str:
        return str((self.activity or self.object).get_absolute_url())

    get_success_url = get_cancel_url

    def perform(self, form: Any) -> list[NpsQuestion]:
        content = {name: form.cleaned_data[name] for name in ("contacts", "language")}
        questions = nps_ask(customer=self.object, user=self.user, about=self.activity, **content)
        count = len(questions)
        text = ngettext(
            "The question was sent to %(count)d contact.", "The question was sent to %(count)d contacts.", count
        )
        self.success_message = text % {"count": count}
        return questions


class AnswersView(FilteredListView):
    """The answers to the NPS question, the newest first; figures of customers lead to them."""

    model = NpsQuestion
    filterset_class = NpsAnswerFilter
    table = NPS_ANSWERS
    title = gettext_lazy("NPS answers")
    permission_required = "activities.view_activity"
    main_filters = ("kind", "customer", "answered_from", "answered_to")
    secondary_actions = (Action(gettext_lazy("NPS"), "feedback:nps", icon="chart-bar"),)
    empty = {"title": gettext_lazy("No answers here."), "icon": "chart-bar"}

    def get_queryset(self) -> QuerySet[Any]:
        return nps_answers_for(self.user).select_related("customer", "contact", "segment")


class RetryView(ActionView):
    """Send again a question that was not sent; one that may have been sent needs a confirmation."""

    model = NpsQuestion
    permission_required = "feedback.ask_nps"
    question = gettext_lazy("Send the question again?")
    submit_label = gettext_lazy("Send again")
    success_message = gettext_lazy("The question is being sent again.")

    def get_queryset(self) -> QuerySet[Any]:
        visible = Customer.objects.visible_to(self.user)
        return NpsQuestion.objects.filter(customer__in=visible).select_related("contact", "customer")

    def get_permission_object(self) -> Customer:
        customer: Customer = self.object.customer
        return customer

    def get_effects(self) -> list[Any]:
        return [str(self.object.contact), *retry_warnings(self.object)]

    def perform(self) -> None:
        nps_retry(question=self.object, confirmed=True)


class ContactAskView(VisibleObjectMixin, View):
    """Ask one contact; for one who works for several customers, choose the customer first."""

    model = Contact
    permission_required = "feedback.ask_nps"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        at_work = Position.objects.current().filter(contact=self.object).values("customer")
        customers = Customer.objects.visible_to(self.user).active().filter(pk__in=at_work).order_by("sort_key")[:20]
        choices = [
            (customer, f"{reverse('feedback:nps_ask', args=[customer.pk])}?contact={pk}") for customer in customers
        ]
        if len(choices) == 1:
            return HttpResponseRedirect(choices[0][1])
        in_dialog = self.htmx.target == "dialog"
        context = {"title": _("Ask for feedback"), "choices": choices, "in_dialog": in_dialog}
        return render(request, "feedback/nps/choose.html" + ("#form" if in_dialog else ""), context)


class FiguresView(QueryFormMixin, PermissionMixin, TemplateView):
    """The overall NPS, and NPS by segment, group, owner, quarter and month, beside the same days a year before.

    ``?table=&start=`` are more rows of a table: htmx gets them alone.
    """

    template_name = "feedback/nps/figures.html"
    permission_required = "activities.view_activity"
    parameters = {**of_form(PeriodForm), "table": OneOfField(*TABLES), "start": START()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PeriodForm(self.request.GET or None, auto_id="period_%s")
        first, last = form.period(default_period())
        if not form.is_bound:
            form = PeriodForm(initial={"first": first, "last": last}, auto_id="period_%s")
        only, start = self.request.GET.get("table", ""), parse_id(self.request.GET.get("start")) or 0
        rows: dict[str, Any] = {"only": only, "start": start, "most": MORE if start else SHOWN}
        return super().get_context_data(
            title=_("NPS"),
            form=form,
            overall=None if self.htmx and only else nps_compared(first, last),
            tables=nps_tables(first, last, **rows),
            first=first,
            last=last,
            **kwargs,
        )

    def get_template_names(self) -> list[str]:
        is_part = self.htmx and self.request.GET.get("table")
        return ["feedback/nps/more.html"] if is_part else [self.template_name]


class PublicAnswerView(PersonalLinkView):
    """The public question; each link accepts one answer."""

    kind = "nps"
    template_name = "feedback/nps/answer.html"

    def find(self, secret: str) -> NpsQuestion | None:
        return question_of(secret)

    def answer(self, request: HttpRequest, question: NpsQuestion) -> HttpResponse:
        if question.answered_at:
            return self.page("answered", 200)
        if request.method == "POST":
            return self._post(request, question)
        return self._form(AnswerNpsForm(), question, 200)

    def _post(self, request: HttpRequest, question: NpsQuestion) -> HttpResponse:
        form = AnswerNpsForm(request.POST)
        if not form.is_valid():
            return self._form(form, question, 422)
        try:
            nps_answer(question=question, **form.cleaned_data)
        except BusinessRuleError as error:
            return self.page("answered" if error.code == "already_answered" else "unknown", 200)
        return self.page("thanks", 200)

    def _form(self, form: AnswerNpsForm, question: NpsQuestion, status: int) -> HttpResponse:
        return self.page("form", status, form=form, question=question)
