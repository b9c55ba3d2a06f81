"""Logging, changing and closing activities."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities import validators
from activities.enums import ActivityStatus, FollowKind
from activities.models import Activity, ActivityContact, ActivityKeyword, ActivityType, Keyword, Participation
from activities.services.contact_dates import contact_dates_refresh
from activities.services.details import details_write
from activities.services.mentions import mentions_notify, participants_notify
from activities.services.reminders import reminder_set_if_coming, reminders_follow
from activities.services.saving import save
from crm import clock
from crm.exceptions import BusinessRuleError
from crm.richtext import clean
from crm.services import check_version, lock
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
