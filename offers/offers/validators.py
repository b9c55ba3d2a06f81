"""Rules of offers that forms, API, imports and services share. Each raises :class:`BusinessRuleError` at its field."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.models import User
from core.exceptions import BusinessRuleError
from customers.models import Contact, Customer
from customers.validators import check_customer_active
from offers.offers.models import Offer, OfferType
from offers.products.lines import LineData


def check_customer(customer: Customer) -> None:
    """``customer_passive``: nothing new is offered or sold to a passive customer (rule 2)."""
    message = _("%(customer)s is passive: nothing can be offered to it.") % {"customer": customer}
    check_customer_active(customer, message, field="customer")


def check_contact(customer: Customer, contact: Contact | None) -> None:
    """``contact_not_of_customer``: an offer goes to somebody who works for its customer."""
    if contact and not contact.positions.filter(customer=customer).exists():
        message = _("%(contact)s does not work for this customer.") % {"contact": contact}
        raise BusinessRuleError("contact_not_of_customer", message, field="contact")


def check_owner(owner: User) -> None:
    """``user_inactive``: who has left gets no new work."""
    if not owner.is_active:
        message = _("%(user)s does not work here any more.") % {"user": owner}
        raise BusinessRuleError("user_inactive", message, field="owner")


def check_type(type: OfferType) -> None:
    """``type_retired``."""
    if type.is_retired:
        raise BusinessRuleError("type_retired", _("This type is not used any more."), field="type")


def check_required(offer: Offer, lines: Sequence[LineData]) -> None:
    """What the type asks for: ``contact_required``, ``expected_close_required``, ``lines_not_allowed``."""
    if offer.type.needs_contact and offer.contact is None:
        raise BusinessRuleError("contact_required", _("Choose the contact to whom it is offered."), field="contact")
    if offer.type.needs_expected_close and offer.expected_close is None:
        message = _("Tell when the customer is expected to decide.")
        raise BusinessRuleError("expected_close_required", message, field="expected_close")
    if offer.type.is_funder_form and lines:
        message = _("An offer on the funder's own form has no lines here: give its value instead.")
        raise BusinessRuleError("lines_not_allowed", message, field="lines")


def check_dates(offer: Offer) -> None:
    """``valid_until_before_date``."""
    if offer.valid_until and offer.valid_until < offer.date:
        message = _("It would expire before its own date.")
        raise BusinessRuleError("valid_until_before_date", message, field="valid_until")
