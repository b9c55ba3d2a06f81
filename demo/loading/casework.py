"""Segmentation work of the demo: decisions against suggestions, a review under way, a question to a former owner."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from activities.log.models import Activity, Participation
from core import clock
from core.exceptions import BusinessRuleError
from customers.models import Customer, Responsibility
from segmentation.casework.models import Review
from segmentation.casework.selectors import own_work, primary_scheme
from segmentation.casework.services.inquiries import Said, inquiry_answer, inquiry_make
from segmentation.casework.services.reviews import line_answer, review_start
from segmentation.casework.services.suggestions import suggestion_override
from segmentation.membership.models import Proposal
from segmentation.schemes.models import Scheme, SegmentReason

#: Why the owner decides otherwise, with the code of the reason.
WHYS = (
    ("cooperation_ended", "Yhteistyö päättyi keväällä, eikä jatkoa ole sovittu."),
    ("negotiations", "Muutosneuvottelut kestävät tammikuuhun; palataan sitten."),
    ("other", "Tarjoukset ovat yhden hankkeen, eivät kasvun merkki."),
)
WAITED = dt.timedelta(days=12)


def casework_load() -> None:
    """Decide about some suggestions of the demo's account manager, start a review, ask a former owner."""
    scheme = primary_scheme()
    names = ("manager", "keymanager")
    users = {user.username: user for user in User.objects.filter(username__in=names, is_demo=True)}
    if scheme is None or len(users) < len(names):
        return
    manager, key_manager = (users[name] for name in names)
    with clock.frozen(clock.today() - dt.timedelta(days=1)):  # a moment that every loading of the day has
        _overrides_load(manager, scheme)
        _review_load(manager, key_manager, scheme)
        _inquiry_load(manager, scheme)
    Proposal.objects.open().filter(proposed_by=manager).update(proposed_at=clock.now() - WAITED)


def _overrides_load(manager: User, scheme: Scheme) -> None:
    reasons = {reason.code: reason for reason in SegmentReason.objects.all()}
    customers = own_work(manager, "differs").filter(is_demo=True, summary__segment__isnull=False).order_by("pk")
    for customer, (code, text) in zip(customers.select_related("summary__segment")[: len(WHYS)], WHYS, strict=False):
        about: dict[str, Any] = {"reason": reasons.get(code), "text": text}
        suggestion_override(customer=customer, scheme=scheme, segment=customer.summary.segment, user=manager, **about)


def _review_load(manager: User, key_manager: User, scheme: Scheme) -> None:
    """Start a review in which the account manager has answered about every second customer."""
    due = clock.today() + dt.timedelta(days=21)
    title = f"Vuosikatselmus {clock.today().year}"
    try:
        review = review_start(scheme=scheme, user=key_manager, title=title, due=due, is_demo=True)
    except BusinessRuleError:  # a small demo has nothing to review
        return
    Review.objects.filter(pk=review.pk).update(started_at=clock.now() - WAITED)
    for line in review.lines.of_person(manager).order_by("pk")[::2]:
        line_answer(line=line, answer="keep", user=manager, text="Nykyinen hoito sopii.")


def _inquiry_load(manager: User, scheme: Scheme) -> None:
    """Ask a former owner of some of the account manager's customers, who has answered about one of them."""
    past = Responsibility.objects.filter(role="owner", end__lt=clock.today(), user__is_active=True, user__is_demo=True)
    past = past.filter(customer__in=Customer.objects.active().filter(is_demo=True, summary__owner=manager))
    one = past.exclude(user=manager).order_by("pk").select_related("user").first()
    if one is None:
        return
    ids = past.filter(user=one.user).order_by("customer").values_list("customer", flat=True).distinct()[:5]
    inquiry = inquiry_make(
        scheme=scheme, customer_ids=list(ids), asked=one.user, user=manager, text="Mihin segmenttiin nämä sopisivat?"
    )
    if inquiry.activity:
        Activity.objects.filter(pk=inquiry.activity.pk).update(is_demo=True)
    line, segment = inquiry.lines.select_related("customer__summary").first(), scheme.segments.order_by("order").last()
    if line and segment and line.customer.summary.segment_id != segment.pk:
        said = Said(segment, "Hankkeita oli useita, kun asiakas oli minulla; mahdollisuus uuteen on hyvä.")
        inquiry_answer(inquiry=inquiry, answers={line.pk: said}, user=one.user)
    _times_repeat(inquiry.activity_id)


def _times_repeat(activity: int | None) -> None:
    """Repeat the times of an activity for its participants, as triggers do when they are on."""
    for row in Participation.objects.filter(activity=activity).select_related("activity"):
        row.start_at = row.activity.start
        row.due_at = None if row.activity.status == "done" else row.activity.start
        row.save(update_fields=["start_at", "due_at"])
