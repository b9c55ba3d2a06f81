"""Where orders show on other pages: navigation, search, commands, tabs of an order's page, notifications."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import registry
from offers.enums import LinkAnswer, OfferStatus

VIEW = "offers.view_order"


def register() -> None:
    orders: dict[str, Any] = {"name": "orders", "label": gettext_lazy("Orders"), "url_name": "offers:orders"}
    registry.nav.add("main", registry.NavItem(**orders, permission=VIEW, icon="checklist", order=54))
    registry.commands.add("top", registry.Command(**orders, permission=VIEW, icon="checklist", order=54))
    registry.commands.add(
        "top",
        registry.Command(
            name="order_create",
            label=gettext_lazy("New order"),
            url_name="offers:order_create",
            permission="offers.add_order",
            icon="plus",
            order=55,
        ),
    )
    registry.searches.add(
        "top", registry.SearchSource(name="orders", label=gettext_lazy("Orders"), find=find_orders, order=36)
    )
    _register_tabs()
    _register_notifications()
    _register_acceptance()
    _register_product_use()


def _register_acceptance() -> None:
    """Accepting an offer makes an order: its button on the offer's page, and the answer of a personal link."""
    from offers import steps
    from offers.services import acceptance, answers

    steps.PAGES[OfferStatus.ORDER] = steps.StepPage("offers:accept", pgettext_lazy("offer step", "Accepted…"), "check")
    answers.decisions[LinkAnswer.ACCEPTED] = acceptance.accept_by_link


def _register_tabs() -> None:
    """Register the tabs of an order's own page, where later apps add theirs, and the customer's tab."""
    for name, label, url_name, order in (
        ("overview", gettext_lazy("Overview"), "offers:order", 10),
        ("documents", gettext_lazy("Documents"), "offers:order_documents", 900),
        ("history", gettext_lazy("History"), "offers:order_history", 990),
    ):
        entry = registry.Tab(name=name, label=label, url_name=url_name, permission=VIEW, order=order)
        registry.tabs.add("order", entry)
    registry.tabs.add(
        "customer",
        registry.Tab(
            name="offers",
            label=gettext_lazy("Offers and orders"),
            url_name="offers:customer_tab",
            permission="offers.view_offer",
            order=45,
            count=_open_of_customer,
        ),
    )


def _open_of_customer(user: Any, customer: Any) -> int | None:
    """Return how many offers of a customer are open: a figure of its read model, which its page has read."""
    return customer.summary.open_offers or None


def _register_notifications() -> None:
    for name, label, text in (
        ("order_made", pgettext_lazy("notifications", "Offers that became orders"), _made),
        ("order_to_deliver", pgettext_lazy("notifications", "Orders given to me to deliver"), _to_deliver),
    ):
        registry.notifications.add(
            "user", registry.NotificationKind(name=name, label=label, text=text, icon="checklist", order=60)
        )


def _made(data: dict[str, Any]) -> str:
    return _("An offer became an order: %(order)s (%(customer)s)") % data


def _to_deliver(data: dict[str, Any]) -> str:
    return _("%(user)s made you responsible for the delivery of %(order)s (%(customer)s)") % data


def find_orders(user: Any, text: str, limit: int) -> list[registry.SearchHit]:
    """Return the newest orders that ``text`` means, with customer, status and day."""
    from offers.models import Order

    found = Order.objects.visible_to(user).select_related("customer").search(text).order_by("-date", "-pk")
    return [registry.SearchHit(str(row), _detail(row), row.get_absolute_url(), "checklist") for row in found[:limit]]


def _detail(order: Any) -> str:
    day = date_format(order.date, "SHORT_DATE_FORMAT")
    return " · ".join(str(part) for part in (order.customer, order.get_status_display(), day))


def _register_product_use() -> None:
    from offers import product_uses
    from offers.selectors_orders import is_ordered, orders_with_product

    product_uses.uses.append(
        product_uses.ProductUse(label=gettext_lazy("In orders"), count=orders_with_product, is_used=is_ordered)
    )
