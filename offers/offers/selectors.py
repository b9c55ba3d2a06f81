"""Queries on offers that span models."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, Exists, ExpressionWrapper, F, Max, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.db.models.lookups import LessThan
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log.acting import mark_activities
from activities.log.models import Activity
from activities.mail import recipients
from activities.mail.models import EmailMessage
from core import clock
from core.permissions import allowed
from customers.models import Customer
from offers.offers.content import LANGUAGES
from offers.offers.enums import UNDECIDED, ApprovalState, ApprovalStep, OfferStatus
from offers.offers.models import Approval, Offer, OfferActivity, OfferLine, OfferLink, OfferType, OfferVersion
from offers.offers.permissions import APPROVERS
from offers.offers.services.links import LinkState, newest_sent, state_of
from offers.products.models import Product

COMPETITORS, LINKED, GROUPS = 50, 200, 200
SHOWN = 50


#: The offers that reports count: decided ones, and the open ones of active customers.
COUNTED = ~Q(status__in=UNDECIDED) | Q(customer__state="active")


def stuck() -> Q:
    """Return the condition for offers at their stage longer than their type allows: ``Offer.is_stuck``."""
    limits = {OfferStatus.OPEN: "type__open_days", OfferStatus.SENT: "type__sent_days"}
    condition = Q()
    for status, limit in limits.items():
        last_day = ExpressionWrapper(TruncDate("status_since") + F(limit), output_field=DateField())
        condition |= Q(status=status) & Q(LessThan(last_day, clock.user_today()))
    return condition


#: An offer that expires within this many days needs something.
EXPIRES_SOON = dt.timedelta(days=7)


def needs_attention() -> Q:
    """Return the condition of undecided offers that are stuck, expire soon, have expired or should be decided."""
    day = clock.today()
    is_due = Q(valid_until__lte=day + EXPIRES_SOON) | Q(expected_close__lt=day)
    return Q(status__in=UNDECIDED) & (stuck() | is_due)


def own_attention(user: Any) -> QuerySet[Offer]:
    """Return the user's offers that need something of the user."""
    return own_open(user).filter(needs_attention())


def texts_in(type: OfferType, language: str, intro: str = "", terms: str = "") -> dict[str, str]:
    """Return the opening text and terms: the type's in ``language``, unless the user has written others."""
    own = {"intro": type.intro_in(language), "terms": type.terms_in(language)}
    others = {
        "intro": {type.intro_in(other).strip() for other in LANGUAGES},
        "terms": {type.terms_in(other).strip() for other in LANGUAGES},
    }
    texts = {"intro": intro, "terms": terms}
    return {
        name: own[name] if text.replace("\r\n", "\n").strip() in others[name] else text for name, text in texts.items()
    }


def competitors() -> list[str]:
    """Return the competitors that have won offers from us, most frequent first."""
    names = Offer.objects.exclude(competitor="").values("competitor").annotate(count=Count("pk"), last=Max("pk"))
    return list(names.order_by("-count", "-last").values_list("competitor", flat=True)[:COMPETITORS])


def linkable(user: Any, offer: Offer) -> QuerySet[Activity]:
    """Return the newest activities of the offer's customer that are not linked to it yet."""
    of_customer = Activity.objects.visible_to(user).filter(customer=offer.customer_id).select_related("type")
    newest = of_customer.exclude(offer_activities__offer=offer).order_by("-start", "-pk").values("pk")[:LINKED]
    activities: QuerySet[Activity] = (
        Activity.objects.filter(pk__in=newest).select_related("type").order_by("-start", "-pk")
    )
    return activities


def activities_of(user: Any, offer: Offer) -> list[Activity]:
    """Return the activities of an offer that the user can see, the next ones first."""
    activities = Activity.objects.visible_to(user).with_names().filter(offer_activities__offer=offer)
    rows = list(activities.order_by("-start", "-pk")[:LINKED])
    mark_activities(user, rows)
    return rows


def came_from(user: Any, offer: Offer) -> Activity | None:
    """Return the lead or activity that led to an offer, if the user can see it."""
    return Activity.objects.visible_to(user).select_related("type").filter(pk=offer.came_from_id or 0).first()


def offers_of_activity(user: Any, activity: Activity) -> QuerySet[Offer]:
    """Return the offers that an activity led to or is linked to."""
    offers: QuerySet[Offer] = (
        Offer.objects.visible_to(user)
        .filter(Q(pk__in=OfferActivity.objects.filter(activity=activity).values("offer")) | Q(came_from=activity))
        .select_related("customer", "owner", "type")
        .order_by("-date", "-pk")
    )
    return offers


