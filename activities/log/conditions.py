"""Conditions of selections on activities: how many, of which types, when, with which participants."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from activities.log.enums import UNFINISHED, ActivityChannel, ActivityStatus
from activities.log.models import Activity, ActivityContact, ActivityKeyword, ActivityType, Keyword, Participation
from activities.log.models.references import ActivityTypeReference, KeywordReference
from activities.log.overdue import began_too_early
from core.conditions.fields import Asked, ConditionField, Preset, Said
from core.conditions.kinds import NO, PAST, amount, has_rows, in_period, listed_words, period
from core.conditions.operands import Choice, Choices, Operand, Rows

DONE, OPEN, OVERDUE = "done", "open", "overdue"
STATES = (
    (DONE, ActivityStatus.DONE.label),
    (OPEN, _("not done yet")),
    (OVERDUE, _("overdue")),
)


def _operands() -> tuple[Operand, ...]:
    return (
        *amount(),
        Rows(
            name="types", label=_("Types"), model=ActivityType, rows=ActivityType.objects.all, is_needed=False
        ),
        *period(*PAST),
        Choice(name="state", label=_("Status"), choices=STATES, is_needed=False, is_extra=True),
        Choices(name="channels", label=_("Channels"), choices=ActivityChannel.choices, is_needed=False, is_extra=True),
        Rows(
            name="keywords", label=_("Keywords"), model=Keyword, rows=Keyword.objects.all, is_needed=False,
            is_extra=True,
        ),
        Rows(
            name="users", label=_("Our participants"), model=User,
            rows=lambda: User.objects.order_by("-is_active", "sort_key"), is_needed=False, is_extra=True,
        ),
    )  # fmt: skip


def matching(asked: Asked) -> Q:
    """Return the condition on an activity, whichever customer or contact it is with."""
    found = in_period(asked.values, "start", is_moment=True)
    if asked["types"]:
        found &= Q(type__in=asked["types"])
    if asked["state"]:
        unfinished = Q(status__in=UNFINISHED)
        late = unfinished & began_too_early()
        found &= {DONE: Q(status=ActivityStatus.DONE), OPEN: unfinished, OVERDUE: late}[asked["state"]]
    if asked["channels"]:
        found &= Q(channel__in=asked["channels"])
    if asked["keywords"]:
        found &= Q(pk__in=ActivityKeyword.objects.filter(keyword__in=asked["keywords"]).values("activity"))
    if asked["users"]:
        found &= Q(pk__in=Participation.objects.filter(user__in=asked["users"]).values("activity"))
    return found


def _of_customer(asked: Asked) -> Q:
    return has_rows(asked, Activity.objects.filter(matching(asked)), "customer")


def _with_contact(asked: Asked) -> Q:
    found = Activity.objects.filter(matching(asked)).order_by()
    return has_rows(asked, ActivityContact.objects.filter(activity__in=found.values("pk")), "contact")


def _words(said: Said) -> str:
    return listed_words(said, "types", "state", "channels", "keywords", "users")


def _field(subject: str, **about: Any) -> ConditionField:
    return ConditionField(
        subject=subject,
        name="activities",
        section=_("Activities"),
        operands=_operands(),
        words=_words,
        order=25,
        **about,
    )


CONDITION_FIELDS = (
    _field("customer", label=_("Activities"), condition=_of_customer),
    _field("contact", label=_("Activities with the contact"), condition=_with_contact),
    _field("person", label=_("Activities with the contact"), condition=_with_contact, prefix="contact__"),
)
CONDITION_REFERENCES = (ActivityTypeReference, KeywordReference)


def _no_visit() -> dict[str, Any] | None:
    visit = ActivityType.objects.filter(code="visit").values_list("pk", flat=True).first()
    values = {"amount": NO, "types": [visit], "when": "last", "days": 90}
    return {"field": "customer.activities", "values": values} if visit else None


CONDITION_PRESETS = (
    Preset(subject="customer", name="no_visit", label=_("No visit in … days"), tree=_no_visit, order=10),
)
