"""Reads of approvals: what an offer needs, where it stands, what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from crm.paging import count_up_to
from offers.enums import UNDECIDED, ApprovalState, ApprovalStep
from offers.models import Approval, Offer
from offers.permissions import APPROVERS

MOST_WAITING = 99


@dataclass(frozen=True)
class StepState:
    """A step that an offer needs: its approval for the present content, if it has been asked, and what is next."""

    step: ApprovalStep
    approval: Approval | None
    is_next: bool

    @property
    def is_approved(self) -> bool:
        return self.approval is not None and self.approval.state == ApprovalState.APPROVED

    @property
    def kind(self) -> str:
        """The look of its word (see the tag ``status``)."""
        looks: dict[str, str] = {ApprovalState.APPROVED: "ok", ApprovalState.REJECTED: "late"}
        return looks.get(self.approval.state, "warn") if self.approval else "muted"

    @property
    def word(self) -> str:
        if self.approval is None:
            return _("not asked yet")
        return str(self.approval.get_state_display())


def steps_needed(offer: Offer) -> list[ApprovalStep]:
    """Return the steps that the limits of the offer's type ask for, in their order."""
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
    """Return where each needed step stands for the present content of the offer."""
    found = {one.step: one for one in approvals_now(offer)}
    states, is_next = [], True
    for step in steps_needed(offer):
        state = StepState(step, found.get(step), is_next)
        states.append(state)
        is_next = is_next and state.is_approved
    return [StepState(one.step, one.approval, one.is_next and not one.is_approved) for one in states]


def approvals_now(offer: Offer) -> QuerySet[Approval]:
    """Return the approvals of the present content."""
    found: QuerySet[Approval] = offer.approvals.filter(content_version=offer.content_version)
    return found.select_related("asked_by", "decided_by")


def is_approved(offer: Offer) -> bool:
    return all(state.is_approved for state in step_states(offer))


def approvals_before(offer: Offer) -> list[Approval]:
    """Return the approvals of earlier contents, the newest first."""
    earlier = offer.approvals.exclude(content_version=offer.content_version)
    return list(earlier.select_related("asked_by", "decided_by").order_by("-content_version", "pk")[:50])


def waiting_for(user: User) -> QuerySet[Approval]:
    """Return what waits for the user's approval: of others' undecided offers, where the steps before are approved."""
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
    """An earlier step of the same content has not been approved."""
    same = Approval.objects.filter(offer=OuterRef("offer"), content_version=OuterRef("content_version")).exclude(
        state=ApprovalState.APPROVED
    )
    order, found = list(ApprovalStep), Q(pk__in=[])
    for place, step in enumerate(order[1:], 1):
        found |= Q(Exists(same.filter(step__in=order[:place])), step=step)
    return found


def waiting_count(user: User) -> tuple[int, bool]:
    """Return how much waits for the user, up to 99, and whether there is more."""
    return count_up_to(waiting_for(user), MOST_WAITING)


def approvers_of(step: ApprovalStep) -> QuerySet[User]:
    """Return the active users who have the right to approve a step."""
    app, codename = APPROVERS[step].split(".")
    right = {"codename": codename, "content_type__app_label": app}
    of_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    of_user = {f"user_permissions__{name}": value for name, value in right.items()}
    found = User.objects.filter(Q(**of_group) | Q(**of_user)).values("pk")
    approvers: QuerySet[User] = User.objects.filter(is_active=True, pk__in=found)
    return approvers
