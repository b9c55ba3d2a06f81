"""The contact's page with its tabs, and the contacts tab and panel of the customer's page."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from core import registry
from core.document_views import DocumentsOf, DocumentsTab
from core.history import history_of
from core.permissions import allowed
from core.tabs import PanelMixin, TabView, tabs_of
from customers.models import Consent, Contact, ContactClassification, ContactPoint, Customer, Position
from customers.selectors.contacts import consents_in_force, decision_structure, positions_of
from customers.tables import email, phone
from customers.views.tabs import CustomerMixin, CustomerTabView, call_action, compose_url

PLACE = "contact"


class ContactTabView(TabView):
    model = Contact
    permission_required = "customers.view_contact"
    template_name = "customers/contacts/page.html"
    place = PLACE

    def get_queryset(self) -> Any:
        return Contact.objects.visible_to(self.user).with_current(self.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = allowed(self.user, "customers.edit_contact", self.object)
        return super().get_context_data(may_edit=may_edit, **kwargs)

    def get_page_context(self) -> dict[str, Any]:
        return contact_page_context(self.object, self.user, self.tab)


def contact_page_context(contact: Any, user: Any, tab: str) -> dict[str, Any]:
    """Return the context of the page around a contact's tabs. ``contact`` is read ``with_current`` positions."""
    return {
        "title": str(contact),
        "tabs": tabs_of(PLACE, contact, user, tab),
        "phone": phone(contact),
        "email": email(contact),
        "primary_action": _log_action(contact, user),
        "secondary_actions": _actions(contact, user),
    }


def _log_action(contact: Contact, user: Any) -> dict[str, Any] | None:
    if not user.has_perm("activities.log_activity"):
        return None
    try:
        url = reverse("activities:create")
    except NoReverseMatch:
        return None
    return {"label": _("Log"), "url": f"{url}?contact={contact.pk}", "icon": "plus", "dialog": True}


def _actions(contact: Contact, user: Any) -> list[dict[str, Any]]:
    url = compose_url(user, contact=contact.pk) if email(contact) else ""
    write = [{"label": _("E-mail"), "url": url, "icon": "mail"}] if url else []
    if number := phone(contact):
        write.insert(0, call_action(user, number, f"contact={contact.pk}&next={contact.get_absolute_url()}"))
    if not allowed(user, "customers.edit_contact", contact):
        return write
    edit, position = (reverse(f"customers:{name}", args=[contact.pk]) for name in ("contact_edit", "position_add"))
    return [
        *write,
        {"label": _("Edit"), "url": edit, "icon": "pencil", "dialog": True},
        {"label": _("Add position"), "url": position, "icon": "briefcase", "dialog": True},
    ]


class ContactOverviewView(ContactTabView):
    tab = "overview"
    content_template = "customers/contacts/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        positions = list(positions_of(self.object, self.user))
        return {
            **registry.placed_panels(PLACE, self.user, self.object),
            "phone": phone(self.object),
            "email": email(self.object),
            "positions": [row for row in positions if row.is_current],
            "earlier": [row for row in positions if not row.is_current],
            "consents": consents_in_force(self.object),
            "consent_history": self.object.consents.select_related("recorded_by").order_by("-given_on", "-pk")[:50],
        }


class ContactDocuments(DocumentsOf):
    model = Contact
    permission_required = "customers.attach_to_contact"
    tab_url = "customers:contact_documents"


class ContactDocumentsView(DocumentsTab, ContactTabView):
    documents = ContactDocuments


class ContactHistoryView(ContactTabView):
    tab = "history"
    content_template = "generic/history.html#history"
    models = (ContactPoint, Position, Consent, ContactClassification)

    def get_tab_context(self) -> dict[str, Any]:
        return {"entries": history_of(self.object, self.models, viewer=self.user)}


class CustomerContactsView(CustomerTabView):
    """Show the customer's current contacts by role, and earlier ones."""

    tab = "contacts"
    content_template = "customers/contacts/of_customer.html"

    def get_tab_context(self) -> dict[str, Any]:
        earlier = self.object.positions.exclude(pk__in=self.object.positions.current())
        return {
            "groups": decision_structure(self.object),
            "earlier": earlier.select_related("contact", "role").order_by("-end", "pk")[:50],
            "may_add": not self.object.is_passive and allowed(self.user, "customers.edit_contact"),
        }


class DecisionsPanel(PanelMixin, CustomerMixin, TemplateView):
    """The decision structure on the customer's overview."""

    template_name = "customers/contacts/decisions.html"
    fragment = "decisions"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer, groups = self.object, decision_structure(self.object)
        positions: list[Any] = [position for group in groups for position in group.positions]
        for position in positions:
            position.actions = [] if customer.is_passive else reach_actions(self.user, position.contact, customer)
        may_add = not customer.is_passive and allowed(self.user, "customers.edit_contact")
        return super().get_context_data(
            title=str(customer), customer=customer, groups=groups, may_add=may_add, **kwargs
        )


def reach_actions(user: Any, contact: Contact, customer: Customer) -> list[dict[str, Any]]:
    """Return the actions that call and write to a contact of the customer from the customer's page."""
    number, url = phone(contact), compose_url(user, contact=contact.pk, customer=customer.pk)
    call = call_action(user, number, f"contact={contact.pk}&customer={customer.pk}") if number else None
    write = {"label": _("E-mail"), "url": url, "icon": "mail"} if url and email(contact) else None
    return [action for action in (call, write) if action]


def contacts_count(user: Any, customer: Customer) -> int:
    """Return the number of current contacts for the tab."""
    return customer.positions.current().count()
