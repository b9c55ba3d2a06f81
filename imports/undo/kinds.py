"""What each kind of import writes: the tables with a history, those without, and what has to be refreshed."""

from __future__ import annotations

from accounts.models import GroupMembership, TeamMembership, User
from activities.leads.models import Lead
from activities.log.models import Activity, Participation
from activities.log.models import StatusChange as ActivityStatusChange
from activities.log.services.effects import contact_dates_refresh
from core.undo.parts import Follower, Part, Undoing
from core.undo.plan import Plan
from core.undo.reasons import SIGNED_IN, Reason
from customers.models import (
    Address,
    Contact,
    ContactPoint,
    Customer,
    CustomerClassification,
    CustomerNumber,
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
from segmentation.membership.services.present import segments_refresh
from segmentation.metrics.models import CustomerMetrics, OrderCost, OwnValue


def _refuse_users(plan: Plan) -> None:
    """Keep users who have signed in or chosen a password, of which the history says nothing."""
    made = {item.pk: item.target for item in plan.done if item.model is User and item.is_made}
    for user in User.objects.filter(pk__in=made):
        if user.last_login or user.has_usable_password():
            del plan.items[made[user.pk]]
            plan.refused[made[user.pk]] = [Reason(SIGNED_IN)]


CUSTOMERS = Undoing(
    Customer,
    [
        Part(model, Customer, "customer_id")
        for model in (Address, CustomerNumber, CustomerClassification, Responsibility, Membership, Proposal)
    ],
    [
        Follower(CustomerSummary, "customer", Customer),
        Follower(CustomerMetrics, "customer", Customer),
        Follower(ProposalStatusChange, "proposal", Proposal),
        Follower(ProposalComment, "proposal", Proposal),
    ],
    [summaries_refresh, segments_refresh],
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
METRICS = Undoing(Customer, [Part(OwnValue, Customer, "customer_id")], refreshes=[summaries_refresh])
ORDER_COSTS = Undoing(Order, [Part(OrderCost, Order, "order_id")], refreshes=[])
_OF_KIND = {
    ImportKind.CUSTOMERS: CUSTOMERS,
    ImportKind.CONTACTS: CONTACTS,
    ImportKind.USERS: USERS,
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.OFFERS: OFFERS,
    ImportKind.METRICS: METRICS,
    ImportKind.ORDER_COSTS: ORDER_COSTS,
}


def undoing_of(kind: str, target_kind: str = "") -> Undoing:
    """Return what the rows of a kind write; the targets of some rows of offers are leads."""
    return LEADS if target_kind == LEAD else _OF_KIND[ImportKind(kind)]