def own_open(user: Any) -> QuerySet[Offer]:
    """Return the user's undecided offers, without those of inactive customers, as the list has them."""
    return Offer.objects.visible_to(user).filter(owner=user, status__in=UNDECIDED, customer__state="active")


def owner_for(user: User, customer: Customer | None) -> User:
    """Return the account manager of a new offer: the user, or the customer's owner where the user may change that."""
    if customer is None or not allowed(user, "offers.change_any_offer"):
        return user
    owners = customer.responsibilities.current().filter(role="owner", user__is_active=True).select_related("user")
    responsibility = owners.first()
    return responsibility.user if responsibility and responsibility.user.has_perm("offers.write_offers") else user


def offer_sums(offers: QuerySet[Offer]) -> dict[str, Any]:
    """Return count and value (euros without VAT) of offers: total, by status, type, account manager and customer.

    Reads the rows twice: once by customer, once for all the others.
    """
    figures = {"count": Count("pk"), "total": Sum("net")}
    rows: Any = offers.order_by()
    parts = list(rows.values("status", "type", "owner").annotate(**figures))
    people = {user.pk: user for user in User.objects.filter(pk__in={part["owner"] for part in parts})}
    return {
        "count": sum(part["count"] for part in parts),
        "net": sum((part["total"] for part in parts), Decimal(0)),
        "by_status": _sums_by(parts, "status", dict(OfferStatus.choices)),
        "by_type": _sums_by(parts, "type", {type.pk: type for type in OfferType.objects.all()}),
        "by_owner": _sums_by(parts, "owner", people),
        "by_customer": _sums_by_customer(rows.values("customer").annotate(**figures)),
    }


def _sums_by(parts: Iterable[dict[str, Any]], path: str, names: dict[Any, Any]) -> list[dict[str, Any]]:
    counts: Counter[Any] = Counter()
    totals: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for part in parts:
        counts[part[path]] += part["count"]
        totals[part[path]] += part["total"]
    keys = sorted(totals, key=lambda key: (-totals[key], key))[:GROUPS]
    return [{"key": key, "name": str(names.get(key, "")), "count": counts[key], "net": totals[key]} for key in keys]


