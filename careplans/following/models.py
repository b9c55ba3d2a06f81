"""What is kept of adherence, so that pages read rows and sums: occurrences, sums by day, how each customer is.

Nobody types any of it: ``services.follow`` writes what differs from the evaluation of a customer.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Team
from careplans.adherence.figures import Figures
from careplans.adherence.occurrences import Key
from careplans.adherence.periods import Kind
from careplans.caremodels.models import CareAction, CareModel, StatutoryTask
from careplans.following.enums import Direction, OccurrenceState
from careplans.following.querysets import OccurrenceQuerySet, StatusQuerySet
from careplans.plans.enums import OccurrenceKind
from careplans.plans.models import CustomerAction
from core.addresses import row_url
from customers.models import ClassificationNode, Customer
from segmentation.schemes.models import Segment


def _row(model: Any, label: Any) -> Any:
    """Return a reference of an occurrence, a copy of what the facts say, where it is checked.

    Fifteen million of them checked one by one are a tenth of the time of the first night.
    """
    return models.ForeignKey(
        model, models.SET_NULL, null=True, related_name="+", db_index=False, db_constraint=False, verbose_name=label
    )  # fmt: skip


def _row_of_sums(model: Any) -> Any:
    """Return a reference of sums: when its row is deleted, the occurrences change, and their sums with them."""
    return models.ForeignKey(
        model, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )  # fmt: skip


class Grouped(models.Model):
    """By what figures are grouped: all of it as it was on the due day."""

    #: ``user:5``, ``team:3``, ``role:deputy`` or ``group:management`` where several people have it; empty: nobody.
    holder = models.CharField(max_length=160, blank=True)
    code = models.CharField(_("action"), max_length=60)
    scope = models.CharField(_("direction"), max_length=10, choices=Direction)
    is_mandatory = models.BooleanField(_("mandatory"))
    is_contact = models.BooleanField(_("counts as contact"))

    class Meta:
        abstract = True


#: The columns of :class:`Grouped` in the database.
GROUPED = (
    "holder", "user_id", "team_id", "unit_id", "segment_id", "node_id", "care_model_id", "code", "scope",
    "is_mandatory", "is_contact",
)  # fmt: skip


class CareOccurrence(Grouped):
    """An occurrence of a customer's action with its state at the last evaluation."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="care_occurrences", db_index=False, db_constraint=False,
        verbose_name=_("customer"),
    )  # fmt: skip
    user = _row(settings.AUTH_USER_MODEL, _("who has it"))
    team = _row(Team, _("team"))
    unit = _row(Team, _("unit"))
    segment = _row(Segment, _("segment"))
    node = _row(ClassificationNode, _("customer group"))
    care_model = _row(CareModel, _("care model"))
    kind = models.CharField(_("frequency"), max_length=10, choices=OccurrenceKind)
    start = models.DateField(_("beginning"))
    event = models.CharField(_("event"), max_length=40, blank=True)
    first = models.DateField(_("window opens"))
    due = models.DateField(_("due"))
    last = models.DateField(_("last day"))
    state = models.CharField(_("state"), max_length=10, choices=OccurrenceState)
    is_scheduled = models.BooleanField(pgettext_lazy("care occurrence", "scheduled"), default=False)
    #: The newest of its mandatory action toward the customer, which was missed several times in a row (``unheeded``).
    is_unheeded = models.BooleanField(default=False)
    done_on = models.DateField(pgettext_lazy("care occurrence", "done"), null=True)
    done_source = models.CharField(max_length=20, blank=True)
    done_id = models.BigIntegerField(null=True)
    hours = models.DecimalField(_("hours"), max_digits=7, decimal_places=2, default=0)
    #: The row that says what is done, in the version that made the occurrence.
    action = _row(CareAction, _("care action"))
    own_action = _row(CustomerAction, _("action of a customer"))
    task = _row(StatutoryTask, _("statutory task"))

    objects = OccurrenceQuerySet["CareOccurrence"].as_manager()

    class Meta:
        verbose_name = _("occurrence of a care action")
        verbose_name_plural = _("occurrences of care actions")
        default_permissions = ()
        ordering = ("last", "id")
        constraints = (
            models.UniqueConstraint(fields=["customer", "code", "kind", "start", "event"], name="care_occurrence_once"),
        )
        # Lists are in the order of the last day. An index of a value and a day is a tenth as large as with the key, by
        # which the rows of a day are then sorted; with it are those of which one value has rows of most days, or none.
        indexes = (
            models.Index("last", "id", name="care_occurrence_last"),
            models.Index("due", "id", name="care_occurrence_due"),
            models.Index("state", "last", "id", name="care_occurrence_state"),
            models.Index("holder", "last", "id", condition=Q(user__isnull=True), name="care_occurrence_together"),
            models.Index("segment", "last", "id", name="care_occurrence_segment"),
            models.Index("care_model", "last", "id", name="care_occurrence_care_model"),
            *(
                models.Index(name, "last", name=f"care_occurrence_of_{name}")
                for name in ("user", "code", "team", "unit", "node")
            ),
            models.Index(
                "user", "due", condition=Q(state="coming", done_on__isnull=True), name="care_occurrence_to_be_done"
            ),
            *(
                models.Index("last", "id", condition=few, name=f"care_occurrence_{name}")
                for name, few in (
                    ("scheduled", Q(is_scheduled=True)),
                    ("recommended", Q(scope="customer", is_mandatory=False)),
                    ("already_done", Q(state="coming", done_on__isnull=False)),
                )
            ),
            models.Index("user", "last", "id", condition=Q(is_unheeded=True), name="care_occurrence_unheeded"),
            models.Index("last", "id", condition=Q(is_unheeded=True), name="care_occurrence_all_unheeded"),
            models.Index("action", condition=Q(action__isnull=False), name="care_occurrence_action"),
            models.Index("own_action", condition=Q(own_action__isnull=False), name="care_occurrence_own"),
            models.Index("task", condition=Q(task__isnull=False), name="care_occurrence_task"),
        )

    def __str__(self) -> str:
        return f"{self.customer}: {self.name} {self.due}"

    @property
    def source(self) -> Any:
        """The row that says what is done; None if it has gone."""
        return self.action or self.own_action or self.task

    @property
    def name(self) -> str:
        return str(self.source or self.code)

    @property
    def key(self) -> Key:
        return Key(self.code, Kind(self.kind), self.start, self.event)

    def get_absolute_url(self) -> str:
        return f"{row_url('careplans:tab', self.customer_id)}actions/{self.code}/"


