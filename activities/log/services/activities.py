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
from activities.log.enums import ActivityStatus, FollowKind
from activities.log.models import Activity, ActivityContact, ActivityKeyword, ActivityType, Keyword, Participation
from activities.log.services.contact_dates import contact_dates_refresh
from activities.log.services.reminders import (
    mentions_notify,
    participants_notify,
    reminder_set_if_coming,
    reminders_follow,
)
from activities.log.type_details import TypeDetails
from core import clock
from core.exceptions import BusinessRuleError
from core.richtext import clean
from core.services import check_version, lock
from customers.models import Contact, Customer

#: Plain fields that a change may touch; the type is not one of them (rule 1).
CHANGEABLE = frozenset(
    {"customer", "title", "goal", "memo", "start", "end", "channel", "place", "hours", "settlement", "follows"}
)


@transaction.atomic
def activity_log(
    *,
    user: User | None,
    type: ActivityType,
    title: str,
    customer: Customer | None = None,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
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

    Without ``status`` type and time give it (:func:`validators.default_status`), without ``participants`` it is the
    user's own (nobody's when the program logs it: ``user`` None), without ``channel`` it has the type's. ``memo`` is
    rich text and is cleaned. ``details`` are fields of the row of its own that the type has (:func:`details_write`).
    ``remind`` sets the user's own reminder, so many minutes before. The customer's last and next contact are computed
    again; colleagues who are mentioned, or take part in something unfinished, are told. Raises
    :class:`BusinessRuleError`: ``type_retired``,
    ``customer_required``, ``customer_passive``, ``goal_required``, ``contact_required``, ``end_before_start``,
    ``keyword_not_of_type``, ``participant_inactive``, ``contact_unknown``, ``settlement_required``,
    ``details_not_of_type``.
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
        channel=channel or type.channel,
        place=place,
        hours=hours,
        settlement=settlement,
        follows=follows,
        follow_kind=follow_kind,
        created_by=user,
        status=status or validators.default_status(type, start, keeps_open=keeps_open, settlement=settlement),
    )
    validators.check_type(type)
    validators.check_customer(type, activity.customer)
    _check(activity, user, people, contacts, keywords)
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
    """Write ``changes``; return the new row.

    They are fields of ``CHANGEABLE``, ``participants``, ``contacts``, ``keywords``, ``details``. An empty list of
    participants means the user. The dates of contact of the old and the new customer are computed again. Raises
    :class:`BusinessRuleError` as :func:`activity_log` and ``type_is_fixed``; :class:`StaleVersionError` when the row
    has changed since ``version``.
    """
    row = lock(activity)
    check_version(row, version)
    _refuse_other_type(row, changes)
    old_customer_id, old_memo, old_start = row.customer_id, row.memo, row.start
    for name in CHANGEABLE & changes.keys():
        setattr(row, name, clean(changes[name]) if name == "memo" else changes[name])
    if row.customer_id != old_customer_id:
        validators.check_customer(row.type, row.customer)
    people = _people(row, changes, user)
    _check(row, user, *people, kept=activity)
    row.version += 1
    save(row)
    added = _set_people(row, *people)
    details_write(row, changes.get("details"))
    contact_dates_refresh([old_customer_id, row.customer_id])
    if row.start != old_start:
        reminders_follow([row.pk])
    participants_notify(activity=row, user=user, added=added)
    mentions_notify(activity=row, user=user, old_memo=old_memo)
    return row


@transaction.atomic
def participant_add(*, activity: Activity, user: User) -> None:
    """Make the activity ``user``'s own too. Raises ``participant_inactive``."""
    validators.check_participants([user])
    Participation.objects.get_or_create(activity=lock(activity), user=user)


@transaction.atomic
def participant_remove(*, activity: Activity, user: User) -> None:
    """Take ``user`` off the activity. Raises ``participant_last``: somebody must own it."""
    row = lock(activity)
    others = row.participations.exclude(user=user)
    if not others.exists():
        raise BusinessRuleError("participant_last", _("Somebody must take part."), field="participants")
    row.participations.filter(user=user).delete()


