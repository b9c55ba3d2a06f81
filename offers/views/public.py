"""The page behind a contact's personal link: no sign-in, one answer, and nothing told to those who guess."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from crm.exceptions import BusinessRuleError
from crm.ratelimit import address_of, is_too_often
from offers.contents import LANGUAGES, shown
from offers.enums import LinkAnswer
from offers.forms.sending import AnswerForm
from offers.models import OfferLink
from offers.services.answers import link_accept, link_decline
from offers.services.links import READABLE, LinkState, link_of, link_opened, state_of
from offers.views.sending import version_response

NAMES = {"fi": "Suomi", "en": "English"}
#: What the page answers where it shows nothing of the offer.
STATUSES = {LinkState.REVOKED: 410, LinkState.ENDED: 410}
ANSWERS = {LinkAnswer.ACCEPTED: link_accept, LinkAnswer.DECLINED: link_decline}


@method_decorator(never_cache, name="dispatch")
class PublicMixin(View):
    """What the page and its PDF share: the link, the limits, the language, the headers."""

    PER_ADDRESS, PER_LINK, SECONDS = 60, 30, 600

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        secret = kwargs["secret"]
        link = link_of(secret) if "\x00" not in secret else None
        asked = request.GET.get("lang", "")
        own = link.language if link else translation.get_language() or settings.LANGUAGE_CODE
        with translation.override(asked if asked in LANGUAGES else own):
            response = self._limited(request, link, secret)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def _limited(self, request: HttpRequest, link: OfferLink | None, secret: str) -> Any:
        too_often = is_too_often("offer-address", address_of(request), limit=self.PER_ADDRESS, seconds=self.SECONDS)
        if too_often or is_too_often("offer-link", secret, limit=self.PER_LINK, seconds=self.SECONDS):
            return self.page("too_often", 429)
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponse(status=405)
        return self.page("unknown", 404) if link is None else self.answer(request, link)

    def answer(self, request: HttpRequest, link: OfferLink) -> Any:
        raise NotImplementedError

    def page(self, state: str, status: int, **context: Any) -> HttpResponse:
        languages = [(code, NAMES[code]) for code in LANGUAGES]
        own = {"state": state, "languages": languages, "theme": "auto"}
        return render(self.request, "offers/public/page.html", own | context, status=status)


class PublicView(PublicMixin):
    """GET reads what was sent, POST accepts or declines it."""

    def answer(self, request: HttpRequest, link: OfferLink) -> HttpResponse:
        state = state_of(link)
        if request.method == "POST" and state is LinkState.OPEN:
            return self._answered(request, link)
        if request.method == "GET" and state in READABLE:
            link_opened(link)
        return self._shown(link, state, AnswerForm(), STATUSES.get(state, 200))

    def _answered(self, request: HttpRequest, link: OfferLink) -> HttpResponse:
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self._shown(link, LinkState.OPEN, form, 422)
        data = form.cleaned_data
        try:
            ANSWERS[data["answer"]](link=link, name=data["name"], comment=data["comment"])
        except BusinessRuleError as error:
            if error.field in form.fields:
                form.add_error(error.field, str(error))
                return self._shown(link, LinkState.OPEN, form, 422)
        return HttpResponseRedirect(request.get_full_path())  # what it says now: answered, by this press or another

    def _shown(self, link: OfferLink, state: LinkState, form: AnswerForm, status: int) -> HttpResponse:
        context: dict[str, Any] = {"owner": link.version.offer.owner, "seller": link.version.content["seller"]}
        if state in READABLE:
            content = shown(link.version.content)
            context |= {"link": link, "offer": content, "version": link.version, "form": form}
            context["secret"] = self.kwargs["secret"]
        if state in STATUSES:
            context = {}
        return self.page(state.value, status, **context)


class PublicPdfView(PublicMixin):
    """The PDF of what was sent, for as long as the page shows it."""

    def answer(self, request: HttpRequest, link: OfferLink) -> Any:
        if request.method == "POST":
            return HttpResponse(status=405)
        if state_of(link) not in READABLE:
            raise Http404
        return version_response(link.version)
