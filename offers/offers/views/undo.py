"""The undo of an offer's last step, offered in the message about the step."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from core.exceptions import BusinessRuleError
from core.notices import said
from core.parameters import TextField
from core.views import redirect, safe_next_url
from offers.offers.models import Offer
from offers.offers.services.undo import offer_step_undo
from offers.offers.views.offers import OfferMixin


def step_undo_url(offer: Offer, back: str = "") -> str:
    """Return the address that a POST undoes the offer's last step at, and returns to ``back``."""
    last = offer.status_changes.first()
    query = {"change": str(last.pk) if last else ""} | ({"next": back} if back else {})
    return f"{reverse('offers:step_undo', args=[offer.pk])}?{urlencode(query)}"


class StepUndoView(OfferMixin, View):
    """POST: undo the user's own recent step, if the offer has taken no other since."""

    permission_required = "offers.decide_offer"
    parameters = {"change": TextField(), "next": TextField()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            offer_step_undo(offer=self.object, user=self.user, change=request.GET.get("change", ""))
            said(request, _("%(what)s is as it was before.") % {"what": self.object})
        except BusinessRuleError as error:
            messages.error(request, str(error))
        back = safe_next_url(request, request.GET.get("next", ""))
        return redirect(request, back or self.object.get_absolute_url())
