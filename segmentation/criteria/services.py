"""Services of criteria: a draft, its rules, review, approval, putting a version in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.conditions.tree import Group, Join
from core.exceptions import BusinessRuleError
from core.opinions import check_heard, opinion_give, opinions_end
from core.services import check_version, lock
from core.status import StatusMachine, check_reason
from segmentation.criteria.checks import Found, findings, incomplete
from segmentation.criteria.enums import TRANSITIONS, VersionStatus
from segmentation.criteria.models import CriteriaStatusChange, CriteriaVersion, Evaluation, SegmentRule
from segmentation.criteria.store import rule_write, rules_of_version
from segmentation.schemes.models import Scheme, Segment


class CriteriaStatusMachine(StatusMachine[CriteriaVersion]):
    """The status of a version; only it writes statuses."""

    transitions = TRANSITIONS
    history = CriteriaStatusChange
    owner = "criteria"
    refusal_field = None

    def refusal(self, row: CriteriaVersion, status: VersionStatus) -> str:
        labels = {"status": row.get_status_display(), "next": VersionStatus(status).label}
        return _("A version with the status “%(status)s” cannot become “%(next)s”.") % labels


CRITERIA_STATUS = CriteriaStatusMachine()


def check_justification(text: str) -> str:
    """Return the justification. Raise ``justification_required`` if it says nothing (rule 8)."""
    try:
        return check_reason(text, longest=4_000)
    except BusinessRuleError:
        message = _("Give the justification: why are the criteria changed?")
        raise BusinessRuleError("justification_required", message, field="justification") from None


@transaction.atomic
def criteria_create(
    *, scheme: Scheme, user: User | None, justification: str, based_on: CriteriaVersion | None = None,
    is_demo: bool = False,
) -> CriteriaVersion:  # fmt: skip
    """Add a draft, with the rules of the version that it is based on.

    Raises :class:`BusinessRuleError` ``justification_required`` (rule 8), ``other_scheme``, ``not_exclusive`` for a
    scheme in which a customer may be in several segments.
    """
    justification = check_justification(justification)
    Scheme.objects.select_for_update(no_key=True).get(pk=scheme.pk)  # numbers are given in turn
    if not scheme.is_exclusive:
        message = _("Criteria give each customer one segment; in this scheme a customer may be in several.")
        raise BusinessRuleError("not_exclusive", message, field="scheme")
    if based_on is not None and based_on.scheme_id != scheme.pk:
        raise BusinessRuleError("other_scheme", _("Choose a version of the same scheme."), field="based_on")
    last = CriteriaVersion.objects.filter(scheme=scheme).aggregate(last=Max("number"))["last"] or 0
    criteria = CriteriaVersion.objects.create(
        scheme=scheme, number=last + 1, justification=justification, based_on=based_on, created_by=user, is_demo=is_demo
    )
    CRITERIA_STATUS.begin(criteria, user=user)
    for rule in rules_of_version(based_on) if based_on else ():
        rule_write(criteria, rule.segment, rule.tree)
    return criteria


def _draft(criteria: CriteriaVersion, version: int | None) -> CriteriaVersion:
    """Return the locked draft. Raise if it has changed since ``version`` or is none any more."""
    locked = lock(criteria)
    check_version(locked, version)
    check_draft(locked)
    return locked


def check_draft(criteria: CriteriaVersion) -> None:
    if not criteria.is_draft:
        message = _("Only a draft can be changed. Make a new version that is based on this one.")
        raise BusinessRuleError("not_draft", message)


@transaction.atomic
def criteria_change(*, criteria: CriteriaVersion, justification: str, version: int | None = None) -> CriteriaVersion:
    """Change the justification of a draft. Raises ``justification_required``, ``not_draft``, ``stale_version``."""
    locked = _draft(criteria, version)
    locked.justification = check_justification(justification)
    locked.version += 1
    locked.save(update_fields=["justification", "version", "updated_at"])
    return locked


@transaction.atomic
def rule_set(
    *, criteria: CriteriaVersion, segment: Segment, tree: Group | None, version: int | None = None
) -> CriteriaVersion:
    """Set the rule of a segment in a draft, or remove it (None): then only people put customers there.

    Raises :class:`BusinessRuleError` ``incomplete`` with what is missing, ``other_scheme``, ``not_draft``;
    :class:`StaleVersionError` if somebody has changed the version since ``version``.
    """
    locked = _draft(criteria, version)
    if segment.scheme_id != locked.scheme_id:
        raise BusinessRuleError("other_scheme", _("The segment belongs to another scheme."), field="segment")
    if tree is None:
        SegmentRule.objects.filter(criteria=locked, segment=segment).delete()
    else:
        wrong = incomplete(segment, tree)
        if wrong:
            raise BusinessRuleError("incomplete", " ".join(one.text for one in wrong), field="condition")
        rule_write(locked, segment, tree if tree.parts else Group(tree.id, Join.ALL))
    locked.version += 1
    locked.save(update_fields=["version", "updated_at"])
    return locked


@transaction.atomic
def criteria_delete(*, criteria: CriteriaVersion) -> None:
    """Delete a draft. Raises ``not_draft`` and ``in_use``: what was sent on, or gave results, stays readable."""
    locked = _draft(criteria, None)
    if Evaluation.objects.filter(criteria=locked).exists():
        raise BusinessRuleError("in_use", _("Customers have been evaluated with this version: it is kept."))
    locked.delete()


@transaction.atomic
def criteria_send(
    *, criteria: CriteriaVersion, user: User, comment: str = "", version: int | None = None
) -> CriteriaVersion:
    """Send a draft to the account team: its members give their opinions.

    Raises ``justification_required`` (rule 8), ``no_rules``, ``faults`` with what is wrong with the rules.
    """
    locked = lock(criteria)
    check_version(locked, version)
    CRITERIA_STATUS.check(locked, VersionStatus.TEAM)
    check_justification(locked.justification)
    check_rules(locked)
    CRITERIA_STATUS.write(locked, VersionStatus.TEAM, user=user, reason=comment)
    _tell("criteria_to_team", locked, list(User.objects.of_account_team()), user)
    return locked


@transaction.atomic
def criteria_give_opinion(*, criteria: CriteriaVersion, user: User, stance: str, comment: str = "") -> CriteriaVersion:
    """Keep what a member of the account team says, until the version is sent on.

    Raises ``not_with_team``, ``comment_required`` for objections that say nothing.
    """
    locked = lock(criteria)
    if locked.status != VersionStatus.TEAM:
        raise BusinessRuleError("not_with_team", _("Opinions are given while the version is with the account team."))
    opinion = opinion_give(locked.opinions, user=user, stance=stance, comment=comment)
    _tell("criteria_opinion", locked, _authors(locked), user, stance=opinion.stance)
    return locked


@transaction.atomic
def criteria_review(
    *, criteria: CriteriaVersion, user: User, comment: str = "", version: int | None = None
) -> CriteriaVersion:
    """Send a version that the account team has gone through to management.

    Raises ``not_heard`` if nobody of the team but those who wrote, changed or sent it has given an opinion, ``faults``
    if something that a rule names has gone since.
    """
    locked = lock(criteria)
    check_version(locked, version)
    CRITERIA_STATUS.check(locked, VersionStatus.REVIEWED)
    check_rules(locked)
    check_heard(locked.opinions, members=User.objects.of_account_team(), authors=locked.written_by)
    CRITERIA_STATUS.write(locked, VersionStatus.REVIEWED, user=user, reason=comment)
    _tell("criteria_reviewed", locked, _approvers(), user)
    return locked


def check_rules(criteria: CriteriaVersion) -> None:
    """Raise if the version has no rules or something is certainly wrong with them."""
    rules = rules_of_version(criteria)
    if not rules:
        raise BusinessRuleError("no_rules", _("The version has no rules: add one for a segment first."))
    faults: list[Found] = [one for one in findings(rules) if one.is_fault]
    if faults:
        raise BusinessRuleError("faults", " ".join(dict.fromkeys(one.text for one in faults)))


@transaction.atomic
def criteria_return(*, criteria: CriteriaVersion, user: User, comment: str) -> CriteriaVersion:
    """Send a version back to be changed; the account team is asked again. Raises ``reason_required``."""
    locked, reason = lock(criteria), check_reason(comment)
    CRITERIA_STATUS.write(locked, VersionStatus.DRAFT, user=user, reason=reason)
    opinions_end(locked.opinions)
    return locked


def check_approver(criteria: CriteriaVersion, user: User) -> None:
    if user.pk in criteria.prepared_by:
        text = _("You have prepared this version: somebody else of the management approves it.")
        raise BusinessRuleError("own_version", text)


@transaction.atomic
def criteria_approve(*, criteria: CriteriaVersion, user: User, comment: str = "") -> CriteriaVersion:
    """Approve a reviewed version for management.

    Raises ``own_version`` (never by who wrote, changed or sent it); ``faults`` if something it names has gone since.
    """
    locked = lock(criteria)
    CRITERIA_STATUS.check(locked, VersionStatus.APPROVED)
    check_approver(locked, user)
    check_rules(locked)
    CRITERIA_STATUS.write(locked, VersionStatus.APPROVED, user=user, reason=comment)
    _tell("criteria_approved", locked, _authors(locked), user)
    return locked


@transaction.atomic
def criteria_reject(*, criteria: CriteriaVersion, user: User, reason: str) -> CriteriaVersion:
    """Reject a version for management. Raises ``reason_required``."""
    locked = lock(criteria)
    reason = check_reason(reason)
    locked.in_force_from = None
    CRITERIA_STATUS.write(locked, VersionStatus.REJECTED, user=user, reason=reason)
    _tell("criteria_rejected", locked, _authors(locked), user, reason=reason)
    return locked


@transaction.atomic
def criteria_put_in_force(*, criteria: CriteriaVersion, user: User, day: dt.date) -> CriteriaVersion:
    """Put an approved version in force from a day: today at once, a coming day at its beginning.

    Raises ``past_day``; ``faults`` if something it names has gone since.
    """
    locked = lock(criteria)
    CRITERIA_STATUS.check(locked, VersionStatus.IN_FORCE)
    check_rules(locked)
    if day < clock.today():
        raise BusinessRuleError("past_day", _("A version is put in force from today or a coming day."), field="day")
    locked.in_force_from = day
    if day > clock.today():
        locked.version += 1
        locked.save(update_fields=["in_force_from", "version", "updated_at"])
        return locked
    return _begin(locked, user)


def _begin(criteria: CriteriaVersion, user: User | None) -> CriteriaVersion:
    """Put a locked version in force; the one before it ends the day before."""
    assert criteria.in_force_from is not None  # noqa: S101 - set by the caller
    before = CriteriaVersion.objects.select_for_update().in_force().filter(scheme=criteria.scheme_id).first()
    if before is not None:
        before.in_force_to = criteria.in_force_from - dt.timedelta(days=1)
        CRITERIA_STATUS.write(before, VersionStatus.SUPERSEDED, user=user)
    return CRITERIA_STATUS.write(criteria, VersionStatus.IN_FORCE, user=user)


def criteria_begin_due(day: dt.date) -> int:
    """Put in force the approved versions that are to be so from ``day`` or earlier; return how many."""
    due = CriteriaVersion.objects.filter(status=VersionStatus.APPROVED, in_force_from__lte=day)
    count = 0
    for criteria in due.order_by("in_force_from", "pk"):
        with transaction.atomic():
            locked = lock(criteria)
            if locked.status == VersionStatus.APPROVED:
                _begin(locked, None)
                count += 1
    return count


# Telling people


def _approvers() -> list[User]:
    """Return the active users who may approve criteria."""
    right = {"codename": "approve_criteria", "content_type__app_label": "criteria"}
    of_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    of_user = {f"user_permissions__{name}": value for name, value in right.items()}
    users = User.objects.filter(Q(**of_group) | Q(**of_user)).values("pk")
    return list(User.objects.filter(is_active=True, pk__in=users))


def _authors(criteria: CriteriaVersion) -> list[User]:
    """Return who wrote the version and who sent it to management."""
    return list(User.objects.filter(pk__in=criteria.prepared_by))


def _tell(kind: str, criteria: CriteriaVersion, users: list[User], by: User, **data: str) -> None:
    about: Mapping[str, str] = {"criteria": str(criteria), "by": str(by), **data}
    notify(users=[user for user in users if user != by], kind=kind, url=criteria.get_absolute_url(), **about)
