"""Links to the customer's edition: making and revoking them; the page that they open, and its PDF."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activities.mail.mime.compose import language_for
from activities.mail.models import EmailTemplate
from activities.mail.recipients import resolve_known
from careplans.content.edition import is_in_one_language, shown
from careplans.content.forms import LinkForm
from careplans.content.mail_forms import LinkMailForm, addresses_of, letter_texts
from careplans.content.models import EditionLink
from careplans.content.pdf import edition_pdf
from careplans.content.services.links import (
    READABLE,
    LinkState,
    link_accept,
    link_comment,
    link_make,
    link_of,
    link_opened,
    link_revoke,
    name_known,
    state_of,
)
from careplans.content.services.mailing import links_send
from careplans.content.views.tab import EDIT_ROW, OnContentMixin, pdf_answer
from careplans.plans.views.tab import EDIT
from core.exceptions import BusinessRuleError
from core.numbers import parse_id
from core.personal_links import PersonalLinkView
from core.views import ActionView, ObjectFormView
from customers.models import Customer

STATUSES = {LinkState.REVOKED: 410, LinkState.ENDED: 410}


class LinkMakeView(OnContentMixin, ObjectFormView):
    """Make a link for a contact; the page of the plan then shows its address."""

    model = Customer
    permission_required = EDIT
    form_class = LinkForm
    title = gettext_lazy("Link to the customer's edition")
    submit_label = gettext_lazy("Make the link")
    success_message = gettext_lazy("The link is ready: copy it from the page and send it to the contact.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"customer": self.object}

    def perform(self, form: Any) -> EditionLink:
        data = {name: form.cleaned_data[name] for name in ("contact", "language", "days")}
        return link_make(customer=self.object, user=self.user, **data)

    def get_success_url(self) -> str:
        return f"{super().get_success_url()}#edition"


class LinkSendView(OnContentMixin, ObjectFormView):
    """Mail the link to contacts. With ``fill`` the form comes back with the text of the language and template."""

    model = Customer
    permission_required = "carecontent.send_link"
    form_class = LinkMailForm
    template_name = "carecontent/send.html"
    title = gettext_lazy("Send the customer's edition")
    submit_label = gettext_lazy("Send")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("summary__owner")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"customer": self.object, "user": self.user}

    def get_initial(self) -> dict[str, Any]:
        values = [one.value for one in addresses_of(self.object, self.user)]
        contacts = [one.contact for one in resolve_known(values[:1], self.user)]
        language = language_for(contacts[0] if contacts else None)
        texts = letter_texts(self.object, self.user, language, None)
        return {"language": language, "to": values if len(values) == 1 else [], **texts}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._filled() if "fill" in request.POST else super().post(request, *args, **kwargs)

    def _filled(self) -> HttpResponse:
        form = self.get_form()
        content = {name: form[name].value() for name in form.fields}
        language = "en" if content["language"] == "en" else "fi"
        templates = EmailTemplate.objects.visible_to(self.user).in_use()
        template = templates.filter(pk=parse_id(content["template"]) or 0).first()
        content |= letter_texts(self.object, self.user, language, template)
        kwargs = self.get_form_kwargs() | {"initial": content, "data": None, "files": None}
        return self.render_to_response(self.get_context_data(form=self.form_class(**kwargs)))

    def perform(self, form: LinkMailForm) -> Customer:
        links = links_send(customer=self.object, user=self.user, **form.content())
        text = ngettext(
            "The link is being sent to %(count)d contact.", "Links are being sent to %(count)d contacts.", len(links)
        )
        self.success_message = text % {"count": len(links)}
        customer: Customer = self.object
        return customer


class LinkRevokeView(ActionView):
    model = EditionLink
    permission_required = EDIT_ROW
    question = gettext_lazy("Revoke the personal link?")
    submit_label = gettext_lazy("Revoke")
    success_message = gettext_lazy("The link was revoked.")
    danger = True

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("customer", "contact")

    def get_effects(self) -> list[Any]:
        return [_("%(contact)s can no longer read or accept the plan with it.") % {"contact": self.object}]

    def perform(self) -> None:
        link_revoke(link=self.object)


class PublicMixin(PersonalLinkView):
    """What the page and its PDF have in common."""

    kind = "plan-edition"
    template_name = "carecontent/public.html"

    def find(self, secret: str) -> EditionLink | None:
        return link_of(secret)

    def answer(self, request: HttpRequest, row: EditionLink) -> HttpResponse:
        """Serve the edition in the reader's language; one that was stored in one language is wholly in that."""
        with translation.override(row.language if is_in_one_language(row.content) else translation.get_language()):
            return self.served(request, row)

    def served(self, request: HttpRequest, row: EditionLink) -> HttpResponse:
        raise NotImplementedError


class PublicView(PublicMixin):
    """GET shows the edition, POST comments on it or accepts it."""

    def served(self, request: HttpRequest, row: EditionLink) -> HttpResponse:
        state = state_of(row)
        if request.method == "POST" and state in READABLE:
            return self._answered(request, row)
        if request.method == "GET" and state in READABLE:
            link_opened(row)
        return self._shown(row, state, STATUSES.get(state, 200))

    def _answered(self, request: HttpRequest, link: EditionLink) -> HttpResponse:
        name, text = request.POST.get("name", ""), request.POST.get("comment", "")
        typed = {"name": name, "comment": text}
        try:
            if request.POST.get("step") == "accept":
                link_accept(link=link, name=name)
            else:
                link_comment(link=link, name=name, text=text)
        except BusinessRuleError as error:
            # Somebody else may have answered meanwhile.
            now = EditionLink.objects.select_related("customer", "contact").get(pk=link.pk)
            state = state_of(now)
            return self._shown(now, state, STATUSES.get(state, 422), error=str(error), typed=typed)
        return HttpResponseRedirect(request.get_full_path())

    def _shown(self, link: EditionLink, state: LinkState, status: int, **about: Any) -> HttpResponse:
        if state not in READABLE:
            return self.page(state.value, status)
        context = {"link": link, "edition": shown(link.content), "comments": link.comments.all()}
        context["typed"] = {"name": name_known(link)}
        if is_in_one_language(link.content):
            context["languages"] = ()
        return self.page(state.value, status, secret=self.kwargs["secret"], **context | about)


class PublicPdfView(PublicMixin):
    """The edition as a PDF, while the page shows it."""

    def served(self, request: HttpRequest, row: EditionLink) -> HttpResponse:
        if request.method == "POST":
            return HttpResponse(status=405)
        if state_of(row) not in READABLE:
            raise Http404
        name = slugify(_("Our plan with you"))
        return pdf_answer(edition_pdf(row.content, translation.get_language()), f"{name}.pdf")
