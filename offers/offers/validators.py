"""Rules of offers for forms, API, imports and services. Each raises :class:`BusinessRuleError` at its field."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.exceptions import BusinessRuleError
from customers.models import Contact, Customer
from customers.validators import check_customer_active
from offers.offers.models import Offer, OfferType
from offers.products.lines import LineData

CUSTOMER_INACTIVE = gettext_lazy("%(customer)s is inactive and cannot be offered anything.")


def check_customer(customer: Customer) -> None:
    """Raise ``customer_passive`` for an inactive customer (rule 2)."""
    check_customer_active(customer, CUSTOMER_INACTIVE % {"customer": customer}, field="customer")


def check_contact(customer: Customer, contact: Contact | None) -> None:
    """Raise ``contact_not_of_customer`` unless the contact works for the customer."""
    if contact and not contact.positions.filter(customer=customer).exists():
        message = _("%(contact)s does not work for this customer.") % {"contact": contact}
        raise BusinessRuleError("contact_not_of_customer", message, field="contact")


def check_owner(owner: User) -> None:
    """Raise ``user_inactive`` for a user who has left."""
    if not owner.is_active:
        message = _("%(user)s does not work here any more.") % {"user": owner}
        raise BusinessRuleError("user_inactive", message, field="owner")


def check_type(type: OfferType) -> None:
    """Raise ``type_retired`` for a retired type."""
    if type.is_retired:
        raise BusinessRuleError("type_retired", _("This type is no longer in use."), field="type")


def check_required(offer: Offer, lines: Sequence[LineData]) -> None:
    """Check the type's requirements: ``contact_required``, ``expected_close_required``, ``lines_not_allowed``."""
    if offer.type.needs_contact and offer.contact is None:
        raise BusinessRuleError("contact_required", _("Choose the contact who receives the offer."), field="contact")
    if offer.type.needs_expected_close and offer.expected_close is None:
        message = _("Enter the expected close date.")
        raise BusinessRuleError("expected_close_required", message, field="expected_close")
    if offer.type.is_funder_form and lines:
        message = _("An offer on the funder's own form has no lines here. Enter its value instead.")
        raise BusinessRuleError("lines_not_allowed", message, field="lines")


def check_dates(offer: Offer) -> None:
    """Raise ``valid_until_before_date`` when the offer would expire before its date."""
    if offer.valid_until and offer.valid_until < offer.date:
        message = _("The offer cannot expire before its own date.")
        raise BusinessRuleError("valid_until_before_date", message, field="valid_until")
