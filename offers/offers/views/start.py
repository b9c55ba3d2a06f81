"""Panels of the start page about offers: one's own that need something, and those that wait for one's approval."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.start_panels import SHOWN, Content, Figure, Line, StartPanelView
from offers.offers.models import Offer
from offers.offers.selectors import EXPIRES_SOON, own_attention, waiting_for


class OffersPanel(StartPanelView):
    """The user's undecided offers that expire within a week, have expired or wait, that with the first day first."""

    panel = "start_offers"
    permission_required = "offers.view_offer"

    def get_content(self) -> Content:
        url = f"{reverse('offers:list')}?tab=mine&warning=attention"
        first = own_attention(self.user).select_related("customer", "type").order_by("status_since", "pk")[:SHOWN]
        return Content(
            total=Figure("", own_attention(self.user), url),
            url=url,
            lines=[_offer_line(offer) for offer in first],
            empty=_("No offer of yours expires or waits for too long."),
            next_step=self.step(_("New offer"), "offers:create", "offers.add_offer", dialog=True),
        )


def _offer_line(offer: Offer) -> Line:
    reason, day, tone = attention_reason(offer)
    return Line(str(offer), offer.get_absolute_url(), detail=str(offer.customer), fact=reason, at=day, tone=tone)


def attention_reason(offer: Offer) -> tuple[str, dt.date | None, str]:
    """Return why an offer needs something: in words, the day that matters and the tone."""
    if offer.is_expired:
        return _("expired"), offer.valid_until, "late"
    if offer.valid_until and offer.valid_until <= clock.today() + EXPIRES_SOON:
        return _("expires"), offer.valid_until, "warn"
    if offer.expected_close and offer.expected_close < clock.today():
        return _("expected close has passed"), offer.expected_close, "warn"
    days = offer.days_in_status
    if offer.status == "sent":
        text = ngettext("no answer for %(count)d day", "no answer for %(count)d days", days)
    else:
        text = ngettext("%(count)d day in preparation", "%(count)d days in preparation", days)
    return text % {"count": days}, None, "warn"


class ApprovalsPanel(StartPanelView):
    """The approvals that wait for the user, the oldest first."""

    panel = "start_approvals"
    permission_required = "offers.approve_offer"

    def get_content(self) -> Content:
        url = reverse("offers:approval_queue")
        lines = [
            Line(
                str(approval.offer),
                approval.offer.get_absolute_url(),
                detail=f"{approval.offer.customer} · {approval.get_step_display()}",
                fact=str(approval.asked_by or ""),
                at=approval.asked_at,
            )
            for approval in waiting_for(self.user).order_by("asked_at", "pk")[:SHOWN]
        ]
        total = Figure("", waiting_for(self.user), url)
        step = self.step(_("Open offers"), "offers:list", query="tab=open")
        return Content(total=total, url=url, lines=lines, empty=_("No offer waits for your approval."), next_step=step)
