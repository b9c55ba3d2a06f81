"""NPS: asking contacts, the public page that answers, the figures."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View

from activities.forms.nps import AnswerNpsForm, AskForm, PeriodForm
from activities.models import Activity, NpsQuestion
from activities.selectors import contacts_offered
from activities.selectors_nps import default_period, nps_answers, nps_overall, nps_tables
from activities.services import nps_answer, nps_ask
from activities.services.nps import LANGUAGES, question_of
from crm.exceptions import BusinessRuleError
from crm.permissions import PermissionMixin
from crm.ratelimit import address_of, is_too_often
from crm.views import ServiceFormView
from customers.models import Contact, Customer, Position

CONTACTS = 100


class AskView(ServiceFormView):
    """Ask contacts of the customer that the address names: ``?customer=``, ``?contact=`` or ``?activity=``."""

    template_name = "activities/nps/ask.html"
    form_class = AskForm
    permission_required = "activities.ask_nps"
    title = gettext_lazy("Ask for feedback")
    submit_label = gettext_lazy("Send the question")

    @cached_property
    def activity(self) -> Activity | None:
        rows = Activity.objects.visible_to(self.request.user).select_related("customer")
        return rows.filter(pk=_number(self.request.GET.get("activity")) or 0).first()

    @cached_property
    def contact(self) -> Contact | None:
        pk = _number(self.request.GET.get("contact")) or 0
        return Contact.objects.visible_to(self.request.user).filter(pk=pk).first()

    @cached_property
    def customers(self) -> list[Customer]:
        """The customers that may be meant: the one that the address names, or those for which the contact works."""
        visible = Customer.objects.visible_to(self.request.user).active().select_related("summary")
        if asked := _number(self.request.GET.get("customer")):
            return list(visible.filter(pk=asked))
        if self.activity:
            return list(visible.filter(pk=self.activity.customer_id or 0))
        if self.contact is None:
            return []
        at_work = Position.objects.current().filter(contact=self.contact).values("customer")
        return list(visible.filter(pk__in=at_work).order_by("sort_key")[:20])

    @property
    def customer(self) -> Customer:
        if len(self.customers) != 1:
            raise Http404
        return self.customers[0]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A contact who works for several customers is asked about one of them."""
        if not self.customers:
            raise Http404
        if len(self.customers) > 1:
            return self._choose()
        return super().get(request, *args, **kwargs)

    def _choose(self) -> HttpResponse:
        in_dialog = self.request.headers.get("HX-Target") == "dialog"
        choices = [
            (row, f"{self.request.path}?contact={self.contact.pk if self.contact else ''}&customer={row.pk}")
            for row in self.customers
        ]
        name = "activities/nps/choose.html" + ("#form" if in_dialog else "")
        return render(self.request, name, {"title": self.title, "choices": choices, "in_dialog": in_dialog})

    def contacts(self) -> list[Contact]:
        rows = contacts_offered(self.request.user, self.customer.pk)
        if self.contact:
            rows = rows.filter(pk=self.contact.pk)
        elif self.activity:
            rows = rows.filter(activity_contacts__activity=self.activity)
        return list(rows[:CONTACTS])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"contacts": self.contacts()}

    def get_initial(self) -> dict[str, Any]:
        return {"contacts": [self.contact.pk]} if self.contact else {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=str(self.customer), **kwargs)

    def get_cancel_url(self) -> str:
        return str((self.activity or self.contact or self.customer).get_absolute_url())

    get_success_url = get_cancel_url

    def perform(self, form: Any) -> list[NpsQuestion]:
        data = form.cleaned_data
        asked = nps_ask(
            contacts=list(data["contacts"]),
            customer=self.customer,
            user=self.request.user,  # type: ignore[arg-type]
            about=self.activity,
            language=data["language"],
        )
        count = len(asked)
        text = ngettext(
            "The question was sent to %(count)d contact.", "The question was sent to %(count)d contacts.", count
        )
        self.success_message = text % {"count": count}
        return asked


class FiguresView(PermissionMixin, TemplateView):
    """NPS over all, and by segment, group, owner, quarter and month."""

    template_name = "activities/nps/figures.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PeriodForm(self.request.GET or None, auto_id="period_%s")
        first, last = form.period(default_period())
        if not form.is_bound:
            form = PeriodForm(initial={"first": first, "last": last}, auto_id="period_%s")
        answers = nps_answers(first, last)
        return super().get_context_data(
            title=_("NPS"),
            form=form,
            overall=nps_overall(answers),
            tables=nps_tables(answers),
            first=first,
            last=last,
            **kwargs,
        )


@method_decorator(never_cache, name="dispatch")
class PublicAnswerView(View):
    """The page behind a personal link: no sign-in, one answer, and nothing told to those who guess."""

    PER_ADDRESS, PER_LINK, SECONDS = 60, 30, 600

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        secret = kwargs["secret"]
        question = question_of(secret) if "\x00" not in secret else None
        asked = request.GET.get("lang", "")
        chosen = question.language if question else translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(asked if asked in LANGUAGES else chosen):
            response = self._answer(request, question, secret)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def _answer(self, request: HttpRequest, question: NpsQuestion | None, secret: str) -> HttpResponse:
        too_often = is_too_often("nps-address", address_of(request), limit=self.PER_ADDRESS, seconds=self.SECONDS)
        if too_often or is_too_often("nps-link", secret, limit=self.PER_LINK, seconds=self.SECONDS):
            return self._page("too_often", 429)
        if question is None:
            return self._page("unknown", 404)
        if question.answered_at:
            return self._page("answered", 200)
        if request.method == "POST":
            return self._post(request, question)
        if request.method in ("GET", "HEAD"):
            return self._form(AnswerNpsForm(), question, 200)
        return HttpResponse(status=405)

    def _post(self, request: HttpRequest, question: NpsQuestion) -> HttpResponse:
        form = AnswerNpsForm(request.POST)
        if not form.is_valid():
            return self._form(form, question, 422)
        try:
            nps_answer(question=question, **form.cleaned_data)
        except BusinessRuleError as error:
            return self._page("answered" if error.code == "already_answered" else "unknown", 200)
        return self._page("thanks", 200)

    def _form(self, form: AnswerNpsForm, question: NpsQuestion, status: int) -> HttpResponse:
        return self._page("form", status, form=form, question=question)

    def _page(self, state: str, status: int, **context: Any) -> HttpResponse:
        languages = [(code, {"fi": "Suomi", "en": "English"}[code]) for code in LANGUAGES]
        own = {"state": state, "languages": languages, "organisation": settings.ORGANISATION, "theme": "auto"}
        return render(self.request, "activities/nps/answer.html", own | context, status=status)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
