"""The world that the generators need, read from the database."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db.models import Model

from accounts.models import User
from activities.leads.models import LeadCloseReason, LeadSource
from activities.log.models import Activity, ActivitySeries, ActivityType, ContactReason, Keyword
from activities.mail.models import EmailMessage, EmailThread
from customers.enums import BranchPurpose
from customers.models import ClassificationNode, Contact, Customer, Municipality
from demo.generate.world import Address, Kind, SizeClass, World
from demo.loading.products import products_load
from demo.loading.tables import ids_of
from offers.offers.models import LostReason, Offer, OfferType
from offers.orders.models import Order
from segmentation.schemes.models import Scheme

LARGEST = 4_000  # personnel of a customer in the open-ended size class


def read_world(today: dt.date, staff: dict[str, list[int]], demo_users: list[int]) -> World:
    """Return the classes, types, keywords and municipalities of this database by their codes."""
    scheme = demo_scheme()
    return World(
        today=today,
        nodes=_nodes(scheme),
        scheme_id=scheme.pk,
        sizes=_sizes(),
        kinds={kind.code: Kind(kind.pk, kind.code, kind.channel, kind.duration) for kind in ActivityType.objects.all()},
        keywords=dict(Keyword.objects.values_list("code", "pk")),
        municipalities=dict(Municipality.objects.values_list("name_fi", "pk")),
        staff=staff,
        demo_users=demo_users,
        people=_people(staff),
        contact_reasons=_keys(ContactReason),
        lead_sources=_keys(LeadSource),
        lead_close_reasons=_keys(LeadCloseReason),
        customer_ids=ids_of(Customer),
        contact_ids=ids_of(Contact),
        activity_ids=ids_of(Activity),
        series_ids=ids_of(ActivitySeries),
        thread_ids=ids_of(EmailThread),
        message_ids=ids_of(EmailMessage),
        offer_types=dict(OfferType.objects.values_list("code", "pk")),
        lost_reasons=_keys(LostReason),
        products=products_load(staff["product_manager"] + staff["pedagogical_manager"]),
        offer_ids=ids_of(Offer),
        order_ids=ids_of(Order),
    )


def _people(staff: dict[str, list[int]]) -> dict[int, Address]:
    users = User.objects.filter(pk__in=[pk for keys in staff.values() for pk in keys])
    return {user.pk: Address(user.pk, user.get_full_name(), user.email) for user in users}


def _keys(model: type[Model]) -> list[int]:
    """Return the lines of a list that administrators keep, in its order."""
    return list(model._default_manager.order_by("pk").values_list("pk", flat=True))


def demo_scheme() -> Scheme:
    """Return the scheme that the generators know: the one of the educational institution."""
    return Scheme.objects.get(code="omn")


def _nodes(scheme: Scheme) -> dict[str, dict[str, int]]:
    nodes: dict[str, dict[str, int]] = defaultdict(dict)
    for branch, code, pk in ClassificationNode.objects.values_list("branch__code", "code", "pk"):
        nodes[branch][code] = pk
    nodes["segment"] = dict(scheme.segments.values_list("code", "pk"))
    return nodes


def _sizes() -> dict[str, SizeClass]:
    nodes = ClassificationNode.objects.filter(branch__purpose=BranchPurpose.SIZE)
    return {node.code: SizeClass(node.code, node.lower or 0, node.upper or LARGEST) for node in nodes}
