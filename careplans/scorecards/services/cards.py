"""Services of scorecards: make one, its goals and values, and the steps to management's approval."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team, User
from careplans.scorecards.enums import CARD_TRANSITIONS, CardKind, CardStatus, LineUnit
from careplans.scorecards.figures import lines_compute, lines_in_order, lines_save
from careplans.scorecards.models import CardStatusChange, Scorecard, ScoreLine
from careplans.scorecards.services.telling import approvers, prepared, tell
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from customers.models import Customer
from segmentation.schemes.models import Segment

#: What is copied into the scorecard of the next year.
COPIED = ("perspective_id", "goal", "metric", "name", "unit", "series", "expected", "target", "order")
#: What of a line says what it measures: a change begins a new series.
MEASURES = ("metric", "name", "unit")
MOST_LINES = 60


class CardMachine(StatusMachine[Scorecard]):
    """The status of a scorecard; only it writes statuses."""

    transitions = CARD_TRANSITIONS
    history = CardStatusChange
    owner = "scorecard"
    refusal_field = None

    def refusal(self, row: Scorecard, status: Any) -> str:
        labels = {"status": row.get_status_display(), "next": CardStatus(status).label}
        return _("A scorecard with the status “%(status)s” cannot become “%(next)s”.") % labels


CARD_STATUS = CardMachine()


@transaction.atomic
def card_add(
    *, kind: str, year: int, user: User | None, customer: Customer | None = None, team: Team | None = None,
    responsible: User | None = None, is_demo: bool = False,
) -> Scorecard:  # fmt: skip
    """Add a draft with the goals of the newest earlier scorecard of the same, if there is one.

    Raises ``no_subject``, ``not_key_customer`` (only customers in a segment that needs approval have one), ``exists``.
    """
    about: dict[str, Any] = {
        "kind": kind,
        "customer": customer if kind == CardKind.CUSTOMER else None,
        "team": team if kind == CardKind.TEAM else None,
    }
    _check_subject(kind, **{name: about[name] for name in ("customer", "team")})
    if Scorecard.objects.filter(**about, year=year).exists():
        raise BusinessRuleError("exists", _("There is a scorecard of this year already."), field="year")
    former = Scorecard.objects.filter(**about, year__lt=year).order_by("-year").first()
    card = Scorecard.objects.create(
        **about, year=year, created_by=user, former=former, is_demo=is_demo,
        responsible=responsible or _usual_responsible(former, customer, team) or user,
    )  # fmt: skip
    CARD_STATUS.begin(card, user=user)
    if former:
        ScoreLine.objects.bulk_create(_copy(line, card) for line in lines_in_order(former))
        refresh(card)
    return card


def _check_subject(kind: str, *, customer: Customer | None, team: Team | None) -> None:
    if kind == CardKind.CUSTOMER and customer is None:
        raise BusinessRuleError("no_subject", _("Choose the customer."), field="customer")
    if kind == CardKind.TEAM and team is None:
        raise BusinessRuleError("no_subject", _("Choose the team."), field="team")
    if customer is not None and not is_key_customer(customer):
        text = _("Only active customers in a segment that needs approval have a scorecard of their own.")
        raise BusinessRuleError("not_key_customer", text, field="customer")


def is_key_customer(customer: Customer) -> bool:
    """Whether the customer is active and in a segment of the primary scheme that needs approval."""
    if customer.is_passive:
        return False
    key = Segment.objects.primary().in_use().filter(needs_approval=True)
    return bool(key.filter(pk=customer.summary.segment_id or 0).exists())


def _usual_responsible(former: Scorecard | None, customer: Customer | None, team: Team | None) -> User | None:
    """Return who is responsible if nobody is chosen: who was, else the owner or leader, as far as they work here."""
    owner: User | None = customer.summary.owner if customer else team.leader if team else None
    people = (former.responsible if former else None, owner)
    return next((person for person in people if person and person.is_active), None)


def _copy(line: ScoreLine, card: Scorecard) -> ScoreLine:
    copy = ScoreLine(card=card, based_on=line, **{name: getattr(line, name) for name in COPIED})
    copy.definition = line.definition
    _renew(copy)
    return copy


def _renew(line: ScoreLine) -> bool:
    """Begin a new series if the declared definition has changed since; return whether it has."""
    if line.declared is None or line.declared.version == line.definition:
        return False
    line.definition, line.series = line.declared.version, uuid.uuid4()
    return True


def refresh(card: Scorecard) -> None:
    """Compute the newest actuals of a card."""
    lines_save(lines_compute(card, lines_in_order(card)))


def _draft(card: Scorecard, seen: int | None) -> Scorecard:
    """Return the locked card, of which the goals may be changed. Raises ``not_draft``, ``stale_version``."""
    locked = lock(card)
    check_version(locked, seen)
    if not locked.is_draft:
        raise BusinessRuleError("not_draft", _("Only a draft can be changed: open the scorecard again first."))
    return locked


def _touched(card: Scorecard, user: User | None) -> Scorecard:
    card.version += 1
    card.add_editor(user.pk if user else None)
    card.save()
    return card


@transaction.atomic
def card_change(*, card: Scorecard, changes: Mapping[str, Any], user: User, seen: int | None = None) -> Scorecard:
    """Change who is responsible and the comment of a draft. Raises ``not_draft``, ``stale_version``."""
    locked = _draft(card, seen)
    for name in ("responsible", "comment"):
        if name in changes:
            setattr(locked, name, changes[name])
    return _touched(locked, user)


@transaction.atomic
def card_delete(*, card: Scorecard) -> None:
    """Delete a draft that has never been approved. Raises ``not_draft``, ``was_approved``."""
    locked = _draft(card, None)
    if locked.approved_at is not None:
        raise BusinessRuleError("was_approved", _("The scorecard has been approved once: it is kept."))
    locked.delete()


@transaction.atomic
def line_save(*, line: ScoreLine, user: User | None, seen: int | None = None) -> ScoreLine:
    """Add or change a goal that a form has filled in; another metric begins a new series.

    A metric that nobody declares any more stays with what was known of it, until another one is chosen.

    Raises ``not_draft``, ``stale_version``, ``not_offered``, ``no_measure``, ``too_many``.
    """
    card = _draft(line.card, seen)
    before = ScoreLine.objects.filter(pk=line.pk).first() if line.pk else None
    _check_line(line, card, before)
    if line.metric:
        _set(line, name="", entered=None, unit="")
    else:
        _set(line, value=None, value_on=None, unit=line.unit or LineUnit.COUNT)
    if before and any(getattr(before, name) != getattr(line, name) for name in MEASURES):
        _set(line, series=uuid.uuid4(), value=None, value_on=None, kept=None, kept_on=None)
    if line.declared and (before is None or before.metric != line.metric):
        line.definition = line.declared.version
    line.save()
    lines_save(lines_compute(card, [line]))
    _touched(card, user)
    return line


def _set(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _check_line(line: ScoreLine, card: Scorecard, before: ScoreLine | None) -> None:
    is_new = before is None or before.metric != line.metric
    if line.metric and is_new and (line.declared is None or card.scope.kind not in line.declared.scopes):
        raise BusinessRuleError("not_offered", _("This metric does not exist for this scorecard."), field="metric")
    if not line.metric and not line.name:
        text = _("Choose a metric, or say what is measured by hand.")
        raise BusinessRuleError("no_measure", text, field="name")
    if line._state.adding and card.lines.count() >= MOST_LINES:
        text = _("A scorecard has at most %d goals: fewer are followed better.") % MOST_LINES
        raise BusinessRuleError("too_many", text)


@transaction.atomic
def line_delete(*, line: ScoreLine, user: User) -> None:
    """Remove a goal of a draft. Raises ``not_draft``."""
    card = _draft(line.card, None)
    line.delete()
    _touched(card, user)


@transaction.atomic
def values_enter(
    *, card: Scorecard, values: Mapping[int, Mapping[str, Any]], user: User, seen: int | None = None
) -> Scorecard:
    """Enter targets, actuals and comments of lines of a draft, by the id of the line.

    Raises ``not_draft``, ``stale_version``, ``no_such_line``, ``computed`` (what computes itself is not entered).
    """
    locked = _draft(card, seen)
    lines = {line.pk: line for line in lines_in_order(locked)}
    if missing := sorted(values.keys() - lines.keys()):
        raise BusinessRuleError("no_such_line", _("The scorecard has no goal no. %d.") % missing[0], field="lines")
    for pk, entered in values.items():
        _enter(lines[pk], entered)
    return _touched(locked, user)


def _enter(line: ScoreLine, values: Mapping[str, Any]) -> None:
    if values.get("entered") is not None and not line.is_by_hand:
        text = _("“%s” computes itself: its actual is not entered.") % line.measured
        raise BusinessRuleError("computed", text, field="lines")
    for name in ("target", "entered", "comment"):
        if name in values:
            setattr(line, name, values[name])
    line.save()


# The steps


def _step(card: Scorecard, status: CardStatus, seen: int | None) -> Scorecard:
    """Return the locked card, of which the table allows this step."""
    locked = lock(card)
    check_version(locked, seen)
    CARD_STATUS.check(locked, status)
    return locked


@transaction.atomic
def card_send(*, card: Scorecard, user: User, comment: str = "", seen: int | None = None) -> Scorecard:
    """Send a draft to management. Raises ``no_goals``, ``no_target`` (each goal has its target)."""
    locked = _step(card, CardStatus.SENT, seen)
    lines = list(lines_in_order(locked))
    if not lines:
        raise BusinessRuleError("no_goals", _("The scorecard has no goals: add one first."))
    if missing := [line.measured for line in lines if line.target is None and not line.is_value]:
        raise BusinessRuleError("no_target", _("There is no target for: %s.") % ", ".join(missing))
    for line in lines:
        if _renew(line):
            line.save()
    locked.sent_by = user
    locked.add_editor(user.pk)
    CARD_STATUS.write(locked, CardStatus.SENT, user=user, reason=comment)
    tell("scorecard_to_approve", locked, approvers(), user)
    return locked


@transaction.atomic
def card_return(*, card: Scorecard, user: User, reason: str, seen: int | None = None) -> Scorecard:
    """Make a card that waits a draft again, with the reason. Raises ``reason_required``."""
    locked, reason = _step(card, CardStatus.DRAFT, seen), check_reason(reason)
    if not locked.is_sent:
        raise BusinessRuleError("status_not_allowed", CARD_STATUS.refusal(locked, CardStatus.DRAFT))
    CARD_STATUS.write(locked, CardStatus.DRAFT, user=user, reason=reason)
    tell("scorecard_returned", locked, prepared(locked), user, reason=reason)
    return locked


@transaction.atomic
def card_approve(*, card: Scorecard, user: User, comment: str = "", seen: int | None = None) -> Scorecard:
    """Approve a scorecard for management: its actuals are kept as they are now, with the day.

    Raises ``own_card`` (never by who made, changed or sent it).
    """
    locked = _step(card, CardStatus.APPROVED, seen)
    if user.pk in locked.prepared_by:
        text = _("You have prepared this scorecard: somebody else of the management approves it.")
        raise BusinessRuleError("own_card", text)
    card_keep(locked, user, comment)
    tell("scorecard_approved", locked, prepared(locked), user)
    return locked


def card_keep(card: Scorecard, user: User | None, comment: str = "") -> None:
    """Approve a locked card and keep its actuals; nobody is notified."""
    refresh(card)
    lines = list(lines_in_order(card))
    for line in lines:
        line.kept, line.kept_on = line.actual, clock.today()
    ScoreLine.objects.bulk_update(lines, ["kept", "kept_on"])
    card.approved_by, card.approved_at = user, clock.now()
    CARD_STATUS.write(card, CardStatus.APPROVED, user=user, reason=comment)


@transaction.atomic
def card_reopen(*, card: Scorecard, user: User, reason: str, seen: int | None = None) -> Scorecard:
    """Make an approved card a draft again, such as for the actuals of the year's end; what was approved stays kept.

    Management approves it again. Raises ``reason_required``.
    """
    locked, reason = _step(card, CardStatus.DRAFT, seen), check_reason(reason)
    if not locked.is_approved:
        raise BusinessRuleError("status_not_allowed", CARD_STATUS.refusal(locked, CardStatus.DRAFT))
    concerned = prepared(locked)
    locked.editors, locked.sent_by = [], None
    locked.add_editor(user.pk)
    CARD_STATUS.write(locked, CardStatus.DRAFT, user=user, reason=reason)
    tell("scorecard_reopened", locked, concerned, user, reason=reason)
    return locked
