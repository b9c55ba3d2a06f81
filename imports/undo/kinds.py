"""What each kind of import writes: the tables with a history, those without, and what has to be refreshed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from accounts.models import GroupMembership, TeamMembership, User
from activities.leads.models import Lead
from activities.log.models import Activity, Participation
from activities.log.models import StatusChange as ActivityStatusChange
from activities.log.services.effects import contact_dates_refresh
from careplans.content.models import Charge
from careplans.following.models import CareOccurrence, CareReach, CareStatus
from careplans.plans.models import CareLook, CareTouch, InactiveSpan, ModelStay, PlanApproval
from careplans.work.generation.traces import untouched
from careplans.work.models import Absence, CareWork
from core.undo.parts import Follower, Part, Undoing
from core.undo.plan import Plan
from core.undo.reasons import CLASH, SIGNED_IN, Reason
from customers.models import (
    Address,
    Contact,
    ContactPoint,
    Customer,
    CustomerClassification,
    CustomerNumber,
    CustomerSearch,
    CustomerSummary,
    Position,
    Responsibility,
)
from customers.services.summaries import summaries_refresh
from imports.enums import ImportKind
from imports.models import LEAD
from offers.offers.models import Offer, OfferActivity, OfferLine, OfferStatusChange, OutsideNumber
from offers.offers.services.status import offer_sums_refresh
from offers.orders.models import Order, OrderLine, OrderStatusChange
from offers.orders.services.status import order_sums_refresh
from offers.products.models import Product, ProductPrice
from segmentation.membership.models import Membership, Proposal, ProposalComment, ProposalStatusChange
from segmentation.membership.services.moves import lock_segments, members_of
from segmentation.membership.services.present import segments_refresh
from segmentation.metrics.models import CustomerMetrics, OrderCost, OwnValue
from segmentation.schemes.models import Segment


def _refuse_users(plan: Plan) -> None:
    """Keep users who have signed in or chosen a password, of which the history says nothing."""
    made = {item.pk: item.target for item in plan.done if item.model is User and item.is_made}
    for user in User.objects.filter(pk__in=made):
        if user.last_login or user.has_usable_password():
            del plan.items[made[user.pk]]
            plan.refused[made[user.pk]] = [Reason(SIGNED_IN)]


def _is_present(membership: Mapping[str, Any]) -> bool:
    """Return whether a membership, as the history has it, had no end."""
    return str(membership.get("period", "")).endswith(",)")


def _refuse_full(plan: Plan) -> None:
    """Keep customers of a former segment that is full by now where they are: an undo is no way in either."""
    back: dict[int, list[int]] = defaultdict(list)
    for item in plan.done:
        before = item.before.content if item.model is Membership and item.before else None
        live = item.live or {}
        if before and _is_present(before) and not (_is_present(live) and live["segment_id"] == before["segment_id"]):
            back[before["segment_id"]].append(item.target)
    limited = list(Segment.objects.filter(pk__in=back, limit__isnull=False))
    lock_segments(limited)
    members = members_of(limited)
    for segment in limited:
        room = max(0, (segment.limit or 0) - members[segment.pk])
        for target in back[segment.pk][room:]:
            plan.items.pop(target, None)
            plan.refused[target] = [Reason(CLASH)]


CUSTOMERS = Undoing(
    Customer,
    [
        Part(model, Customer, "customer_id")
        for model in (Address, CustomerNumber, CustomerClassification, Responsibility, Membership, Proposal)
    ],
    [
        Follower(CustomerSummary, "customer", Customer),
        Follower(CustomerSearch, "customer", Customer),
        Follower(CustomerMetrics, "customer", Customer),
        Follower(Activity, "customer", Customer, only=untouched),
        *(
            Follower(model, "customer", Customer)
            for model in (
                CareWork,
                ModelStay,
                InactiveSpan,
                PlanApproval,
                CareLook,
                CareTouch,
                CareOccurrence,
                CareStatus,
                CareReach,
            )
        ),
        Follower(ProposalStatusChange, "proposal", Proposal),
        Follower(ProposalComment, "proposal", Proposal),
    ],
    [summaries_refresh, segments_refresh],
    refuse=_refuse_full,
)
CONTACTS = Undoing(Contact, [Part(ContactPoint, Contact, "contact_id"), Part(Position, Contact, "contact_id")])
USERS = Undoing(
    User, [Part(GroupMembership, User, "user_id"), Part(TeamMembership, User, "user_id")], refuse=_refuse_users
)
PRODUCTS = Undoing(Product, [Part(ProductPrice, Product, "product_id")])
_FIGURES = (offer_sums_refresh, order_sums_refresh, contact_dates_refresh)
_LEAD_FOLLOWERS = [Follower(ActivityStatusChange, "activity", Activity), Follower(OutsideNumber, "lead", Activity)]
LEADS = Undoing(
    Activity,
    [Part(Lead, Activity, "activity_id"), Part(Participation, Activity, "activity_id")],
    _LEAD_FOLLOWERS,
    _FIGURES,
)
OFFERS = Undoing(
    Offer,
    [
        Part(OfferLine, Offer, "offer_id"),
        Part(OfferActivity, Offer, "offer_id"),
        Part(Order, Offer, "offer_id"),
        Part(OrderLine, Order, "order_id"),
        Part(Activity, Offer, by="came_from_id"),
        Part(Lead, Activity, "activity_id"),
    ],
    [
        Follower(OfferStatusChange, "offer", Offer),
        Follower(OutsideNumber, "offer", Offer),
        Follower(OrderStatusChange, "order", Order),
    ],
    _FIGURES,
)
MEMBERSHIPS = Undoing(
    Customer,
    [Part(Membership, Customer, "customer_id")],
    refreshes=[segments_refresh],
    refuse=_refuse_full,
    root_stays=True,
)
METRICS = Undoing(Customer, [Part(OwnValue, Customer, "customer_id")], refreshes=[summaries_refresh], root_stays=True)
ABSENCES = Undoing(Absence)
ORDER_COSTS = Undoing(Order, [Part(OrderCost, Order, "order_id")], root_stays=True)
CHARGES = Undoing(Customer, [Part(Charge, Customer, "customer_id")], root_stays=True)
_OF_KIND = {
    ImportKind.CUSTOMERS: CUSTOMERS,
    ImportKind.CONTACTS: CONTACTS,
    ImportKind.USERS: USERS,
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.OFFERS: OFFERS,
    ImportKind.MEMBERSHIPS: MEMBERSHIPS,
    ImportKind.METRICS: METRICS,
    ImportKind.ORDER_COSTS: ORDER_COSTS,
    ImportKind.ABSENCES: ABSENCES,
    ImportKind.CHARGES: CHARGES,
}


def undoing_of(kind: str, target_kind: str = "") -> Undoing:
    """Return what the rows of a kind write; the targets of some rows of offers are leads."""
    return LEADS if target_kind == LEAD else _OF_KIND[ImportKind(kind)]
