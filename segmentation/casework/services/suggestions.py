"""Deciding about suggestions: following them one by one or in bulk, and deciding against them with a reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.segments import Move, segment_set, segments_set, suggested_for
from core.status import check_reason
from customers.models import Customer
from segmentation.casework.models import InquiryLine, Override
from segmentation.casework.selectors import heard_answers, open_suggestions_of
from segmentation.casework.services.advice import decided
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership
from segmentation.schemes.models import Scheme, Segment


def _suggested_text() -> str:
    return _("Nothing is suggested for the customer any more.")


def segments_suggested(scheme: Scheme, customer_ids: Collection[int]) -> dict[int, Segment]:
    """Return the segments that the criteria suggest for these customers, where nobody has decided yet."""
    rows = open_suggestions_of(scheme).filter(customer__in=customer_ids).select_related("segment")
    return {row.customer_id: row.segment for row in rows if row.segment}


def answers_heard(scheme: Scheme, customer_ids: Collection[int]) -> dict[int, InquiryLine]:
    """Return the newest answer of a former owner about each of these customers."""
    rows = heard_answers(scheme).filter(customer__in=customer_ids).select_related("segment", "inquiry__asked")
    return {row.customer_id: row for row in rows.order_by("answered_at", "pk")}


def heard_text(line: InquiryLine) -> str:
    """Return who said it, and why, as the text of a decision."""
    return ": ".join(part for part in (str(line.inquiry.asked), line.text) if part)


@transaction.atomic
def suggestions_accept(
    *, scheme: Scheme, customer_ids: Collection[int], user: Any, kind: str = MoveKind.BULK
) -> dict[int, Move]:
    """Move customers to what the criteria suggest; segments that need approval are proposed, the limit holds."""
    wanted = segments_suggested(scheme, customer_ids)
    return segments_set(wanted=wanted, user=user, kind=kind)


@transaction.atomic
def answers_accept(
    *, scheme: Scheme, customer_ids: Collection[int], user: Any, kind: str = MoveKind.BULK
) -> dict[int, Move]:
    """Move customers to what their former owners answered."""
    lines = answers_heard(scheme, customer_ids)
    wanted: Mapping[int, Any] = {pk: line.segment for pk, line in lines.items()}
    texts = {pk: heard_text(line) for pk, line in lines.items()}
    return segments_set(wanted=wanted, user=user, kind=kind, text=_("Answer of a former owner."), texts=texts)


@transaction.atomic
def suggestion_accept(*, customer: Customer, scheme: Scheme, user: Any) -> Move:
    """Move one customer to what the criteria suggest.

    Raises :class:`BusinessRuleError`: ``no_suggestion``, and those of ``segment_set``.
    """
    segment = segments_suggested(scheme, [customer.pk]).get(customer.pk)
    if segment is None:
        raise BusinessRuleError("no_suggestion", _suggested_text())
    return segment_set(customer=customer, segment=segment, user=user)


@transaction.atomic
def suggestion_override(
    *, customer: Customer, scheme: Scheme, segment: Segment, user: Any, reason: Any = None, text: str = ""
) -> Move | Override:
    """Decide against the suggestion: the customer moves to ``segment``, or stays in it; it needs a reason or a text.

    Returns the move, or the decision to stay. Raises :class:`BusinessRuleError`: ``no_suggestion``,
    ``reason_required`` at ``text``, ``other_scheme`` and ``same_as_suggested`` at ``segment``, and those of
    ``segment_set``.
    """
    if segment.scheme_id != scheme.pk:
        raise BusinessRuleError("other_scheme", _("Choose a segment of the scheme that is in use."), field="segment")
    locked = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    given = suggested_for(scheme.pk, [customer.pk]).get(customer.pk)
    if given is None:
        raise BusinessRuleError("no_suggestion", _suggested_text())
    if given.segment_id == segment.pk:
        raise BusinessRuleError("same_as_suggested", _("This is what is suggested: accept it."), field="segment")
    if reason is None:
        text = _checked(text)
    if not Membership.objects.present().filter(customer=locked, segment=segment).exists():
        return segment_set(customer=locked, segment=segment, user=user, reason=reason, text=text)
    texts = {locked.pk: text.strip()[:1_000]}
    decided(scheme.pk, {locked.pk: segment}, suggested={locked.pk: given}, user=user, reason=reason, texts=texts)
    return Override.objects.in_force().get(scheme=scheme, customer=locked)


def _checked(text: str) -> str:
    try:
        return check_reason(text)
    except BusinessRuleError as error:
        raise BusinessRuleError(error.code, str(error), field="text") from error


@transaction.atomic
def override_end(*, override: Override) -> Override:
    """Take back a decision to stay against the suggestion, which is open again then.

    Raises :class:`BusinessRuleError` ``already_ended``.
    """
    locked = Override.objects.select_for_update().get(pk=override.pk)
    if locked.ended_at is not None:
        raise BusinessRuleError("already_ended", _("Somebody has decided again meanwhile."))
    locked.ended_at = clock.now()
    locked.save(update_fields=["ended_at"])
    return locked
