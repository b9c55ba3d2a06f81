"""Logging, changing and closing activities."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.enums import LOGGED, ActivityStatus, FollowKind
from activities.log.models import Activity, ActivityContact, ActivityKeyword, ActivityType, Keyword, Participation
from activities.log.plugs import TypeDetails
from activities.log.services.effects import (
    contact_dates_refresh,
    mentions_notify,
    participants_notify,
    reminder_set_if_coming,
    reminders_follow,
)
from activities.log.services.whole_days import fill_days, fit_days
from core import clock
from core.exceptions import BusinessRuleError
from core.richtext import clean
from core.services import check_version, lock
from customers.models import Contact, Customer

#: Plain fields that a change may touch; the type is not one of them (rule 1).
CHANGEABLE = frozenset(
    (
        *("customer", "title", "goal", "memo", "start", "end", "is_all_day"),
        *("channel", "place", "hours", "settlement", "follows"),
    )
)
_OWN_UID = re.compile(r"activity-(\d{1,18})-[0-9a-f]{16}@[^@\s]+", re.ASCII)


@transaction.atomic
def activity_log(
    *,
    user: User | None,
    type: ActivityType,
    title: str,
    customer: Customer | None = None,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
    is_all_day: bool = False,
    goal: str = "",
    memo: str = "",
    channel: str = "",
    place: str = "",
    hours: Decimal | None = None,
    settlement: str = "",
    status: ActivityStatus | None = None,
    participants: Collection[User] = (),
    contacts: Collection[Contact] = (),
    keywords: Collection[Keyword] = (),
    follows: Activity | None = None,
    follow_kind: FollowKind = FollowKind.FOLLOW_UP,
    details: Mapping[str, Any] | None = None,
    remind: int | None = None,
) -> Activity:
    """Add an activity; return it.

    Defaults: ``status`` follows from type and time (:func:`validators.default_status`), the participant is the user
    (none when ``user`` is None: the program logs it), the channel is the type's. ``memo`` is rich text and is cleaned.
    ``details`` are the type's additional fields (:func:`details_write`). ``is_all_day``: it has the whole days from
    ``start`` to ``end``. ``remind`` sets the user's own reminder, in
    minutes before the start. Computes the customer's last and next contact again, and notifies colleagues who are
    mentioned or take part in an unfinished activity. Raises :class:`BusinessRuleError`: ``type_retired``,
    ``customer_required``, ``customer_passive``, ``goal_required``, ``contact_required``, ``end_before_start``,
    ``keyword_not_of_type``, ``participant_inactive``, ``contact_unknown``, ``settlement_required``,
    ``details_not_of_type``, ``not_begun``, ``report_required``, ``status_not_allowed``.
    """
    start = start or clock.now()
    people = participants or ([user] if user else [])
    keeps_open = any(keyword.keeps_open for keyword in keywords)
    activity = Activity(
        type=type,
        customer=customer and Customer.objects.select_for_update(no_key=True).get(pk=customer.pk),
        title=title,
        goal=goal,
        memo=clean(memo),
        start=start,
        end=end,
        is_all_day=is_all_day,
        channel=channel or type.channel,
        place=place,
        hours=hours,
        settlement=settlement,
        follows=follows,
        follow_kind=follow_kind,
        created_by=user,
        status=status
        or validators.default_status(type, start, keeps_open=keeps_open, settlement=settlement, memo=clean(memo)),
    )
    fill_days(activity)
    if activity.status not in LOGGED:
        raise BusinessRuleError("status_not_allowed", _("Only the program cancels activities."), field="status")
    validators.check_type(type)
    validators.check_customer(type, activity.customer)
    _check_content_and_people(activity, user, people, contacts, keywords)
    validators.check_may_be_done(activity)
    activity.closed_at = clock.now() if activity.status == ActivityStatus.DONE else None
    save(activity)
    added = _set_people(activity, people, contacts, keywords)
    details_write(activity, details)
    contact_dates_refresh([activity.customer_id])
    if user:
        reminder_set_if_coming(activity=activity, user=user, minutes=remind)
        participants_notify(activity=activity, user=user, added=added)
        mentions_notify(activity=activity, user=user)
    return activity


@transaction.atomic
def activity_change(
    *, activity: Activity, user: User, changes: Mapping[str, Any], version: int | None = None
) -> Activity:
    """Write ``changes``; return the changed activity.

    They are fields of ``CHANGEABLE``, ``participants``, ``contacts``, ``keywords``, ``details``. An empty list of
    participants means the user. What has whole days gets a time by a ``start`` that is not the beginning of a day.
    Computes the contact dates of the old and the new customer again. Raises :class:`BusinessRuleError` as
    :func:`activity_log` and ``type_is_fixed``; :class:`StaleVersionError` when the activity has changed since
    ``version``.
    """
    changed = lock(activity)
    check_version(changed, version)
    if changes.get("type", changed.type) != changed.type:
        message = _("The type of an activity cannot be changed. Log another activity instead.")
        raise BusinessRuleError("type_is_fixed", message, field="type")
    old_customer_id, old_memo, old_start = changed.customer_id, changed.memo, changed.start
    for name in CHANGEABLE & changes.keys():
        setattr(changed, name, clean(changes[name]) if name == "memo" else changes[name])
    fit_days(changed, activity, changes)
    if changed.customer_id != old_customer_id:
        validators.check_customer(changed.type, changed.customer)
    people = _people_after(changed, changes, user)
    _check_content_and_people(changed, user, *people, before=activity)
    if (changed.start, changed.memo) != (old_start, old_memo):
        validators.check_may_be_done(changed)
    changed.version += 1
    save(changed)
    added = _set_people(changed, *people)
    details_write(changed, changes.get("details"))
    contact_dates_refresh([old_customer_id, changed.customer_id])
    if changed.start != old_start:
        reminders_follow([changed.pk])
    participants_notify(activity=changed, user=user, added=added)
    mentions_notify(activity=changed, user=user, old_memo=old_memo)
    return changed


@transaction.atomic
def participant_add(*, activity: Activity, user: User) -> None:
    """Add ``user`` to the participants. Raises ``participant_inactive``."""
    validators.check_participants([user])
    Participation.objects.get_or_create(activity=lock(activity), user=user)


@transaction.atomic
def participant_remove(*, activity: Activity, user: User) -> None:
    """Remove ``user`` from the participants. Raises ``participant_last`` where nobody would remain."""
    locked = lock(activity)
    others = locked.participations.exclude(user=user)
    if not others.exists():
        raise BusinessRuleError("participant_last", _("At least one participant is required."), field="participants")
    locked.participations.filter(user=user).delete()


def _people_after(
    activity: Activity, changes: Mapping[str, Any], user: User
) -> tuple[Collection[User], Collection[Contact], Collection[Keyword]]:
    """Return participants, contacts and keywords after ``changes``; those that it omits stay."""
    users = changes.get("participants")
    contacts, keywords = changes.get("contacts"), changes.get("keywords")
    return (
        list(activity.users.all()) if users is None else list(users) or [user],  # type: ignore[arg-type]
        list(activity.contacts.all()) if contacts is None else list(contacts),  # type: ignore[arg-type]
        list(activity.keywords.all()) if keywords is None else list(keywords),
    )


def _check_content_and_people(
    activity: Activity,
    user: User | None,
    participants: Iterable[User],
    contacts: Iterable[Contact],
    keywords: Collection[Keyword],
    *,
    before: Activity | None = None,
) -> None:
    """Check content, participants, contacts and keywords; those of the activity ``before`` may stay."""
    validators.check_content(activity)
    old_users = set(before.participations.values_list("user_id", flat=True)) if before else set()
    old_contacts = set(before.activity_contacts.values_list("contact_id", flat=True)) if before else set()
    old_keywords = set(before.activity_keywords.values_list("keyword_id", flat=True)) if before else set()
    validators.check_participants(person for person in participants if person.pk not in old_users)
    validators.check_keywords(activity.type, [keyword for keyword in keywords if keyword.pk not in old_keywords])
    contacts = list(contacts)
    validators.check_contacts_given(activity.type, contacts)
    _check_contacts({contact.pk for contact in contacts} - old_contacts, user)
    validators.check_resolved(activity, keywords)


def _check_contacts(ids: set[int], user: User | None) -> None:
    visible = Contact.objects.visible_to(user) if user else Contact.objects.filter(is_hidden=False)
    if visible.filter(pk__in=ids).count() != len(ids):
        raise BusinessRuleError("contact_unknown", _("Choose contacts from the list."), field="contacts")


def _set_people(
    activity: Activity, participants: Iterable[User], contacts: Iterable[Contact], keywords: Iterable[Keyword]
) -> set[int]:
    """Write the differences in participants, contacts and keywords; return the ids of the new participants."""
    added = _sync(Participation, activity, "user_id", {person.pk for person in participants})
    _sync(ActivityContact, activity, "contact_id", {contact.pk for contact in contacts})
    _sync(ActivityKeyword, activity, "keyword_id", {keyword.pk for keyword in keywords})
    return added


def _sync(model: Any, activity: Activity, field: str, ids: set[int]) -> set[int]:
    rows = model.objects.filter(activity=activity)
    present = set(rows.values_list(field, flat=True))
    if gone := present - ids:
        rows.filter(**{f"{field}__in": gone}).delete()
    model.objects.bulk_create(model(activity=activity, **{field: pk}) for pk in sorted(ids - present))
    return ids - present


def details_write(activity: Activity, content: Mapping[str, Any] | None = None) -> None:
    """Write ``content`` into the activity's details row; an empty row is left out where details are optional.

    Raises :class:`BusinessRuleError`: ``details_not_of_type``, ``invalid``.
    """
    details = activity.type.own_details
    if details.model is None:
        if content:
            message = _("Activities of this type have no additional fields.")
            raise BusinessRuleError("details_not_of_type", message, field="details")
        return
    row: Any = details.model._default_manager.filter(activity=activity).first()
    if row is None:
        row = _new_details(details, activity, content or {})
    elif content:
        _set_fields(row, content)
    else:
        return
    if row is not None:
        _save_details(row)


def _new_details(details: TypeDetails, activity: Activity, content: Mapping[str, Any]) -> Any:
    """Return a new details row, None where the details are optional and empty."""
    assert details.model is not None  # noqa: S101 - details_write has looked
    row = details.model(activity=activity)
    _set_fields(row, content)
    if details.is_optional and not _has_content(row):
        return None
    if details.fill:
        details.fill(row)
    return row


def _set_fields(row: Any, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        row._meta.get_field(name)  # raises on an unknown name
        setattr(row, name, value)


def _has_content(row: Any) -> bool:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return any(getattr(row, field.attname) != field.get_default() for field in fields)


def _save_details(row: Any) -> None:
    try:
        row.clean_fields(exclude={"activity"})
    except ValidationError as error:
        [(field, messages), *_rest] = error.message_dict.items()
        raise BusinessRuleError("invalid", " ".join(messages), field=field) from error
    row.save()


def uid_of(activity: Activity) -> str:
    """Return the iCalendar UID of an activity: stable, and not guessable by outsiders."""
    return activity.ical_uid if _OWN_UID.fullmatch(activity.ical_uid) else _made_uid(activity.pk)


def _made_uid(pk: int) -> str:
    signature = salted_hmac("activities.ical", str(pk)).hexdigest()[:16]
    return f"activity-{pk}-{signature}@{urlparse(settings.BASE_URL).hostname}"


def is_own_uid(uid: str) -> bool:
    """Return whether this program has made the UID."""
    match = _OWN_UID.fullmatch(uid)
    return match is not None and constant_time_compare(_made_uid(int(match[1])), uid)


def activity_of(uid: str) -> Activity | None:
    """Return the activity with this UID of ours, None for a forged one."""
    match = _OWN_UID.fullmatch(uid)
    if match is None:
        return None
    activity = Activity.objects.select_related("type", "customer").filter(pk=int(match[1])).first()
    return activity if activity and constant_time_compare(uid_of(activity), uid) else None


@transaction.atomic
def activity_move(
    *,
    activity: Activity,
    user: User,
    start: dt.datetime,
    end: dt.datetime | None,
    is_all_day: bool = False,
    version: int | None = None,
) -> Activity:
    """Move the activity to another time or other days; return it. Other occurrences of its series stay.

    Naive times are in the user's own time zone; a time that does not exist or occurs twice is refused, unless the
    activity has it already. Raises :class:`BusinessRuleError` as :func:`activity_change` and ``no_such_time``;
    :class:`StaleVersionError` when the activity has changed since ``version``.
    """
    changes = {
        "start": _aware_time(start, activity.start, "start"),
        "end": _aware_time(end, activity.end, "end") if end else None,
        "is_all_day": is_all_day,
    }
    return activity_change(activity=activity, user=user, changes=changes, version=version)


def _aware_time(time: dt.datetime, present: dt.datetime | None, field: str) -> dt.datetime:
    if timezone.is_aware(time):
        return time
    if present and timezone.make_naive(present).replace(second=0, microsecond=0) == time.replace(second=0):
        return present
    try:
        return from_current_timezone(time)
    except ValidationError as error:
        message = _("This time does not exist or occurs twice because summer time begins or ends.")
        raise BusinessRuleError("no_such_time", message, field=field) from error


def save(activity: Activity) -> None:
    """Save after the model's field checks. Raises ``invalid`` with the field in error."""
    try:
        activity.clean_fields(exclude={"type", "customer", "follows", "series", "created_by"})
    except ValidationError as error:
        [(field, messages), *_rest] = error.message_dict.items()
        raise BusinessRuleError("invalid", " ".join(messages), field=field) from error
    activity.save()
