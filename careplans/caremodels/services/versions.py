"""Services of versions: a draft, its content, review by the account team, management's approval, taking effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from careplans.caremodels.enums import TRANSITIONS, VersionStatus
from careplans.caremodels.frequencies import TermDates
from careplans.caremodels.models import CareAction, CareModel, ModelMetric, ModelVersion, VersionStatusChange
from careplans.caremodels.plugs import follow
from careplans.caremodels.selectors import asked_about, complete
from careplans.caremodels.services.actions import actions_copy
from careplans.caremodels.services.drafts import locked_draft, touched
from careplans.caremodels.validators import check_action, statutory_codes
from core import clock
from core.exceptions import BusinessRuleError
from core.history import changed_by
from core.opinions import check_heard, opinion_give, opinions_end
from core.services import check_version, lock
from core.status import StatusMachine, check_reason

#: What a person may change of a draft.
CONTENT = ("goals_fi", "goals_en", "channels", "promise_hours", "answer_days", "justification")
#: The most days from the approval of a version to the day on which it takes effect.
MOST_AHEAD = 731


class VersionStatusMachine(StatusMachine[ModelVersion]):
    """The status of a version; only it writes statuses."""

    transitions = TRANSITIONS
    history = VersionStatusChange
    owner = "model_version"
    refusal_field = None

    def refusal(self, row: ModelVersion, status: VersionStatus) -> str:
        labels = {"status": row.get_status_display(), "next": VersionStatus(status).label}
        return _("A version with the status “%(status)s” cannot become “%(next)s”.") % labels


VERSION_STATUS = VersionStatusMachine()


def check_justification(text: str) -> str:
    """Return the justification. Raise ``justification_required`` if it says nothing."""
    try:
        return check_reason(text, longest=4_000)
    except BusinessRuleError:
        message = _("Give the justification: why is the model changed?")
        raise BusinessRuleError("justification_required", message, field="justification") from None


@transaction.atomic
def version_draft(*, model: CareModel, user: User | None, justification: str, is_demo: bool = False) -> ModelVersion:
    """Add a draft: a copy of the newest version with its actions and metrics, or an empty first one.

    Raises ``justification_required``, ``retired_model``, ``being_prepared``.
    """
    justification = check_justification(justification)
    locked = lock(model)  # numbers are given in turn
    if locked.is_retired:
        raise BusinessRuleError("retired_model", _("The care model is not in use any more."))
    prepared = locked.versions.prepared().first()
    if prepared is not None:
        text = _("Version %(number)d of the model is being prepared already.") % {"number": prepared.number}
        raise BusinessRuleError("being_prepared", text)
    newest = locked.versions.order_by("-number").first()
    content = {name: getattr(newest, name) for name in CONTENT if newest and name != "justification"}
    last = locked.versions.aggregate(last=Max("number"))["last"] or 0
    draft = ModelVersion.objects.create(
        model=locked, number=last + 1, justification=justification, based_on=newest, created_by=user, is_demo=is_demo,
        **content,
    )  # fmt: skip
    VERSION_STATUS.begin(draft, user=user)
    if newest is not None:
        actions_copy(newest, draft)
        _metrics_copy(newest, draft)
    return draft


def _metrics_copy(source: ModelVersion, draft: ModelVersion) -> None:
    rows = list(source.metrics.all())
    for row in rows:
        row.pk, row._state.adding, row.version = None, True, draft
    ModelMetric.objects.bulk_create(rows)


@transaction.atomic
def version_change(
    *, version: ModelVersion, changes: Mapping[str, Any], user: User | None = None, seen: int | None = None
) -> ModelVersion:
    """Change the content of a draft. Raises ``justification_required``, ``not_draft``, ``stale_version``."""
    locked = locked_draft(version, seen)
    for name in CONTENT:
        if name in changes:
            setattr(locked, name, changes[name])
    locked.justification = check_justification(locked.justification)
    return touched(locked, user)


@transaction.atomic
def version_delete(*, version: ModelVersion) -> None:
    """Delete a draft. Raises ``not_draft``."""
    locked_draft(version, None).delete()


@transaction.atomic
def metric_save(*, metric: ModelMetric, user: User | None = None, seen: int | None = None) -> ModelMetric:
    """Add or change a metric of a draft that a form has filled in. Raises ``not_draft``, ``stale_version``."""
    draft = locked_draft(metric.version, seen)
    metric.save()
    touched(draft, user)
    return metric


@transaction.atomic
def metric_delete(*, metric: ModelMetric, user: User | None = None) -> None:
    """Remove a metric of a draft. Raises ``not_draft``."""
    draft = locked_draft(metric.version, None)
    metric.delete()
    touched(draft, user)


# The steps


@transaction.atomic
def version_send(*, version: ModelVersion, user: User, comment: str = "", seen: int | None = None) -> ModelVersion:
    """Send a draft to the account team: its members give their opinions.

    Raises ``no_actions``, ``faults`` with what is wrong with them.
    """
    locked = _step(version, VersionStatus.TEAM, seen)
    check_content(locked)
    locked.proposed_by, locked.reviewed_by, locked.reviewed_at = user, None, None
    locked.add_writer(user.pk)
    VERSION_STATUS.write(locked, VersionStatus.TEAM, user=user, reason=comment)
    _tell("care_version_to_team", locked, list(asked_about(locked.model)), user)
    return locked


@transaction.atomic
def version_give_opinion(*, version: ModelVersion, user: User, stance: str, comment: str = "") -> ModelVersion:
    """Keep what a member of the account team says, until the version is sent on.

    Raises ``not_with_team``, ``comment_required`` for objections that say nothing.
    """
    locked = lock(version)
    if locked.status != VersionStatus.TEAM:
        raise BusinessRuleError("not_with_team", _("Opinions are given while the version is with the account team."))
    opinion = opinion_give(locked.opinions, user=user, stance=stance, comment=comment)
    _tell("care_version_opinion", locked, _authors(locked), user, stance=opinion.stance)
    return locked


@transaction.atomic
def version_review(*, version: ModelVersion, user: User, comment: str = "", seen: int | None = None) -> ModelVersion:
    """Send a version that the account team has gone through to management.

    Raises ``not_heard`` if nobody of the team but those who wrote, changed or sent it has given an opinion.
    """
    locked = _step(version, VersionStatus.WAITING, seen)
    check_content(locked)
    check_heard(locked.opinions, members=asked_about(locked.model), authors=_writers(locked))
    locked.reviewed_by, locked.reviewed_at = user, clock.now()
    locked.add_editor(user.pk)
    VERSION_STATUS.write(locked, VersionStatus.WAITING, user=user, reason=comment)
    _tell("care_version_to_approve", locked, _approvers(), user)
    return locked


def _writers(version: ModelVersion) -> set[int | None]:
    """Return who wrote a version, changed it, its actions or metrics, or sent it to the account team.

    Who has passed it on to management before, and nothing else, counts as the others do.
    """
    changed = changed_by(version, (CareAction, ModelMetric), CONTENT)  # by another program too
    return {version.created_by_id, *changed, *version.writers}


@transaction.atomic
def version_return(*, version: ModelVersion, user: User, reason: str, seen: int | None = None) -> ModelVersion:
    """Make a version a draft again, with the reason; the team is asked again. Raises ``reason_required``."""
    locked, reason = _step(version, VersionStatus.DRAFT, seen), check_reason(reason)
    VERSION_STATUS.write(locked, VersionStatus.DRAFT, user=user, reason=reason)
    opinions_end(locked.opinions)
    _tell("care_version_returned", locked, _authors(locked), user, reason=reason)
    return locked


@transaction.atomic
def version_approve(
    *, version: ModelVersion, user: User, valid_from: dt.date, comment: str = "", seen: int | None = None
) -> ModelVersion:
    """Approve a version for management: it takes effect on a day, and the one before it ends the day before.

    Raises ``own_version`` (never by who made, changed, sent or reviewed it), ``past_day``, ``too_far``,
    ``before_other``; ``faults`` if something that it names has gone since.
    """
    locked = _step(version, VersionStatus.APPROVED, seen)
    if user.pk in locked.prepared_by:
        text = _("You have prepared this version: somebody else of the management approves it.")
        raise BusinessRuleError("own_version", text)
    check_content(locked)
    return _approve(locked, user, valid_from, comment)


def _approve(version: ModelVersion, user: User | None, day: dt.date, comment: str = "") -> ModelVersion:
    """Approve a checked and locked version from a day."""
    model = CareModel.objects.select_for_update(no_key=True).get(pk=version.model_id)
    if day < clock.today():
        text = _("A version takes effect on the day of its approval or later: choose today or a coming day.")
        raise BusinessRuleError("past_day", text, field="valid_from")
    if (day - clock.today()).days > MOST_AHEAD:
        text = _("A version takes effect within two years of its approval: choose an earlier day.")
        raise BusinessRuleError("too_far", text, field="valid_from")
    before = model.versions.approved().select_for_update().order_by("-valid_from", "-number").first()
    if before is not None and before.valid_from is not None and before.valid_from > day:
        about = {"number": before.number, "day": date_format(before.valid_from, "SHORT_DATE_FORMAT")}
        text = _("Version %(number)d takes effect on %(day)s: choose that day or a later one.") % about
        raise BusinessRuleError("before_other", text, field="valid_from")
    if before is not None:
        _end(before, day, user)
    version.valid_from, version.approved_by, version.approved_at = day, user, clock.now()
    VERSION_STATUS.write(version, VersionStatus.APPROVED, user=user, reason=comment)
    if user is not None:
        _tell("care_version_approved", version, _authors(version), user)
    follow([model.pk])
    return version


def version_approve_default(version: ModelVersion, day: dt.date) -> ModelVersion:
    """Put default data in force from a day: nobody has approved it, and the history says so."""
    return _approve(lock(version), None, day)


def _end(version: ModelVersion, day: dt.date, user: User | None) -> None:
    """End a version on the day before ``day``; it is replaced when that day has come."""
    version.valid_to = day - dt.timedelta(days=1)
    if day <= clock.today() and version.status == VersionStatus.APPROVED:
        VERSION_STATUS.write(version, VersionStatus.REPLACED, user=user)
    else:
        touched(version)


def versions_replace_due(day: dt.date) -> int:
    """Mark as replaced the versions that ended before ``day``, let other apps know, return how many."""
    due = ModelVersion.objects.filter(status=VersionStatus.APPROVED, valid_to__lt=day).values_list("pk", flat=True)
    models = [_replace(pk, day) for pk in list(due)]
    changed = [model for model in models if model]
    if changed:
        follow(changed)
    return len(changed)


@transaction.atomic
def _replace(pk: int, day: dt.date) -> int | None:
    """Return the model of the version that was replaced, None if that has happened meanwhile."""
    version = ModelVersion.objects.select_for_update().get(pk=pk)
    if version.status != VersionStatus.APPROVED or version.valid_to is None or version.valid_to >= day:
        return None
    return int(VERSION_STATUS.write(version, VersionStatus.REPLACED, user=None).model_id)


def _step(version: ModelVersion, status: VersionStatus, seen: int | None) -> ModelVersion:
    """Return the locked version, of which the table allows this step."""
    locked = lock(version)
    check_version(locked, seen)
    VERSION_STATUS.check(locked, status)
    return locked


def check_content(version: ModelVersion) -> None:
    """Raise if the version has no actions, or one of them cannot be as it is any more."""
    check_justification(version.justification)
    actions = list(complete(version.actions.all()))
    if not actions:
        raise BusinessRuleError("no_actions", _("The version has no actions: add one first."))
    faults = faults_of(actions)
    if faults:
        raise BusinessRuleError("faults", " ".join(faults))


def faults_of(actions: Iterable[Any]) -> list[str]:
    """Return what is wrong with actions, each as a sentence that begins with its name."""
    terms, statutory = TermDates.read(), statutory_codes()
    found = []
    for action in actions:
        try:
            check_action(action, action.types.all(), terms=terms, statutory=statutory)
        except BusinessRuleError as error:
            found.append(f"{action}: {error}")
    return found


# Telling people


def _approvers() -> Collection[User]:
    """Return the active users who may approve care models."""
    right = {"codename": "approve_models", "content_type__app_label": "caremodels"}
    of_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    of_user = {f"user_permissions__{name}": value for name, value in right.items()}
    users = User.objects.filter(Q(**of_group) | Q(**of_user)).values("pk")
    return list(User.objects.filter(is_active=True, pk__in=users))


def _authors(version: ModelVersion) -> Collection[User]:
    """Return who made the draft and who sent it on."""
    people = {version.created_by_id, version.proposed_by_id, version.reviewed_by_id}
    return list(User.objects.filter(pk__in=[pk for pk in people if pk]))


def _tell(kind: str, version: ModelVersion, users: Collection[User], by: User, **data: str) -> None:
    about: Mapping[str, str] = {"version": str(version), "by": str(by), **data}
    notify(users=[user for user in users if user != by], kind=kind, url=version.get_absolute_url(), **about)
