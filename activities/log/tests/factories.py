"""Activities for the tests of every app."""

from __future__ import annotations

from typing import Any

import factory
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityChannel, ActivityStatus
from activities.log.models import Activity, ActivityType, Keyword
from customers.tests.factories import CustomerFactory


def activity_type(code: str) -> ActivityType:
    """Return a type of the default data."""
    return ActivityType.objects.get(code=code)


def keyword(code: str) -> Keyword:
    """Return a keyword of the default data."""
    return Keyword.objects.get(code=code)


class ActivityFactory(factory.django.DjangoModelFactory[Activity]):
    """A done call of today. ``participants=[user, …]``, ``contacts=[…]``, ``words=["negative"]`` add people and words;
    without participants its maker takes part. The customer's dates of contact are not refreshed."""

    class Meta:
        model = Activity
        skip_postgeneration_save = True

    type = factory.LazyFunction(lambda: activity_type("call"))
    customer = factory.SubFactory(CustomerFactory)
    title = factory.Sequence(lambda n: f"Offer {n} discussed")
    start = factory.LazyFunction(timezone.now)
    status = ActivityStatus.DONE
    channel = ActivityChannel.PHONE
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def participants(activity: Activity, create: bool, users: list[Any] | None, **_extra: Any) -> None:
        activity.users.add(*(users or [activity.created_by]))

    @factory.post_generation
    def contacts(activity: Activity, create: bool, contacts: list[Any] | None, **_extra: Any) -> None:
        activity.contacts.add(*contacts or [])

    @factory.post_generation
    def words(activity: Activity, create: bool, codes: list[str] | None, **_extra: Any) -> None:
        activity.keywords.add(*(keyword(code) for code in codes or []))
