"""The work that care plans put into calendars."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activities.log.models import Activity
from careplans.plans.models.occurrences import OfOccurrence
from careplans.plans.querysets import OfCustomers
from careplans.work.enums import WorkState
from core.addresses import row_url
from customers.models import Customer


class CareWork(OfOccurrence):
    """The generated activity for an occurrence: at most one is open for each customer and action.

    It belongs to a ``person``, or waits on a shared list (``list_key``: ``team:5``, ``group:management``,
    ``role:other``) until somebody claims it. ``written_day`` and ``written_version`` are what the generator last wrote:
    an activity of another version has been edited by a person.
    """

    #: Copies of what the plan says: the database does not check customers and persons of millions of rows one by one.
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="care_work", db_index=False, db_constraint=False,
        verbose_name=_("customer"),
    )  # fmt: skip
    due = models.DateField(_("due"))
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    state = models.CharField(_("status"), max_length=10, choices=WorkState, default=WorkState.OPEN)
    closed_on = models.DateField(_("closed"), null=True)
    activity = models.OneToOneField(
        Activity, models.SET_NULL, null=True, related_name="care_work", verbose_name=_("activity")
    )
    replaced_by = models.ForeignKey(
        Activity, models.SET_NULL, null=True, related_name="care_work_replaced", db_index=False,
        verbose_name=_("done otherwise by"),
    )  # fmt: skip
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="care_work", db_index=False,
        db_constraint=False, verbose_name=_("responsible"),
    )  # fmt: skip
    list_key = models.CharField(_("shared list"), max_length=80, blank=True)
    listed_on = models.DateField(_("on the list since"), null=True)
    is_confirmed = models.BooleanField(_("the day is confirmed"), default=False)
    is_scheduled = models.BooleanField(_("scheduled"), default=False)
    written_day = models.DateField(null=True, editable=False)
    written_title = models.CharField(max_length=200, blank=True, editable=False)
    written_version = models.PositiveIntegerField(default=1, editable=False)

    #: How planning found the work (``services.planning``).
    planned_from: dict[str, Any]

    objects = OfCustomers["CareWork"].as_manager()

    class Meta:
        verbose_name = _("work from a care plan")
        verbose_name_plural = _("work from care plans")
        default_permissions = ()
        ordering = ("due", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "code"], condition=Q(state=WorkState.OPEN), name="care_work_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state=WorkState.OPEN, closed_on=None) | ~Q(state=WorkState.OPEN) & ~Q(closed_on=None),
                name="care_work_closed",
            ),
        )
        indexes = (
            models.Index("customer", "code", "start", name="care_work_occurrence"),
            models.Index("replaced_by", condition=Q(replaced_by__isnull=False), name="care_work_replaced"),
            models.Index("person", "due", condition=Q(state=WorkState.OPEN), name="care_work_of_person"),
            models.Index("list_key", "due", condition=Q(state=WorkState.OPEN, person=None), name="care_work_listed"),
            models.Index(
                "list_key", "written_day", condition=Q(state=WorkState.OPEN, person=None), name="care_work_listed_day"
            ),
        )

    def __str__(self) -> str:
        return self.written_title or self.code

    def get_absolute_url(self) -> str:
        return row_url("careplans:tab", self.customer_id)

    @property
    def is_open(self) -> bool:
        return self.state == WorkState.OPEN


class WeekTold(models.Model):
    """Who has got the summary of a week: it is sent once."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    monday = models.DateField()

    class Meta:
        verbose_name = _("weekly summary")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["person", "monday"], name="care_week_told_once"),)

    def __str__(self) -> str:
        return str(self.monday)
