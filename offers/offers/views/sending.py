"""Sending an offer: its versions, the cover letter, delivery by other means, PDFs, and the page of a personal link."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from activities.mail.models import EmailTemplate
from core.documents import safe_name
from core.exceptions import BusinessRuleError
from core.numbers import parse_id
from core.permissions import allowed
from core.personal_links import PersonalLinkView
from core.tabs import PanelMixin
from core.views import ActionView, ObjectFormView, ReturnMixin, VisibleObjectMixin
from offers.offers.content import language_of, shown
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.forms.sending import AnswerForm, MarkSentForm, SendForm, cover_initial
from offers.offers.models import Offer, OfferLink, OfferVersion
from offers.offers.selectors import addresses_for, is_approved, links_for, steps_needed, version_rows, versions_for
from offers.offers.services.links import READABLE, LinkState, link_answer, link_of, link_opened, link_revoke, state_of
from offers.offers.services.sending import check_sendable, draft_pdf, offer_mark_sent, offer_send
from offers.offers.views.offers import OfferMixin
from offers.offers.views.undo import step_undo_url

DECIDE = "offers.decide_offer"
#: HTTP statuses of the page when it does not show the offer.
STATUSES = {LinkState.REVOKED: 410, LinkState.ENDED: 410}


class VersionsPanel(PanelMixin, OfferMixin, TemplateView):
    """The sent versions with recipients and answers, and the buttons for sending."""

    template_name = "offers/sending/panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        offer, user = self.object, self.user
        rows = version_rows(offer, user)
        may_send = offer.status in UNDECIDED and allowed(user, DECIDE, offer)
        return super().get_context_data(
            title=_("Versions and sending"),
            offer=offer,
            rows=rows,
            is_changed=bool(rows) and rows[0].version.content_version != offer.content_version,
            may_send=may_send and not offer.type.is_funder_form,
            is_approved=not steps_needed(offer) or is_approved(offer),
            may_mark=may_send and offer.status == OfferStatus.OPEN,
            may_revoke=allowed(user, DECIDE, offer),
            **kwargs,
        )


class SendView(ReturnMixin, OfferMixin, ObjectFormView):
    """The cover letter of an offer. With ``fill`` the form comes back with the text of the chosen template."""

    form_class = SendForm
    template_name = "offers/sending/send.html"
    permission_required = DECIDE
    title = gettext_lazy("Send the offer")
    submit_label = gettext_lazy("Send")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offer": self.object, "user": self.user}

    def get_initial(self) -> dict[str, Any]:
        return cover_initial(self.object, addresses_for(self.object, self.user), self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(offer=self.object, obstacle=_obstacle(self.object), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._filled() if "fill" in request.POST else super().post(request, *args, **kwargs)

    def _filled(self) -> HttpResponse:
        form = self.get_form()
        content = {name: form[name].value() for name in form.fields}
        templates = EmailTemplate.objects.visible_to(self.user).in_use()
        template = templates.filter(pk=parse_id(self.request.POST.get("template")) or 0).first()
        if template:
            content |= template.texts_in(language_of(self.object))
        kwargs = self.get_form_kwargs() | {"initial": content, "data": None, "files": None}
        return self.render_to_response(self.get_context_data(form=self.form_class(**kwargs)))

    def perform(self, form: SendForm) -> Offer:
        version = offer_send(offer=self.object, user=self.user, **form.content())
        address = form.cleaned_data["to"].address
        self.success_message = _("The offer is being sent to %(address)s.") % {"address": address}
        return version.offer


def _obstacle(offer: Offer) -> str:
    """Return why the offer cannot be sent now, so that the user does not write a letter in vain."""
    try:
        check_sendable(offer)
    except BusinessRuleError as error:
        return str(error)
    return ""


class MarkSentView(ReturnMixin, OfferMixin, ObjectFormView):
    """Mark an offer as delivered by other means than e-mail."""

    form_class = MarkSentForm
    template_name = "offers/sending/mark_sent.html"
    permission_required = DECIDE
    title = gettext_lazy("Mark the offer as sent")
    submit_label = gettext_lazy("Mark as sent")
    success_message = gettext_lazy("The offer was marked as sent.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offer": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the page shows; an offer on the funder's own form is never sent by e-mail from here."""
        offer, obstacle = self.object, _obstacle(self.object)
        query = f"?{urlencode({'next': self._next})}" if self._next else ""
        may_send = not (obstacle or offer.type.is_funder_form)
        letter_url = f"{reverse('offers:send', args=[offer.pk])}{query}" if may_send else ""
        return super().get_context_data(offer=offer, obstacle=obstacle, letter_url=letter_url, **kwargs)

    def get_undo_url(self) -> str:
        return step_undo_url(self.object, self._next)

    def perform(self, form: MarkSentForm) -> Offer:
        data = form.cleaned_data
        return offer_mark_sent(offer=self.object, user=self.user, note=data["note"], version=data["version"])


class PreviewView(OfferMixin, View):
    """The PDF of the current offer, marked as a draft; no version is made."""

    def get(self, request: HttpRequest, pk: int) -> FileResponse | HttpResponseRedirect:
        try:
            pdf = draft_pdf(self.object)
        except BusinessRuleError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.object.get_absolute_url())
        name = _("draft")
        return pdf_response(BytesIO(pdf), f"{self.object.number}-{name}.pdf")


class VersionPdfView(VisibleObjectMixin, View):
    """The stored PDF of a version."""

    model = OfferVersion
    permission_required = "offers.view_offer"

    def get_queryset(self) -> QuerySet[Any]:
        return versions_for(self.user)

    def get_permission_object(self) -> Any:
        return self.object.offer

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        return version_response(self.object)


def version_response(version: OfferVersion) -> FileResponse:
    """Return a version's PDF as a response; 404 when its file is missing."""
    try:
        return pdf_response(version.pdf.open(), version.file_name)
    except (FileNotFoundError, ValueError) as error:
        raise Http404 from error


def pdf_response(file: Any, name: str) -> FileResponse:
    response = FileResponse(file, as_attachment=True, filename=safe_name(name), content_type="application/pdf")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


class RevokeView(ActionView):
    """Revoke a personal link."""

    model = OfferLink
    permission_required = DECIDE
    question = gettext_lazy("Revoke the personal link?")
    submit_label = gettext_lazy("Revoke")
    success_message = gettext_lazy("The link was revoked.")
    danger = True

    def get_queryset(self) -> QuerySet[Any]:
        return links_for(self.user)

    def get_permission_object(self) -> Any:
        return self.object.version.offer

    def get_effects(self) -> list[Any]:
        return [_("%(address)s can no longer read or answer the offer with it.") % {"address": self.object.email}]

    def perform(self) -> None:
        link_revoke(link=self.object)


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
