"""Offers and approvals on other pages: navigation, tabs, panels, search, commands, notifications."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.first_steps import FirstStep
from core.recent import RecordKind
from core.registry import Command, NavItem, NotificationKind, Panel, SearchHit, SearchSource, Tab
from offers.offers.bulk import ExportOffers, OwnerOperation
from offers.offers.conditions import CONDITION_FIELDS, CONDITION_PRESETS, CONDITION_REFERENCES  # noqa: F401 - declared
from offers.offers.inline import OFFER
from offers.offers.metrics import METRIC_SOURCES, METRICS  # noqa: F401 - declared
from offers.offers.models import Offer
from offers.offers.page_commands import offer_subject, page_commands
from offers.offers.selectors import is_offered, offers_with_product, own_attention, waiting_for
from offers.offers.services.links import link_fill
from offers.offers.services.sending import LINK
from offers.products.selectors import ProductUse

VIEW = "offers.view_offer"


def find_offers(user: Any, text: str, limit: int) -> list[SearchHit]:
    """Return the newest offers that match ``text``, with customer and status."""
    offers = Offer.objects.visible_to(user).search(text, brief=True).select_related("customer").order_by("-date", "-pk")
    return [
        SearchHit(
            str(offer), f"{offer.customer} · {offer.get_status_display()}", offer.get_absolute_url(), "file-invoice"
        )
        for offer in offers[:limit]
    ]


def _with_comment(text: str, data: dict[str, Any]) -> str:
    return text % data + (f" “{data['comment']}”" if data.get("comment") else "")


def _with_day(text: str, data: dict[str, Any]) -> str:
    return text % (data | {"day": date_format(dt.date.fromisoformat(data["day"]), "SHORT_DATE_FORMAT")})


LISTS = (
    NavItem(
        name="offers",
        label=gettext_lazy("Offers"),
        url_name="offers:list",
        permission=VIEW,
        icon="file-invoice",
        section="sales",
        order=50,
        count=own_attention,
        count_query="tab=mine&warning=attention",
        count_label=gettext_lazy("mine that expire or wait"),
    ),
    NavItem(
        name="offer_approvals",
        label=gettext_lazy("Approvals"),
        url_name="offers:approval_queue",
        permission="offers.approve_offer",
        icon="checks",
        section="sales",
        order=52,
        count=waiting_for,
        count_label=gettext_lazy("waiting for my approval"),
    ),
)

SETTINGS = NavItem(
    name="offer_settings",
    label=gettext_lazy("Offer settings"),
    url_name="offers:settings",
    permission="offers.edit_settings",
    icon="settings",
    section="admin",
    order=940,
)
INLINE = (OFFER,)
PAGE_SUBJECTS = (offer_subject,)
PAGE_COMMANDS = (page_commands,)

NAV = (*LISTS, SETTINGS)

COMMANDS = (
    *(Command.opening(item) for item in LISTS),
    Command.opening(SETTINGS, keywords="alv vat verokanta yksiköt units hävityn syyt lost logo iban"),
    Command(
        name="new_offer",
        label=pgettext_lazy("command", "New offer"),
        url_name="offers:create",
        permission="offers.add_offer",
        icon="plus",
        order=31,
    ),
)

TABS = (
    Tab(
        place="offer",
        name="overview",
        label=gettext_lazy("Overview"),
        url_name="offers:detail",
        permission=VIEW,
        order=10,
    ),
    Tab(
        place="offer",
        name="activities",
        label=gettext_lazy("Activities"),
        url_name="offers:activities",
        permission=VIEW,
        order=20,
    ),
    Tab(
        place="offer",
        name="documents",
        label=gettext_lazy("Documents"),
        url_name="offers:documents",
        permission=VIEW,
        order=900,
    ),
    Tab(
        place="offer",
        name="history",
        label=gettext_lazy("History"),
        url_name="offers:history",
        permission=VIEW,
        order=990,
    ),
)

PANELS = (
    Panel(
        place="start",
        name="start_offers",
        label=gettext_lazy("Offers to follow up"),
        url_name="offers:start_offers",
        permission=VIEW,
        aside=True,
        order=40,
    ),
    Panel(
        place="start",
        name="start_approvals",
        label=gettext_lazy("Waiting for my approval"),
        url_name="offers:start_approvals",
        permission="offers.approve_offer",
        order=41,
    ),
    Panel(
        place="offer",
        name="approvals",
        label=gettext_lazy("Approvals"),
        url_name="offers:approvals",
        permission=VIEW,
        order=20,
        aside=True,
    ),
    Panel(
        place="activity",
        name="offers",
        label=gettext_lazy("Offers"),
        url_name="offers:activity_offers",
        permission="offers.show_offers",
        order=30,
        aside=True,
    ),
    Panel(
        place="offer",
        name="versions",
        label=gettext_lazy("Versions and sending"),
        url_name="offers:versions",
        permission="offers.view_offer",
        order=30,
    ),
)

PRODUCT_USES = (ProductUse(label=gettext_lazy("In offers"), count=offers_with_product, is_used=is_offered),)

SEARCHES = (SearchSource(name="offers", label=gettext_lazy("Offers"), find=find_offers, order=25),)

MESSAGE_FILLERS = (link_fill,)
MESSAGE_FIELDS = ((LINK, gettext_lazy("recipient's personal link in a message that sends one")),)

NOTIFICATIONS = (
    NotificationKind(
        name="approval_asked",
        label=gettext_lazy("Offers waiting for my approval"),
        text=lambda data: _("%(user)s requests your approval: %(number)s %(title)s (%(customer)s)") % data,
        icon="checks",
        by_email=True,
        order=60,
    ),
    NotificationKind(
        name="offer_approved",
        label=gettext_lazy("My offers that were approved"),
        text=lambda data: _("%(number)s %(title)s (%(customer)s) has been approved and can be sent.") % data,
        icon="checks",
        by_email=True,
        order=60,
    ),
    NotificationKind(
        name="offer_sent_back",
        label=gettext_lazy("My offers that were sent back"),
        text=lambda data: _("%(user)s sent back %(number)s %(title)s (%(customer)s): %(comment)s") % data,
        icon="checks",
        by_email=True,
        order=60,
    ),
    NotificationKind(
        name="offer_accepted",
        label=gettext_lazy("My offers that were accepted"),
        text=lambda data: _with_comment(_("%(name)s (%(customer)s) accepted the offer %(number)s: %(title)s."), data),
        icon="check",
        by_email=True,
        order=60,
    ),
    NotificationKind(
        name="offer_declined",
        label=gettext_lazy("My offers that were declined"),
        text=lambda data: _with_comment(_("%(name)s (%(customer)s) declined the offer %(number)s: %(title)s."), data),
        icon="x",
        by_email=True,
        order=60,
    ),
    NotificationKind(
        name="offer_expiring",
        label=gettext_lazy("My offers that are about to expire"),
        text=lambda data: _with_day(_("The offer %(number)s (%(customer)s) is valid until %(day)s: %(title)s"), data),
        icon="alarm",
        order=60,
    ),
    NotificationKind(
        name="offer_expired",
        label=gettext_lazy("My offers that have expired"),
        text=lambda data: _with_day(_("The offer %(number)s (%(customer)s) expired on %(day)s: %(title)s"), data),
        icon="hourglass",
        order=60,
    ),
)
BULK_OPERATIONS = (OwnerOperation(), ExportOffers())
RECORD_KINDS = (RecordKind(Offer, gettext_lazy("Offer"), "file-invoice"),)
FIRST_STEPS = (
    FirstStep(
        label=gettext_lazy("Make your first offer"),
        url_name="offers:create",
        is_done=lambda user: Offer.objects.filter(created_by=user.pk).exists(),
        permission="offers.add_offer",
        dialog=True,
        order=50,
    ),
)