def _refuse_other_type(activity: Activity, changes: Mapping[str, Any]) -> None:
    if changes.get("type", activity.type) != activity.type:
        message = _("The type of an activity cannot be changed. Log another activity instead.")
        raise BusinessRuleError("type_is_fixed", message, field="type")


def _people(
    activity: Activity, changes: Mapping[str, Any], user: User
) -> tuple[Collection[User], Collection[Contact], Collection[Keyword]]:
    """Return participants, contacts and keywords after ``changes``; those that are not mentioned stay."""
    users = changes.get("participants")
    contacts, keywords = changes.get("contacts"), changes.get("keywords")
    return (
        list(activity.users.all()) if users is None else list(users) or [user],  # type: ignore[arg-type]
        list(activity.contacts.all()) if contacts is None else list(contacts),  # type: ignore[arg-type]
        list(activity.keywords.all()) if keywords is None else list(keywords),
    )


def _check(
    activity: Activity,
    user: User | None,
    participants: Iterable[User],
    contacts: Iterable[Contact],
    keywords: Collection[Keyword],
    *,
    kept: Activity | None = None,
) -> None:
    """Check the rules of content and people; who took part already may stay (``kept``: the activity before)."""
    validators.check_content(activity)
    old_users = set(kept.participations.values_list("user_id", flat=True)) if kept else set()
    old_contacts = set(kept.activity_contacts.values_list("contact_id", flat=True)) if kept else set()
    old_keywords = set(kept.activity_keywords.values_list("keyword_id", flat=True)) if kept else set()
    validators.check_participants(person for person in participants if person.pk not in old_users)
    validators.check_keywords(activity.type, [keyword for keyword in keywords if keyword.pk not in old_keywords])
    contacts = list(contacts)
    validators.check_contacts_given(activity.type, contacts)
    _check_contacts({contact.pk for contact in contacts} - old_contacts, user)
    validators.check_settled(activity, keywords)


def _check_contacts(ids: set[int], user: User | None) -> None:
    seen = Contact.objects.visible_to(user) if user else Contact.objects.filter(is_hidden=False)
    if seen.filter(pk__in=ids).count() != len(ids):
        raise BusinessRuleError("contact_unknown", _("Choose contacts from the list."), field="contacts")


def _set_people(
    activity: Activity, participants: Iterable[User], contacts: Iterable[Contact], keywords: Iterable[Keyword]
) -> set[int]:
    """Write who took part and the keywords: only what differs, so that the history shows only that.

    Returns the ids of the participants who are new.
    """
    added = _sync(Participation, activity, "user_id", {person.pk for person in participants})
    _sync(ActivityContact, activity, "contact_id", {contact.pk for contact in contacts})
    _sync(ActivityKeyword, activity, "keyword_id", {keyword.pk for keyword in keywords})
    return added


def _sync(model: Any, activity: Activity, field: str, wanted: set[int]) -> set[int]:
    rows = model.objects.filter(activity=activity)
    present = set(rows.values_list(field, flat=True))
    if gone := present - wanted:
        rows.filter(**{f"{field}__in": gone}).delete()
    model.objects.bulk_create(model(activity=activity, **{field: pk}) for pk in sorted(wanted - present))
    return wanted - present


def details_write(activity: Activity, content: Mapping[str, Any] | None = None) -> None:
    """Write ``content`` into the activity's own row, which it always has unless its type's details are optional.

    Raise :class:`BusinessRuleError`: ``details_not_of_type``, ``invalid``.
    """
    details = activity.type.own_details
    if details.model is None:
        if content:
            message = _("Activities of this type have no fields of their own.")
            raise BusinessRuleError("details_not_of_type", message, field="details")
        return
    row: Any = details.model._default_manager.filter(activity=activity).first()
    if row is None:
        row = _new(details, activity, content or {})
    elif content:
        _fill(row, content)
    else:
        return
    if row is not None:
        _save(row)


