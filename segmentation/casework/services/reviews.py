"""Yearly reviews: the frozen list, the owners' answers, the one decision of management."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.exceptions import BusinessRuleError
from core.segments import REFUSED, segments_set
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from customers.models import Customer
from segmentation.casework.enums import REVIEW_TRANSITIONS, Answer, Origin, Outcome, ReviewStatus
from segmentation.casework.models import Review, ReviewLine
from segmentation.membership.enums import MoveKind
from segmentation.schemes.models import Scheme, Segment, SegmentReason

#: The reason of moves that a review decides, where the list of reasons has it.
REASON = "review"
DECIDE = "casework.decide_reviews"


class ReviewStatusMachine(StatusMachine[Review]):
    transitions = REVIEW_TRANSITIONS
    refusal_code = "already_decided"
    refusal_field = None

    def refusal(self, row: Review, status: Any) -> str:
        return _("The review is not under way any more: %(status)s.") % {"status": row.get_status_display()}


REVIEW_STATUS = ReviewStatusMachine()
#: Nobody approves what they proposed themselves (rule 7), in a review neither.
_NEEDS_APPROVAL = Q(wanted__needs_approval=True) | Q(segment__needs_approval=True)

#: The customers of segments that need approval, and those in a segment against the suggestion, each once.
_FREEZE = """
INSERT INTO casework_reviewline
    (review_id, customer_id, customer_name, origin, segment_id, segment_fi, segment_en, suggested_id, suggested_fi,
     suggested_en, why, since, owner_id, owner_name, answer, wanted_fi, wanted_en, text, outcome)
SELECT %(review)s, c.id, left(c.name, 300), CASE WHEN o.id IS NULL THEN %(approval)s ELSE %(override)s END,
    s.id, s.name_fi, s.name_en, o.suggested_id, COALESCE(g.name_fi, ''), COALESCE(g.name_en, ''),
    COALESCE(NULLIF(o.text, ''), m.text), (lower(m.period) AT TIME ZONE %(zone)s)::date,
    u.id, left(COALESCE(NULLIF(trim(u.first_name || ' ' || u.last_name), ''), u.username, ''), 300),
    '', '', '', '', ''
FROM membership_membership m
JOIN schemes_segment s ON s.id = m.segment_id
JOIN customers_customer c ON c.id = m.customer_id AND c.state = 'active'
JOIN customers_customersummary y ON y.customer_id = c.id
LEFT JOIN accounts_user u ON u.id = y.owner_id
LEFT JOIN casework_override o ON o.customer_id = c.id AND o.scheme_id = m.scheme_id AND o.ended_at IS NULL
    AND o.segment_id = m.segment_id
LEFT JOIN schemes_segment g ON g.id = o.suggested_id
WHERE m.scheme_id = %(scheme)s AND upper_inf(m.period) AND (s.needs_approval OR o.id IS NOT NULL)
    AND (m.segment_id = ANY(%(approvals)s) OR c.id IN (
        SELECT customer_id FROM casework_override WHERE scheme_id = %(scheme)s AND ended_at IS NULL
    ))
"""


@transaction.atomic
def review_start(*, scheme: Scheme, user: Any, title: str, due: dt.date | None = None, is_demo: bool = False) -> Review:
    """Start a review: freeze the list of the customers of segments that need approval and of every override.

    Owners are notified with the number of their customers. Raises :class:`BusinessRuleError`: ``review_open`` at
    ``scheme``, ``due_past`` at ``due``, ``nothing_to_review``.
    """
    Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)
    if Review.objects.open().filter(scheme=scheme).exists():
        text = _("A review of the scheme is under way already.")
        raise BusinessRuleError("review_open", text, field="scheme")
    if due is not None and due < clock.today():
        raise BusinessRuleError("due_past", _("Choose today or a coming day."), field="due")
    review = Review.objects.create(
        scheme=scheme, title=title, due=due, started_by=user, started_at=clock.now(), is_demo=is_demo
    )
    if not _freeze(review):
        text = _("No customer is in a segment that needs approval or against the suggestion.")
        raise BusinessRuleError("nothing_to_review", text, field="scheme")
    _notify_owners(review, user)
    return review


def _freeze(review: Review) -> int:
    approvals = Segment.objects.filter(scheme=review.scheme_id, needs_approval=True).values_list("pk", flat=True)
    values: dict[str, Any] = {
        "review": review.pk, "scheme": review.scheme_id, "zone": str(timezone.get_default_timezone()),
        "approval": Origin.APPROVAL.value, "override": Origin.OVERRIDE.value, "approvals": list(approvals),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE, values)
        return int(cursor.rowcount)


def _notify_owners(review: Review, user: Any) -> None:
    """Notify each owner of how many of the owner's customers are in the review."""
    counts = review.lines.filter(owner__is_active=True).exclude(owner=user).values_list("owner")
    people = User.objects.in_bulk([pk for pk, _count in counts.annotate(count=Count("pk")).order_by()])
    for pk, count in counts.annotate(count=Count("pk")).order_by():
        url = f"{review.get_absolute_url()}?mine=true&answer=open"
        notify(users=[people[pk]], kind="review_started", url=url, title=review.title, count=count)


