"""Deciding an offer: lost, opened again, accepted on behalf of the customer; and many offers to another person."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.views import ObjectFormView, ServiceFormView
from offers.enums import OfferStatus
from offers.forms.offers import AcceptForm, BulkOwnerForm, LoseForm, ReopenForm
from offers.models import Offer, Order
from offers.services.acceptance import offer_accept
from offers.services.handing import OffersGiven, offers_give
from offers.services.status import offer_lose, offer_reopen
from offers.views.offers import OfferMixin


class OfferStepView(OfferMixin, ObjectFormView):
    """A form that moves one offer on."""

    permission_required = "offers.decide_offer"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"offer": self.object}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(intro=f"{self.object} · {self.object.customer}", **kwargs)


class LoseView(OfferStepView):
    form_class = LoseForm
    title = gettext_lazy("The offer was lost")
    submit_label = gettext_lazy("Mark as lost")
    success_message = gettext_lazy("The offer was marked as lost.")

    def perform(self, form: LoseForm) -> Offer:
        user: Any = self.request.user
        return offer_lose(offer=self.object, user=user, **form.cleaned_data)


class ReopenView(OfferStepView):
    """Back into preparation: a lost offer, or one that has been sent."""

    form_class = ReopenForm
    submit_label = gettext_lazy("Prepare again")
    success_message = gettext_lazy("The offer is being prepared again.")

    @property
    def title(self) -> str:
        is_lost = self.object.status == OfferStatus.LOST
        return _("Take the lost offer up again") if is_lost else _("Prepare the sent offer again")

    def perform(self, form: ReopenForm) -> Offer:
        user: Any = self.request.user
        return offer_reopen(offer=self.object, user=user, reason=form.cleaned_data["reason"])


class AcceptView(OfferStepView):
    """The customer has accepted by phone, by e-mail, on paper: an order is made of the offer."""

    form_class = AcceptForm
    title = gettext_lazy("The customer accepted")
    submit_label = gettext_lazy("Make the order")
    success_message = gettext_lazy("The offer was accepted: this is its order.")

    def perform(self, form: AcceptForm) -> Order:
        user: Any = self.request.user
        return offer_accept(offer=self.object, user=user, **form.cleaned_data)


class BulkOwnerView(ServiceFormView):
    """Give the ticked offers to another account manager: the first POST asks to whom, the second does it."""

    form_class = BulkOwnerForm
    template_name = "generic/confirm.html"
    permission_required = "offers.add_offer"
    http_method_names = ["post"]
    submit_label = gettext_lazy("Change account manager")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "owner" in request.POST:
            return super().post(request, *args, **kwargs)
        return self.render_to_response(self.get_context_data(form=BulkOwnerForm()))

    @cached_property
    def ids(self) -> list[int]:
        asked = self.request.POST.getlist("ids")[:1_000]
        return sorted({int(pk) for pk in asked if pk.isascii() and pk.isdigit() and len(pk) < 19})

    @property
    def title(self) -> str:
        count = len(self.ids)
        text = ngettext("New account manager for %(count)d offer", "New account manager for %(count)d offers", count)
        return text % {"count": count}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form_action = reverse("offers:bulk_owner")
        return super().get_context_data(ids=self.ids, form_action=form_action, **kwargs)

    def get_cancel_url(self) -> str:
        return reverse("offers:list")

    get_success_url = get_cancel_url

    def perform(self, form: BulkOwnerForm) -> OffersGiven:
        user, owner = self.request.user, form.cleaned_data["owner"]
        given = offers_give(offer_ids=self.ids, owner=owner, user=user)  # type: ignore[arg-type]
        self.success_message = given_text(given, owner)
        return given


def given_text(given: OffersGiven, owner: Any) -> str:
    """What came of it, in a sentence or two."""
    text = ngettext(
        "%(count)d offer was given to %(user)s.", "%(count)d offers were given to %(user)s.", given.given
    ) % {"count": given.given, "user": owner}
    if given.left:
        text += " " + ngettext(
            "%(count)d was left as it is: decided, or not yours to change.",
            "%(count)d were left as they are: decided, or not yours to change.",
            given.left,
        ) % {"count": given.left}
    return text
