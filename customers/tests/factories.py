"""Factories of customers and contacts for the tests of all apps.

``CustomerFactory(owner=user)`` sets an owner, ``group=node`` a class, ``segment=segment`` a segment; the summary is
refreshed.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from customers import models
from customers.enums import AddressKind, BranchTarget, ContactPointKind, CustomerState, PassiveReason
from customers.services.summaries import summaries_refresh
from segmentation.membership.services.present import segments_refresh
from segmentation.membership.tests.factories import MembershipFactory

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


def business_id(number: int) -> str:
    """Return the ``number``-th valid Finnish business ID (ids with the check digit 10 are skipped)."""
    value = 1_000_000 + number * 2
    while True:
        remainder = sum(int(digit) * weight for digit, weight in zip(f"{value:07d}", _WEIGHTS, strict=True)) % 11
        if remainder != 1:
            return f"{value:07d}-{0 if remainder == 0 else 11 - remainder}"
        value += 1


class MunicipalityFactory(DjangoModelFactory[models.Municipality]):
    class Meta:
        model = models.Municipality

    # Letters, so that none meets a code of the default data.
    code = factory.Sequence(lambda n: f"{chr(65 + n // 100 % 26)}{n % 100:02d}")
    name_fi = factory.Sequence(lambda n: f"Kunta {n}")
    name_sv = ""
    region = "Uusimaa"


class CustomerFactory(DjangoModelFactory[models.Customer]):
    class Meta:
        model = models.Customer
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Yritys {n} Oy")
    business_id = factory.Sequence(business_id)

    class Params:
        passive = factory.Trait(
            state=CustomerState.PASSIVE,
            passive_reason=PassiveReason.BANKRUPTCY,
            passive_since=factory.LazyFunction(timezone.localdate),
        )

    @factory.post_generation
    def owner(self: Any, create: bool, user: Any, **kwargs: Any) -> None:
        if create and user:
            ResponsibilityFactory(customer=self, user=user, summary=False)  # refreshed once, by the last step

    @factory.post_generation
    def group(self: Any, create: bool, node: Any, **kwargs: Any) -> None:
        if create and node:
            models.CustomerClassification.objects.create(customer=self, node=node)

    @factory.post_generation
    def segment(self: Any, create: bool, segment: Any, **kwargs: Any) -> None:
        if create and segment:
            MembershipFactory(customer=self, segment=segment)

    @factory.post_generation
    def numbers(self: Any, create: bool, numbers: Any, **kwargs: Any) -> None:
        """``numbers={"TOP": "8841"}``; the last step, so the summary is brought up to date here."""
        for system, number in (numbers or {}).items():
            models.CustomerNumber.objects.create(customer=self, system=system, number=number)
        summaries_refresh([self.pk])
        segments_refresh([self.pk])


class AddressFactory(DjangoModelFactory[models.Address]):
    class Meta:
        model = models.Address

    customer = factory.SubFactory(CustomerFactory)
    kind = AddressKind.VISITING
    street = "Tehtaankatu 1"
    postal_code = "02100"
    city = "Espoo"


class ResponsibilityFactory(DjangoModelFactory[models.Responsibility]):
    class Meta:
        model = models.Responsibility

    customer = factory.SubFactory(CustomerFactory)
    user = factory.SubFactory(UserFactory)
    start = dt.date(2020, 1, 1)

    @factory.post_generation
    def summary(self: Any, create: bool, refreshed: bool | None, **kwargs: Any) -> None:
        """``summary=False`` leaves the customer's summary as it is."""
        if create and refreshed is not False:
            summaries_refresh([self.customer_id])

    @classmethod
    def _after_postgeneration(cls, instance: Any, create: bool, results: Any = None) -> None:
        """Save nothing: the summary is no part of the row."""


class ContactFactory(DjangoModelFactory[models.Contact]):
    class Meta:
        model = models.Contact
        skip_postgeneration_save = True

    first_name = factory.Sequence(lambda n: f"Etunimi{n}")
    last_name = factory.Sequence(lambda n: f"Sukunimi{n}")

    @factory.post_generation
    def customer(self: Any, create: bool, customer: Any, **kwargs: Any) -> None:
        """``customer=…`` makes a current position there; ``customer__title=…`` and the like are the position's."""
        if create and customer:
            PositionFactory(contact=self, customer=customer, **kwargs)

    @factory.post_generation
    def phone(self: Any, create: bool, value: Any, **kwargs: Any) -> None:
        if create and value:
            ContactPointFactory(contact=self, kind=ContactPointKind.PHONE, value=value)

    @factory.post_generation
    def email(self: Any, create: bool, value: Any, **kwargs: Any) -> None:
        if create and value:
            ContactPointFactory(contact=self, kind=ContactPointKind.EMAIL, value=value)


class ContactPointFactory(DjangoModelFactory[models.ContactPoint]):
    class Meta:
        model = models.ContactPoint

    contact = factory.SubFactory(ContactFactory)
    kind = ContactPointKind.EMAIL
    value = factory.Sequence(lambda n: f"contact{n}@example.fi")


class PositionFactory(DjangoModelFactory[models.Position]):
    class Meta:
        model = models.Position

    contact = factory.SubFactory(ContactFactory)
    customer = factory.SubFactory(CustomerFactory)


class BranchFactory(DjangoModelFactory[models.ClassificationBranch]):
    class Meta:
        model = models.ClassificationBranch

    code = factory.Sequence(lambda n: f"branch-{n}")
    name_fi = factory.Sequence(lambda n: f"Haara {n}")
    name_en = factory.Sequence(lambda n: f"Branch {n}")
    target = BranchTarget.CUSTOMERS


class NodeFactory(DjangoModelFactory[models.ClassificationNode]):
    """A node of a branch: at the top, or below ``parent``."""

    class Meta:
        model = models.ClassificationNode

    branch = factory.SubFactory(BranchFactory)
    code = factory.Sequence(lambda n: f"node-{n}")
    name_fi = factory.Sequence(lambda n: f"Luokka {n}")
    name_en = factory.Sequence(lambda n: f"Class {n}")

    @classmethod
    def _create(cls, model_class: Any, *args: Any, parent: Any = None, **kwargs: Any) -> Any:
        if parent is None:
            return model_class.objects.add_root(kwargs)
        kwargs["branch"] = parent.branch
        return model_class.objects.add_child(parent, kwargs)
