"""Where offers and their approvals show on other pages: navigation, tabs, panels, search, commands, notifications."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import registry

VIEW = "offers.view_offer"


def register() -> None:
    _register_navigation()
    _register_settings()
    _register_tabs()
    _register_panels()
    _register_in_search()
    _register_notifications()
    _register_product_use()


def _register_navigation() -> None:
    entries: tuple[tuple[Any, ...], ...] = (
        ("offers", gettext_lazy("Offers"), "offers:list", VIEW, "file-invoice", 50, _own_open),
        (
            "offer_approvals",
            gettext_lazy("Approvals"),
            "offers:approval_queue",
            "offers.approve_offer",
            "checks",
            52,
            _waiting,
        ),
    )
    for name, label, url_name, permission, icon, order, count in entries:
        entry: dict[str, Any] = {"name": name, "label": label, "url_name": url_name, "permission": permission}
        registry.nav.add("main", registry.NavItem(**entry, icon=icon, order=order, count=count))
        registry.commands.add("top", registry.Command(**entry, icon=icon, order=order))


def _register_settings() -> None:
    entry: dict[str, Any] = {
        "name": "offer_settings",
        "label": gettext_lazy("Settings of offers"),
        "url_name": "offers:settings",
        "permission": "offers.edit_settings",
        "icon": "settings",
        "order": 940,
    }
    registry.nav.add("main", registry.NavItem(**entry, section="admin"))
    keywords = "alv vat verokanta yksiköt units hävityn syyt lost logo iban"
    registry.commands.add("top", registry.Command(**entry, keywords=keywords))


def _own_open(user: Any) -> str | None:
    from offers.selectors_offers import own_open_count

    return _figure(*own_open_count(user))


def _waiting(user: Any) -> str | None:
    from offers.selectors_approvals import waiting_count

    return _figure(*waiting_count(user))


def _figure(count: int, more: bool) -> str | None:
    return f"{count}+" if more else str(count) if count else None


def _register_tabs() -> None:
    for name, label, order in (
        ("overview", gettext_lazy("Overview"), 10),
        ("activities", gettext_lazy("Activities"), 20),
        ("documents", gettext_lazy("Documents"), 900),
        ("history", gettext_lazy("History"), 990),
    ):
        url_name = "offers:detail" if name == "overview" else f"offers:{name}"
        registry.tabs.add(
            "offer", registry.Tab(name=name, label=label, url_name=url_name, permission=VIEW, order=order)
        )


def _register_panels() -> None:
    registry.panels.add(
        "offer",
        registry.Panel(
            name="approvals",
            label=gettext_lazy("Approvals"),
            url_name="offers:approvals",
            permission=VIEW,
            order=20,
            aside=True,
        ),
    )
    registry.panels.add(
        "activity",
        registry.Panel(
            name="offers",
            label=gettext_lazy("Offers"),
            url_name="offers:activity_offers",
            permission="offers.show_offers",
            order=30,
            aside=True,
        ),
    )


def _register_in_search() -> None:
    registry.searches.add(
        "top", registry.SearchSource(name="offers", label=gettext_lazy("Offers"), find=find_offers, order=25)
    )
    registry.commands.add(
        "top",
        registry.Command(
            name="new_offer",
            label=pgettext_lazy("command", "New offer"),
            url_name="offers:create",
            permission="offers.add_offer",
            icon="plus",
            order=31,
        ),
    )


def find_offers(user: Any, text: str, limit: int) -> list[registry.SearchHit]:
    """Return the newest offers that ``text`` means, with customer and status."""
    from offers.models import Offer

    found = Offer.objects.visible_to(user).search(text).select_related("customer").order_by("-date", "-pk")
    return [
        registry.SearchHit(
            str(row), f"{row.customer} · {row.get_status_display()}", row.get_absolute_url(), "file-invoice"
        )
        for row in found[:limit]
    ]


def _register_notifications() -> None:
    for name, label, text in (
        ("approval_asked", gettext_lazy("Offers that wait for my approval"), _asked),
        ("offer_approved", gettext_lazy("My offers that were approved"), _approved),
        ("offer_sent_back", gettext_lazy("My offers that were sent back"), _sent_back),
    ):
        registry.notifications.add(
            "user",
            registry.NotificationKind(name=name, label=label, text=text, icon="checks", by_email=True, order=60),
        )


def _asked(data: dict[str, Any]) -> str:
    return _("%(user)s asks for your approval: %(number)s %(title)s (%(customer)s)") % data


def _approved(data: dict[str, Any]) -> str:
    return _("%(number)s %(title)s (%(customer)s) has been approved: it can be sent.") % data


def _sent_back(data: dict[str, Any]) -> str:
    return _("%(user)s sent back %(number)s %(title)s (%(customer)s): %(comment)s") % data


def _register_product_use() -> None:
    from offers import product_uses
    from offers.selectors_offers import is_offered, offers_with_product

    product_uses.uses.append(
        product_uses.ProductUse(label=gettext_lazy("In offers"), count=offers_with_product, is_used=is_offered)
    )
