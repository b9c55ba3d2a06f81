"""The customer's page: the head, and the tabs that apps register at the place ``customer`` (``core.registry.tabs``)."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import registry
from core.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf, DocumentsTab
from core.history import history_of
from core.permissions import allowed
from core.tabs import TabView, tabs_of
from core.views import VisibleObjectMixin
from customers.models import (
    Address,
    Customer,
    CustomerClassification,
    CustomerNumber,
    Favourite,
    Position,
    Responsibility,
)
from customers.selectors.segments import present_memberships
from customers.tables import segment_letter

PLACE = "customer"


class CustomerMixin(VisibleObjectMixin):
    """A page of one customer that the user can see, with the data of its head."""

    model = Customer
    permission_required = "customers.view_customer"

    def get_queryset(self) -> Any:
        customers: Any = super().get_queryset()
        return customers.with_summary().select_related("parent")


class CustomerTabView(CustomerMixin, TabView):
    template_name = "customers/detail.html"
    place = PLACE

    def get_page_context(self) -> dict[str, Any]:
        return page_context(self.object, self.user, self.tab)


def page_context(customer: Customer, user: Any, tab: str) -> dict[str, Any]:
    """Return the context of the page around the tabs: title, tabs, segment, favourite and actions."""
    return {
        "title": str(customer),
        "tabs": tabs_of(PLACE, customer, user, tab),
        "segment_letter": segment_letter(customer),
        "is_favourite": Favourite.objects.filter(user=user, customer=customer).exists(),
        "primary_action": _log_action(customer, user),
        "secondary_actions": _actions(customer, user),
        "more_actions": _more_actions(customer, user),
    }


def _log_action(customer: Customer, user: Any) -> dict[str, Any] | None:
    if customer.is_passive or not user.has_perm("activities.log_activity"):
        return None
    try:
        url = reverse("activities:create")
    except NoReverseMatch:
        return None
    return {
        "label": _("Log a visit"),
        "url": f"{url}?type=visit&customer={customer.pk}",
        "icon": "door-enter",
        "dialog": True,
    }


def _actions(customer: Customer, user: Any) -> list[dict[str, Any]]:
    """Return the actions of the head that the user may take now."""
    offered = (
        (
            "customers.set_active",
            customer.is_passive,
            pgettext("customer", "Activate"),
            "customers:set_active",
            "refresh",
        ),
        ("customers.edit_customer", True, _("Edit"), "customers:edit", "pencil"),
    )
    return _contact_actions(customer, user) + [
        {"label": label, "url": reverse(url_name, args=[customer.pk]), "icon": icon, "dialog": icon != "pencil"}
        for rule, shown, label, url_name, icon in offered
        if shown and allowed(user, rule, customer)
    ]


def _more_actions(customer: Customer, user: Any) -> list[dict[str, Any]]:
    """Return the actions that are rare or cannot be undone with one press, for the menu behind ⋯."""
    offered = (
        ("customers.edit_customer", _("Change owner"), "customers:owner", "user-check"),
        ("customers.set_passive", pgettext("customer", "Deactivate"), "customers:set_passive", "archive"),
    )
    return [
        {"label": label, "url": reverse(url_name, args=[customer.pk]), "icon": icon, "dialog": True}
        for rule, label, url_name, icon in offered
        if allowed(user, rule, customer)
    ]


def _contact_actions(customer: Customer, user: Any) -> list[dict[str, Any]]:
    """Return actions to call and e-mail an active customer."""
    if customer.is_passive:
        return []
    call = call_action(user, customer.phone, f"customer={customer.pk}")
    url = compose_url(user, customer=customer.pk) or (f"mailto:{customer.email}" if customer.email else "")
    write = {"label": _("E-mail"), "url": url, "icon": "mail"}
    return [call] * bool(customer.phone) + [write] * bool(url)


def call_action(user: Any, number: str, about: str) -> dict[str, Any]:
    """Return the button that calls a number and opens the log of the call, for users who log activities."""
    action = {"label": pgettext("button", "Call"), "url": f"tel:{number.replace(' ', '')}", "icon": "phone"}
    if not user.has_perm("activities.log_activity"):
        return action
    try:
        url = reverse("activities:create")
    except NoReverseMatch:
        return action
    return {**action, "log_url": f"{url}?type=call&quick=1&{about}"}


def compose_url(user: Any, **about: int) -> str:
    """Return the URL for writing an e-mail, or an empty string."""
    try:
        url = reverse("mail:compose", query=about)
    except NoReverseMatch:
        return ""
    return url if allowed(user, "mail.send_email") else ""


class OverviewView(CustomerTabView):
    """The overview tab with the panels that apps register at the place ``customer``, each loaded by its URL."""

    tab = "overview"
    content_template = "customers/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        user = self.user
        return {**registry.placed_panels(PLACE, user, self.object), **basics_context(self.object, user)}


def basics_context(customer: Customer, user: Any) -> dict[str, Any]:
    """Return the context of the basics box: responsible persons, numbers, and edit permission."""
    responsibilities = Responsibility.objects.filter(customer=customer).select_related("user")
    may_edit = allowed(user, "customers.edit_customer", customer)
    classifies = user.has_perm("customers.classify_any_customer")
    return {
        "responsibilities": responsibilities.current(),
        "numbers": customer.numbers.order_by("system"),
        "may_edit": may_edit,
        "may_classify": may_edit or (classifies and allowed(user, "customers.classify_customer", customer)),
    }


class DetailsView(CustomerTabView):
    """The contact details tab: addresses, phone, e-mail, web, numbers in other systems, responsible persons."""

    tab = "details"
    content_template = "customers/details.html"

    def get_queryset(self) -> Any:
        return (
            super()
            .get_queryset()
            .prefetch_related(
                "addresses",
                Prefetch("numbers", CustomerNumber.objects.order_by("system")),
                Prefetch("responsibilities", Responsibility.objects.select_related("user")),
            )
        )

    def get_tab_context(self) -> dict[str, Any]:
        return {
            "may_edit": allowed(self.user, "customers.edit_customer", self.object),
            "subsidiaries": self.object.subsidiaries.visible_to(self.user).order_by("sort_key")[:50],
        }


class CustomerDocuments(DocumentsOf):
    model = Customer
    permission_required = "customers.attach_to_customer"
    tab_url = "customers:documents"


class DocumentsView(DocumentsTab, CustomerTabView):
    documents = CustomerDocuments


class CustomerDocumentAddView(CustomerDocuments, DocumentAddView):
    pass


class CustomerDocumentRemoveView(CustomerDocuments, DocumentRemoveView):
    pass


class HistoryView(CustomerTabView):
    """The history tab of the customer and its related records."""

    tab = "history"
    content_template = "generic/history.html#history"
    models = (Address, CustomerNumber, Responsibility, Position, CustomerClassification)

    def get_tab_context(self) -> dict[str, Any]:
        models = (*self.models, present_memberships().model, *registry.declared("CUSTOMER_HISTORY"))
        return {"entries": history_of(self.object, models, viewer=self.user)}
