"""Decisions on an offer: lose and reopen; and the reassignment of several offers."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from core.bulk import BulkFormView
from core.views import ObjectFormView
from offers.offers.enums import OfferStatus
from offers.offers.forms.offers import BulkOwnerForm, LoseForm, ReopenForm
from offers.offers.models import Offer
from offers.offers.services.offers import Reassigned, offers_reassign
from offers.offers.services.status import offer_lose, offer_reopen
from offers.offers.views.offers import OfferMixin


class OfferStepView(OfferMixin, ObjectFormView):
    """A form that moves one offer to another status."""

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
        return offer_lose(offer=self.object, user=self.user, **form.cleaned_data)


class ReopenView(OfferStepView):
    """Reopen a lost or sent offer."""

    form_class = ReopenForm
    submit_label = pgettext_lazy("offer step", "Reopen")
    success_message = gettext_lazy("The offer was reopened.")

    @property
    def title(self) -> str:
        is_lost = self.object.status == OfferStatus.LOST
        return _("Reopen the lost offer") if is_lost else _("Reopen the sent offer")

    def perform(self, form: ReopenForm) -> Offer:
        return offer_reopen(offer=self.object, user=self.user, reason=form.cleaned_data["reason"])


class BulkOwnerView(BulkFormView):
    """Assign the selected offers to another account manager."""

    form_class = BulkOwnerForm
    confirm_field, max_rows = "owner", 1_000
    permission_required = "offers.add_offer"
    submit_label = gettext_lazy("Change account manager")

    @property
    def title(self) -> str:
        count = len(self.ids)
        text = ngettext("New account manager for %(count)d offer", "New account manager for %(count)d offers", count)
        return text % {"count": count}

    def get_cancel_url(self) -> str:
        return reverse("offers:list")

    get_success_url = get_cancel_url

    def perform(self, form: BulkOwnerForm) -> Reassigned:
        user, owner = self.user, form.cleaned_data["owner"]
        result = offers_reassign(offer_ids=self.ids, owner=owner, user=user)
        self.success_message = reassigned_text(result, owner)
        return result


def reassigned_text(result: Reassigned, owner: Any) -> str:
    """Return the result in one or two sentences."""
    text = ngettext(
        "%(count)d offer was assigned to %(user)s.", "%(count)d offers were assigned to %(user)s.", result.changed
    ) % {"count": result.changed, "user": owner}
    if result.skipped:
        text += " " + ngettext(
            "%(count)d was not changed: it has been decided, or you may not change it.",
            "%(count)d were not changed: they have been decided, or you may not change them.",
            result.skipped,
        ) % {"count": result.skipped}
    return text