def review_check(review: Review) -> None:
    """Raise ``already_decided`` if the review is over."""
    REVIEW_STATUS.check(review, ReviewStatus.DECIDED)


@transaction.atomic
def line_answer(
    *, line: ReviewLine, answer: str, user: Any, wanted: Segment | None = None, text: str = ""
) -> ReviewLine:
    """Answer about a customer: it keeps its segment, or changes to ``wanted`` for a reason.

    Raises :class:`BusinessRuleError`: ``already_decided``, ``customer_passive``, ``wanted_required`` and
    ``same_segment`` at ``wanted``, ``reason_required`` at ``text``.
    """
    review = Review.objects.select_for_update(no_key=True).get(pk=line.review_id)
    REVIEW_STATUS.check(review, ReviewStatus.DECIDED)
    locked = ReviewLine.objects.select_for_update(of=("self",)).select_related("customer").get(pk=line.pk)
    if locked.customer is None or locked.customer.is_passive:
        raise BusinessRuleError("customer_passive", _("The customer is inactive."))
    locked.answer, locked.text = answer, text.strip()[:1_000]
    _want(locked, wanted if answer == Answer.CHANGE else None, review)
    locked.answered_by, locked.answered_at = user, clock.now()
    locked.save()
    _notify_if_answered(review, user)
    return locked


def _want(line: ReviewLine, wanted: Segment | None, review: Review) -> None:
    """Write the segment that is wanted, with its words of now; a change says which one, and why."""
    if line.answer == Answer.CHANGE:
        if wanted is None or wanted.scheme_id != review.scheme_id or wanted.is_retired:
            raise BusinessRuleError("wanted_required", _("Choose the new segment."), field="wanted")
        if wanted.pk == line.segment_id:
            raise BusinessRuleError("same_segment", _("The customer is in this segment: keep it."), field="wanted")
        try:
            check_reason(line.text)
        except BusinessRuleError as error:
            raise BusinessRuleError(error.code, str(error), field="text") from error
    line.wanted = wanted
    line.wanted_fi, line.wanted_en = (wanted.name_fi, wanted.name_en) if wanted else ("", "")


def _notify_if_answered(review: Review, user: Any) -> None:
    """Notify those who started the review and those who decide when the last answer has come."""
    if review.lines.unanswered().exists():
        return
    people = [*([review.started_by] if review.started_by else []), *deciders()]
    others = {person.pk: person for person in people if person.pk != getattr(user, "pk", None)}
    notify(users=list(others.values()), kind="review_answered", url=review.get_absolute_url(), title=review.title)


def deciders() -> list[User]:
    """Return the active users of groups that decide about reviews."""
    app, codename = DECIDE.split(".")
    held = {"groups__permissions__content_type__app_label": app, "groups__permissions__codename": codename}
    return list(User.objects.filter(is_active=True, **held).distinct())


@transaction.atomic
def lines_keep(*, ids: Iterable[int], user: Any) -> list[int]:
    """Answer about many customers that they keep their segments; return the lines that were written.

    Reviews that have been decided or cancelled meanwhile stay as they are; the others are locked.
    """
    lines = ReviewLine.objects.filter(pk__in=list(ids))
    reviews = Review.objects.select_for_update(no_key=True).open().filter(pk__in=lines.order_by().values("review"))
    opened = list(reviews.order_by("pk"))
    kept = lines.filter(review__in=opened)
    written = list(kept.values_list("pk", flat=True))
    values = {"answer": Answer.KEEP, "wanted": None, "wanted_fi": "", "wanted_en": "", "answered_by": user}
    kept.update(**values, answered_at=clock.now())
    for review in opened:
        _notify_if_answered(review, user)
    return written