def _sums_by_customer(sums: QuerySet[Any, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = list(sums.order_by("-total", "customer")[:GROUPS])
    names = dict(Customer.objects.filter(pk__in=[row["customer"] for row in rows]).values_list("pk", "name"))
    return _sums_by(rows, "customer", names)


def offers_with_product(product: Product) -> int:
    """Return the number of offers that have the product."""
    return OfferLine.objects.filter(product=product).values("offer").distinct().count()


def is_offered(product: Product) -> bool:
    """Return whether the product is on a line of an offer or in a sent version."""
    sent = OfferVersion.objects.filter(content__contains={"lines": [{"product_id": product.pk}]})
    return OfferLine.objects.filter(product=product).exists() or sent.exists()


@dataclass(frozen=True)
class StepState:
    """A needed approval step: its approval of the current content, if requested, and whether it is next."""

    step: ApprovalStep
    approval: Approval | None
    is_next: bool

    @property
    def is_approved(self) -> bool:
        return self.approval is not None and self.approval.state == ApprovalState.APPROVED

    @property
    def kind(self) -> str:
        """Return the style of its label (see the tag ``status``)."""
        looks: dict[str, str] = {ApprovalState.APPROVED: "ok", ApprovalState.REJECTED: "late"}
        return looks.get(self.approval.state, "warn") if self.approval else "muted"

    @property
    def word(self) -> str:
        if self.approval is None:
            return _("not requested yet")
        return str(self.approval.get_state_display())


def steps_needed(offer: Offer) -> list[ApprovalStep]:
    """Return the steps that the limits of the offer's type require, in their order."""
    limits, discount = offer.type, offer.type.discount_limit
    too_cheap = discount is not None and offer.max_discount > discount
    needed = {
        ApprovalStep.CONTENT: _reaches(offer, limits.content_limit),
        ApprovalStep.PRICE: _reaches(offer, limits.price_limit) or too_cheap,
        ApprovalStep.SIGNATURE: _reaches(offer, limits.signature_limit),
    }
    return [step for step in ApprovalStep if needed[step]]


def _reaches(offer: Offer, limit: Any) -> bool:
    return limit is not None and offer.net >= limit


def step_states(offer: Offer) -> list[StepState]:
    """Return the state of each needed step for the current content of the offer."""
    approvals = {approval.step: approval for approval in approvals_now(offer)}
    states, is_next = [], True
    for step in steps_needed(offer):
        state = StepState(step, approvals.get(step), is_next)
        states.append(state)
        is_next = is_next and state.is_approved
    return [StepState(state.step, state.approval, state.is_next and not state.is_approved) for state in states]


def approvals_now(offer: Offer) -> QuerySet[Approval]:
    """Return the approvals of the current content."""
    approvals: QuerySet[Approval] = offer.approvals.filter(content_version=offer.content_version)
    return approvals.select_related("asked_by", "decided_by")


def is_approved(offer: Offer) -> bool:
    return all(state.is_approved for state in step_states(offer))


def approvals_before(offer: Offer) -> list[Approval]:
    """Return the approvals of earlier contents, newest first."""
    earlier = offer.approvals.exclude(content_version=offer.content_version)
    return list(earlier.select_related("asked_by", "decided_by").order_by("-content_version", "pk")[:50])


def waiting_for(user: User) -> QuerySet[Approval]:
    """Return the approvals that wait for the user: of others' undecided offers, with the previous steps approved."""
    steps = [step for step, grant in APPROVERS.items() if user.has_perm(grant)]
    waiting = Approval.objects.filter(
        offer__in=Offer.objects.visible_to(user).filter(status__in=UNDECIDED).exclude(owner=user),
        state=ApprovalState.WAITING,
        step__in=steps,
        content_version=F("offer__content_version"),
    ).exclude(asked_by=user)
    return waiting.exclude(_something_before()).select_related(
        "offer__customer", "offer__owner", "offer__type", "asked_by"
    )


def _something_before() -> Q:
    """Return the condition for an earlier step of the same content that has not been approved."""
    same = Approval.objects.filter(offer=OuterRef("offer"), content_version=OuterRef("content_version")).exclude(
        state=ApprovalState.APPROVED
    )
    order, condition = list(ApprovalStep), Q(pk__in=[])
    for place, step in enumerate(order[1:], 1):
        condition |= Q(Exists(same.filter(step__in=order[:place])), step=step)
    return condition


def approvers_of(step: ApprovalStep) -> QuerySet[User]:
    """Return the active users who have the right to approve a step."""
    app, codename = APPROVERS[step].split(".")
    right = {"codename": codename, "content_type__app_label": app}
    of_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    of_user = {f"user_permissions__{name}": value for name, value in right.items()}
    users = User.objects.filter(Q(**of_group) | Q(**of_user)).values("pk")
    approvers: QuerySet[User] = User.objects.filter(is_active=True, pk__in=users)
    return approvers


@dataclass(frozen=True)
class LinkRow:
    link: OfferLink
    state: LinkState


@dataclass(frozen=True)
class VersionRow:
    """A version with its links and the message that sent it. ``size`` in bytes; None: the file is missing."""

    version: OfferVersion
    size: int | None
    links: list[LinkRow]
    message: EmailMessage | None


def versions_for(user: Any) -> QuerySet[OfferVersion]:
    """Return the versions of offers that ``user`` can see, with the related rows that pages show."""
    rows = OfferVersion.objects.filter(offer__in=Offer.objects.visible_to(user))
    links = OfferLink.objects.select_related("contact").order_by("pk")
    return rows.select_related("offer__customer", "made_by", "email__email").prefetch_related(Prefetch("links", links))


def links_for(user: Any) -> QuerySet[OfferLink]:
    """Return the links to offers that ``user`` can see."""
    rows = OfferLink.objects.filter(version__offer__in=Offer.objects.visible_to(user))
    return rows.select_related("version__offer__customer", "contact")


def version_rows(offer: Offer, user: Any) -> list[VersionRow]:
    """Return the versions of an offer, newest first, in a constant number of queries."""
    newest = newest_sent(offer)
    return [_version_row(version, newest) for version in versions_for(user).filter(offer=offer)[:SHOWN]]


def _version_row(version: OfferVersion, newest: int) -> VersionRow:
    links = list(version.links.all())
    for link in links:
        link.version = version
    shown = [LinkRow(link, state_of(link, newest=newest)) for link in links]
    return VersionRow(version, _pdf_size(version), shown, getattr(version.email, "email", None))


def _pdf_size(version: OfferVersion) -> int | None:
    try:
        return version.pdf.size
    except (FileNotFoundError, ValueError):
        return None


def addresses_for(offer: Offer, user: Any) -> list[recipients.Option]:
    """Return the possible recipients of an offer: its contact first, then the customer and its contacts."""
    options = recipients.offered([offer.customer], user)
    points = offer.contact.points.filter(kind="email").values_list("pk", flat=True) if offer.contact else ()
    own = {f"point:{pk}" for pk in points}
    return sorted(options, key=lambda option: option.value not in own)