def _new(details: TypeDetails, activity: Activity, content: Mapping[str, Any]) -> Any:
    """Return a new row; none where the details are optional and nothing is entered."""
    assert details.model is not None  # noqa: S101 - details_write has looked
    row = details.model(activity=activity)
    _fill(row, content)
    if details.is_optional and not _says_something(row):
        return None
    if details.fill:
        details.fill(row)
    return row


def _fill(row: Any, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        row._meta.get_field(name)  # another name is an error of the program
        setattr(row, name, value)


def _says_something(row: Any) -> bool:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return any(getattr(row, field.attname) != field.get_default() for field in fields)


def _save(row: Any) -> None:
    try:
        row.clean_fields(exclude={"activity"})
    except ValidationError as error:
        [(field, messages), *_rest] = error.message_dict.items()
        raise BusinessRuleError("invalid", " ".join(messages), field=field) from error
    row.save()


_OWN_UID = re.compile(r"activity-(\d{1,18})-[0-9a-f]{16}@[^@\s]+", re.ASCII)


def uid_of(activity: Activity) -> str:
    """Return the UID by which other programs know an activity: stable, and not to be guessed by outsiders."""
    return activity.ical_uid if _OWN_UID.fullmatch(activity.ical_uid) else _made_uid(activity.pk)


def _made_uid(pk: int) -> str:
    mark = salted_hmac("activities.ical", str(pk)).hexdigest()[:16]
    return f"activity-{pk}-{mark}@{urlparse(settings.BASE_URL).hostname}"


def is_own_uid(uid: str) -> bool:
    """Whether the UID is one that this program has made."""
    match = _OWN_UID.fullmatch(uid)
    return match is not None and constant_time_compare(_made_uid(int(match[1])), uid)


def activity_of(uid: str) -> Activity | None:
    """Return the activity that has this UID of ours; a forged one finds nothing."""
    match = _OWN_UID.fullmatch(uid)
    row = Activity.objects.select_related("type", "customer").filter(pk=int(match[1])).first() if match else None
    return row if row and constant_time_compare(uid_of(row), uid) else None


@transaction.atomic
def activity_move(
    *, activity: Activity, user: User, start: dt.datetime, end: dt.datetime | None, version: int | None = None
) -> Activity:
    """Give the activity another time; return the new row. One of a series moves alone: the others stay.

    Naive times are in the user's own time zone; one that the clock skips or has twice is refused, unless it is the one
    that the activity has already. Raises :class:`BusinessRuleError` as :func:`activity_change` and ``no_such_time``;
    :class:`StaleVersionError` when the row has changed since ``version``.
    """
    changes = {
        "start": _moment(start, activity.start, "start"),
        "end": _moment(end, activity.end, "end") if end else None,
    }
    return activity_change(activity=activity, user=user, changes=changes, version=version)


def _moment(time: dt.datetime, present: dt.datetime | None, field: str) -> dt.datetime:
    if timezone.is_aware(time):
        return time
    if present and timezone.make_naive(present).replace(second=0, microsecond=0) == time.replace(second=0):
        return present
    try:
        return from_current_timezone(time)
    except ValidationError as error:
        message = _("The clock skips this time, or has it twice, when summer time begins or ends.")
        raise BusinessRuleError("no_such_time", message, field=field) from error


def save(activity: Activity) -> None:
    """Save after the model's own checks (lengths, figures), whose messages stand at their fields."""
    try:
        activity.clean_fields(exclude={"type", "customer", "follows", "series", "created_by"})
    except ValidationError as error:
        [(field, messages), *_rest] = error.message_dict.items()
        raise BusinessRuleError("invalid", " ".join(messages), field=field) from error
    activity.save()
