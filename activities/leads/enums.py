"""Statuses of activities and what may follow what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LEAD = "lead"


class LeadState(models.TextChoices):
    UNTAKEN = "untaken", _("untaken")
    TAKEN = "taken", _("taken up")
    CUSTOMER = "customer", _("became a potential customer")
    OFFER = "offer", pgettext_lazy("lead", "became an offer")
    CLOSED = "closed", pgettext_lazy("lead", "closed")


#: A taken lead is returned by making it untaken again. It becomes an offer by an offer being made of it.
LEAD_TRANSITIONS: dict[LeadState, tuple[LeadState, ...]] = {
    LeadState.UNTAKEN: (LeadState.TAKEN, LeadState.OFFER, LeadState.CLOSED),
    LeadState.TAKEN: (LeadState.CUSTOMER, LeadState.OFFER, LeadState.UNTAKEN, LeadState.CLOSED),
    LeadState.CUSTOMER: (LeadState.OFFER, LeadState.CLOSED),
    LeadState.OFFER: (),
    LeadState.CLOSED: (LeadState.UNTAKEN,),
}


#: What the API's schema calls these.
SCHEMA_NAMES = {"LeadStateEnum": LeadState}
