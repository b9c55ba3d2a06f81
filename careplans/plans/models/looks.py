"""When customers' plans are looked at again: on a day that changes something, and after changes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from careplans.caremodels.models import CareModel
from customers.models import Customer


class CareLook(models.Model):
    """On which day a customer's plan was evaluated, and the day on which time changes something in it."""

    customer = models.OneToOneField(Customer, models.CASCADE, primary_key=True, related_name="care_look")
    looked_on = models.DateField(null=True)
    next_look = models.DateField(null=True)

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index("next_look", "customer", condition=models.Q(next_look__isnull=False), name="care_look_next"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.next_look or '–'}"


class CareTouch(models.Model):
    """A note that something of a customer has changed since its plan was evaluated.

    It is only ever added, so that a change never waits for an evaluation; who evaluates the customer removes it.
    """

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.customer_id)


class ModelTouch(models.Model):
    """A note that a care model applies in another way since its customers were evaluated; without a model all plans.

    It is written with the change itself, so that the night finds what a lost task has not done.
    """

    care_model = models.ForeignKey(CareModel, models.CASCADE, null=True, related_name="+")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.care_model or "–")


class MemberNote(models.Model):
    """The active people that plans know of a group (``group:management``), a team (``team:5``), or all (``active``)."""

    key = models.CharField(max_length=160, unique=True)
    people = ArrayField(models.BigIntegerField())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.key}: {len(self.people)}"
