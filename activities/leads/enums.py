"""States of leads and the transitions between them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LEAD = "lead"


class LeadState(models.TextChoices):
    UNASSIGNED = "untaken", _("unassigned")
    CLAIMED = "taken", _("claimed")
    CUSTOMER = "customer", _("became a potential customer")
    OFFER = "offer", pgettext_lazy("lead", "became an offer")
    CLOSED = "closed", pgettext_lazy("lead", "closed")


#: A claimed lead is returned by making it unassigned again. Making an offer of a lead turns it into an offer.
LEAD_TRANSITIONS: dict[LeadState, tuple[LeadState, ...]] = {
    LeadState.UNASSIGNED: (LeadState.CLAIMED, LeadState.OFFER, LeadState.CLOSED),
    LeadState.CLAIMED: (LeadState.CUSTOMER, LeadState.OFFER, LeadState.UNASSIGNED, LeadState.CLOSED),
    LeadState.CUSTOMER: (LeadState.OFFER, LeadState.CLOSED),
    LeadState.OFFER: (),
    LeadState.CLOSED: (LeadState.UNASSIGNED,),
}


#: The names of these enums in the API's schema.
SCHEMA_NAMES = {"LeadStateEnum": LeadState}
