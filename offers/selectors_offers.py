"""Reads of offers that span models."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, DateField, ExpressionWrapper, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.db.models.lookups import LessThan

from accounts.models import User
from activities.models import Activity
from crm import clock
from crm.paging import count_up_to
from crm.permissions import allowed
from customers.models import Customer
from offers.contents import LANGUAGES
from offers.enums import UNDECIDED, OfferStatus
from offers.models import Offer, OfferActivity, OfferLine, OfferType, OfferVersion, Product

COMPETITORS, LINKED, COUNTED, GROUPS = 50, 200, 99, 200


def stuck() -> Q:
    """Return the condition that holds for offers at their stage longer than their type allows: ``Offer.is_stuck``."""
    limits = {OfferStatus.OPEN: "type__open_days", OfferStatus.SENT: "type__sent_days"}
    found = Q()
    for status, limit in limits.items():
        last_day = ExpressionWrapper(TruncDate("status_since") + F(limit), output_field=DateField())
        found |= Q(status=status) & Q(LessThan(last_day, clock.user_today()))
    return found


def texts_in(type: OfferType, language: str, intro: str = "", terms: str = "") -> dict[str, str]:
    """Return opening text and terms: the type's in ``language``, unless somebody has written others."""
    own = {"intro": type.intro_in(language), "terms": type.terms_in(language)}
    others = {
        "intro": {type.intro_in(other).strip() for other in LANGUAGES},
        "terms": {type.terms_in(other).strip() for other in LANGUAGES},
    }
    given = {"intro": intro, "terms": terms}
    return {name: own[name] if _plain(given[name]) in others[name] else given[name] for name in given}


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def competitors() -> list[str]:
    """Return who has won offers from us, the most frequent first."""
    found = Offer.objects.exclude(competitor="").values("competitor").annotate(count=Count("pk"), last=Max("pk"))
    return list(found.order_by("-count", "-last").values_list("competitor", flat=True)[:COMPETITORS])


def linkable(user: Any, offer: Offer) -> QuerySet[Activity]:
    """Return the newest activities of the offer's customer that are not linked to it yet."""
    of_customer = Activity.objects.visible_to(user).filter(customer=offer.customer_id).select_related("type")
    newest = of_customer.exclude(offer_activities__offer=offer).order_by("-start", "-pk").values("pk")[:LINKED]
    found: QuerySet[Activity] = Activity.objects.filter(pk__in=newest).select_related("type").order_by("-start", "-pk")
    return found


def activities_of(user: Any, offer: Offer) -> list[Activity]:
    """Return the activities of an offer that the user sees, the next ones first."""
    found = Activity.objects.visible_to(user).with_names().filter(offer_activities__offer=offer)
    return list(found.order_by("-start", "-pk")[:LINKED])


def came_from(user: Any, offer: Offer) -> Activity | None:
    """Return the lead or activity that an offer came from, if the user sees it."""
    return Activity.objects.visible_to(user).select_related("type").filter(pk=offer.came_from_id or 0).first()


def offers_of_activity(user: Any, activity: Activity) -> QuerySet[Offer]:
    """Return the offers that came from an activity or are linked to it."""
    found: QuerySet[Offer] = (
        Offer.objects.visible_to(user)
        .filter(Q(pk__in=OfferActivity.objects.filter(activity=activity).values("offer")) | Q(came_from=activity))
        .select_related("customer", "owner", "type")
        .order_by("-date", "-pk")
    )
    return found


def own_open_count(user: Any) -> tuple[int, bool]:
    """Return how many undecided offers the user has as account manager, up to 99, and whether there are more."""
    return count_up_to(Offer.objects.visible_to(user).filter(owner=user, status__in=UNDECIDED), COUNTED)


def owner_for(user: User, customer: Customer | None) -> User:
    """Return whose offer a new one is: the writer's, or the customer's owner's where the writer may change that."""
    if customer is None or not allowed(user, "offers.change_any_offer"):
        return user
    held = customer.responsibilities.current().filter(role="owner", user__is_active=True).select_related("user").first()
    return held.user if held and held.user.has_perm("offers.write_offers") else user


def offer_sums(offers: QuerySet[Offer]) -> dict[str, Any]:
    """Return count and value (euros without VAT) of offers: together, by status, type, account manager and customer.

    The rows are read twice, whatever is summed: by customer, and by all that has few values.
    """
    figures = {"count": Count("pk"), "total": Sum("net")}
    rows: Any = offers.order_by()
    parts = list(rows.values("status", "type", "owner").annotate(**figures))
    people = {user.pk: user for user in User.objects.filter(pk__in={part["owner"] for part in parts})}
    return {
        "count": sum(part["count"] for part in parts),
        "net": sum((part["total"] for part in parts), Decimal(0)),
        "by_status": _sums(parts, "status", dict(OfferStatus.choices)),
        "by_type": _sums(parts, "type", {type.pk: type for type in OfferType.objects.all()}),
        "by_owner": _sums(parts, "owner", people),
        "by_customer": _of_customers(rows.values("customer").annotate(**figures)),
    }


def _sums(parts: Iterable[dict[str, Any]], path: str, names: dict[Any, Any]) -> list[dict[str, Any]]:
    counts: Counter[Any] = Counter()
    totals: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for part in parts:
        counts[part[path]] += part["count"]
        totals[part[path]] += part["total"]
    keys = sorted(totals, key=lambda key: (-totals[key], key))[:GROUPS]
    return [{"key": key, "name": str(names.get(key, "")), "count": counts[key], "net": totals[key]} for key in keys]


def _of_customers(sums: QuerySet[Any, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = list(sums.order_by("-total", "customer")[:GROUPS])
    names = dict(Customer.objects.filter(pk__in=[row["customer"] for row in rows]).values_list("pk", "name"))
    return _sums(rows, "customer", names)


def offers_with_product(product: Product) -> int:
    """Return on how many offers the product is."""
    return OfferLine.objects.filter(product=product).values("offer").distinct().count()


def is_offered(product: Product) -> bool:
    """Return whether the product is on a line of an offer, or in what was sent of one."""
    sent = OfferVersion.objects.filter(content__contains={"lines": [{"product_id": product.pk}]})
    return OfferLine.objects.filter(product=product).exists() or sent.exists()