@transaction.atomic
def review_decide(*, review: Review, user: Any, text: str = "", version: int | None = None) -> Review:
    """Decide about the whole frozen list at once: the changes take effect, the others keep their segments.

    Customers that became inactive stay out. Raises :class:`BusinessRuleError`: ``already_decided``, ``own_review``,
    ``own_answer``, ``not_answered``, and why a change cannot be made, with the customer's name;
    :class:`StaleVersionError`.
    """
    locked = lock(review)
    check_version(locked, version)
    REVIEW_STATUS.check(locked, ReviewStatus.DECIDED)
    if locked.started_by_id == user.pk:
        raise BusinessRuleError("own_review", _("Somebody else decides about a review that you started."))
    if locked.lines.unanswered().exists():
        raise BusinessRuleError("not_answered", _("Some customers have no answer yet."))
    if _changes(locked).filter(_NEEDS_APPROVAL, answered_by=user).exists():
        text = _("You asked for a move to or from a segment that needs approval: somebody else decides.")
        raise BusinessRuleError("own_answer", text)
    _make_changes(locked, user)
    lines = locked.lines.exclude(outcome=Outcome.MOVED)
    lines.filter(customer__state="active").update(outcome=Outcome.KEPT)
    lines.exclude(customer__state="active").update(outcome=Outcome.INACTIVE)
    locked.decided_by, locked.decided_at, locked.decision = user, clock.now(), text.strip()[:1_000]
    locked = REVIEW_STATUS.write(locked, ReviewStatus.DECIDED, user=user)
    _notify_decided(locked, user)
    return locked


def _changes(review: Review) -> QuerySet[ReviewLine]:
    """Return the answers that ask for another segment."""
    changes = review.lines.filter(answer=Answer.CHANGE, customer__state="active", wanted__isnull=False)
    return changes.exclude(wanted=F("segment"))


def _make_changes(review: Review, user: Any) -> None:
    """Move the customers: first to segments without a limit, so that they make room for the others.

    All are locked before the first move: a move locks segments, and customers are locked before these.
    """
    rows = list(_changes(review).select_related("wanted", "customer"))
    ids = [line.customer_id for line in rows if line.customer_id]
    list(Customer.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    free = [line for line in rows if not (line.wanted and line.wanted.limit)]
    limited = [line for line in rows if line.wanted and line.wanted.limit]
    reason = SegmentReason.objects.filter(code=REASON, retired_at__isnull=True).first()
    for lines in (free, limited):
        _move(review, lines, user, reason)


def _move(review: Review, lines: list[ReviewLine], user: Any, reason: Any) -> None:
    wanted = {line.customer_id: line.wanted for line in lines if line.customer_id}
    texts = {line.customer_id: line.text for line in lines if line.customer_id}
    about = {"kind": MoveKind.APPROVED, "reason": reason, "text": f"{review.title}.", "texts": texts, "direct": True}
    moves = segments_set(wanted=wanted, user=user, **about)
    for line in lines:
        move = moves[line.customer_id or 0]
        if move.status == REFUSED:
            raise BusinessRuleError(move.code, f"{line.customer_name}: {move.message}")
    ReviewLine.objects.filter(pk__in=[line.pk for line in lines]).update(outcome=Outcome.MOVED)


def _notify_decided(review: Review, user: Any) -> None:
    owners = User.objects.filter(is_active=True, pk__in=review.lines.order_by().values("owner"))
    people = {person.pk: person for person in [*owners, *([review.started_by] if review.started_by else [])]}
    people.pop(user.pk, None)
    about = {"title": review.title, "user": str(user)}
    notify(users=list(people.values()), kind="review_decided", url=review.get_absolute_url(), **about)


@transaction.atomic
def review_cancel(*, review: Review, user: Any, text: str, version: int | None = None) -> Review:
    """Cancel a review with a reason; no segment changes. Raises ``already_decided``, ``reason_required``."""
    locked = lock(review)
    check_version(locked, version)
    locked.decision = check_reason(text)
    return REVIEW_STATUS.write(locked, ReviewStatus.CANCELLED, user=user)
