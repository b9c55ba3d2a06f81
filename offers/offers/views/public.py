"""The public page of a personal link: no sign-in, one answer, and no information for guessed links."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from core.exceptions import BusinessRuleError
from core.personal_links import PersonalLinkView
from offers.offers.forms.sending import AnswerForm
from offers.offers.models import OfferLink
from offers.offers.services.answers import link_answer
from offers.offers.services.links import READABLE, LinkState, link_of, link_opened, state_of
from offers.offers.snapshot import shown
from offers.offers.views.sending import version_response

#: HTTP statuses of the page when it does not show the offer.
STATUSES = {LinkState.REVOKED: 410, LinkState.ENDED: 410}


class PublicMixin(PersonalLinkView):
    """Common part of the page and its PDF."""

    kind = "offer"
    template_name = "offers/public/page.html"

    def find(self, secret: str) -> OfferLink | None:
        return link_of(secret)


class PublicView(PublicMixin):
    """GET shows the sent offer, POST accepts or declines it."""

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
        try:
            link_answer(link=link, **form.cleaned_data)
        except BusinessRuleError as error:
            if error.field in form.fields:
                form.add_error(error.field, str(error))
                return self._shown(link, LinkState.OPEN, form, 422)
        return HttpResponseRedirect(request.get_full_path())  # shows the answer, from this request or another

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
    """The PDF of the sent offer, while the page shows the offer."""

    def answer(self, request: HttpRequest, link: OfferLink) -> Any:
        if request.method == "POST":
            return HttpResponse(status=405)
        if state_of(link) not in READABLE:
            raise Http404
        return version_response(link.version)