#: The triggers that write sums (``migrations/0010_sums_in_place``).
SUM_TRIGGERS = frozenset(f"carefollow_sum_{event}" for event in ("lock", "insert", "update", "delete"))
FIGURES = ("done", "late", "missed", "coming", "already_done", "scheduled", "skipped")


class CareSum(Grouped):
    """How many occurrences there are of windows that end on a day; written by triggers on :class:`CareOccurrence`."""

    day = models.DateField()
    user = _row_of_sums(settings.AUTH_USER_MODEL)
    team = _row_of_sums(Team)
    unit = _row_of_sums(Team)
    segment = _row_of_sums(Segment)
    node = _row_of_sums(ClassificationNode)
    care_model = _row_of_sums(CareModel)
    done = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    missed = models.IntegerField(default=0)
    coming = models.IntegerField(default=0)
    already_done = models.IntegerField(default=0)
    scheduled = models.IntegerField(default=0)
    skipped = models.IntegerField(default=0)

    class Meta:
        verbose_name = _("figure of care plans")
        verbose_name_plural = _("figures of care plans")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["day", *(name.removesuffix("_id") for name in GROUPED)], name="care_sum_once",
                nulls_distinct=False,
            ),
        )  # fmt: skip
        indexes = (
            models.Index("user", "day", name="care_sum_user"),  # none of figures: they change in place
        )

    def __str__(self) -> str:
        return f"{self.day} {self.code}"

    @property
    def figures(self) -> Figures:
        return Figures(self.done, self.late, self.missed, self.coming, self.already_done, self.scheduled)


class CareStatus(models.Model):
    """How a customer with a plan is now: since when contact is overdue, and what is due next."""

    customer = models.OneToOneField(
        Customer, models.CASCADE, primary_key=True, related_name="care_status", db_constraint=False
    )
    #: The last day of the window of contact that was missed.
    overdue_since = models.DateField(_("contact overdue since"), null=True)
    asks_for_contact = models.BooleanField(default=False)
    next_due = models.DateField(_("next due"), null=True)

    objects = StatusQuerySet["CareStatus"].as_manager()

    class Meta:
        default_permissions = ()
        indexes = (
            models.Index(F("overdue_since"), F("customer"), condition=Q(overdue_since__isnull=False),
                         name="care_status_overdue"),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.customer_id)


class CareReach(models.Model):
    """Days on which a customer is under a contact action that figures mean, and the days of contacts that fit it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    code = models.CharField(max_length=60)
    first = models.DateField()
    last = models.DateField()
    days = ArrayField(models.DateField())

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["customer", "code", "first"], name="care_reach_once"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.code} {self.first}"
