"""Bulk operation: set the segment of customers; where it needs approval, a proposal for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.bulk.models import BulkRun
from core.bulk.operations import Applied, BulkForm, Finding
from core.segments import PROPOSED, REFUSED, SET, given_another
from core.undo.parts import Follower, Part, Undoing
from core.undo.plan import Plan
from core.undo.reasons import CLASH, Reason
from customers.bulk.base import CustomerOperation
from customers.models import Customer
from segmentation.membership.enums import MoveKind
from segmentation.membership.forms import SegmentChoiceField, offered_segments
from segmentation.membership.models import Membership, Proposal, ProposalComment, ProposalStatusChange
from segmentation.membership.services.moves import members_of, segments_set
from segmentation.membership.services.present import segments_refresh
from segmentation.membership.services.undo import segments_undo
from segmentation.schemes.models import Segment, SegmentReason


class SegmentForm(BulkForm):
    segment = SegmentChoiceField(label=gettext_lazy("Segment"))
    reason = forms.ModelChoiceField(
        SegmentReason.objects.filter(retired_at__isnull=True), label=gettext_lazy("Reason"), required=False
    )
    text = forms.CharField(
        label=gettext_lazy("Explanation"), max_length=1_000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["segment"]
        field.offer(offered_segments(self.user))
        field.widget.attrs["autofocus"] = True


class SegmentOperation(CustomerOperation):
    name, icon, order = "customers.segment", "tags", 9
    label = gettext_lazy("Set segment")
    permission = "customers.view_customer"  # it changes only what the user may classify
    form_class = SegmentForm
    undoing = Undoing(
        Customer,
        [Part(Membership, Customer, "customer_id"), Part(Proposal, Customer, "customer_id")],
        [Follower(ProposalStatusChange, "proposal", Proposal), Follower(ProposalComment, "proposal", Proposal)],
        refreshes=[segments_refresh],
        by_column=True,
    )
    changes = ((Membership, "customer_id"),)
    reasons = {
        **CustomerOperation.common,
        "has": gettext_lazy("Is in the segment already"),
        "proposed_already": gettext_lazy("Has been proposed to the segment already"),
        "proposal_open": gettext_lazy("Has an open proposal to another segment"),
        "full": gettext_lazy("The segment is full: propose it one by one, naming who leaves"),
        "not_setter": gettext_lazy("Your group may not set the segment"),
        "retired": gettext_lazy("The segment is retired"),
        "reason_required": gettext_lazy("The criteria suggest another segment: give a reason"),
    }

    def allowed(self, user: Any) -> bool:
        grants = ("customers.change_any_customer", "customers.change_own_customer", "customers.classify_any_customer")
        return any(user.has_perm(name) for name in grants)

    def editable(self, user: Any) -> Any:
        if user.has_perm("customers.classify_any_customer"):
            return Customer.objects.visible_to(user).active()
        return super().editable(user)

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Set the segment “%(segment)s”") % {"segment": content["segment"]}

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        if content["segment"].needs_approval:
            return [_("The segment needs approval: each of them becomes a proposal.")]
        return [_("Those that are in a segment which needs approval become proposals.")]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield from self.not_permitted(user, rows)
        segment = content["segment"]
        present = Membership.objects.present().filter(customer=OuterRef("pk"))
        has = Exists(present.filter(segment=segment))
        yield Finding("has", rows.filter(has), is_unchanged=True)
        if not (content["reason"] or content["text"].strip()):
            others = given_another(segment)
            if others is not None:
                yield Finding("reason_required", rows.filter(pk__in=others))
        proposals = Proposal.objects.open().filter(customer=OuterRef("pk"), scheme=segment.scheme_id)
        needed = {} if segment.needs_approval else {"from_segment__needs_approval": True}
        yield Finding("proposed_already", rows.filter(Exists(proposals.filter(segment=segment, **needed))), True)
        if segment.needs_approval:
            yield Finding("proposal_open", rows.filter(Exists(proposals.exclude(segment=segment))))
        if segment.limit is not None:
            movable = rows.exclude(has).filter(pk__in=self.editable(user)).order_by("pk")
            full = list(movable.values_list("pk", flat=True)[self._room(segment) :])
            yield Finding("full", rows.filter(pk__any_of=full))

    @staticmethod
    def _room(segment: Segment) -> int:
        """Return how many more customers fit: proposals do not take places, so any number of them fits or none."""
        room = max(0, (segment.limit or 0) - members_of([segment])[segment.pk])
        return 10**9 if segment.needs_approval and room else room

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        moves = segments_set(
            wanted=dict.fromkeys(ids, content["segment"]),
            user=run.user,
            kind=MoveKind.BULK,
            reason=content["reason"],
            text=content["text"],
        )
        return Applied(
            changed=[pk for pk, move in moves.items() if move.status in (SET, PROPOSED)],
            refused={pk: move.code for pk, move in moves.items() if move.status == REFUSED},
        )

    def take_back(self, plan: Plan) -> None:
        """Undo the moves by decisions of their own, so that the history keeps them; withdraw the proposals."""
        made = [item.pk for item in plan.done if item.is_made and item.model is Membership]
        proposals = [item.pk for item in plan.done if item.is_made and item.model is Proposal]
        staying = segments_undo(
            memberships=Membership.objects.filter(pk__in=made),
            proposals=Proposal.objects.filter(pk__in=proposals),
            user=get_user_model()._default_manager.get(pk=plan.user_id),
        )
        for target in staying:
            plan.items.pop(target, None)
            plan.refused[target] = [Reason(CLASH)]
