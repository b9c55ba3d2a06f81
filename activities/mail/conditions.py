"""Conditions of selections on e-mail."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from activities.log.models import Activity
from activities.mail.enums import Direction
from activities.mail.models import EmailMessage
from core.conditions.fields import Asked, ConditionField
from core.conditions.kinds import PAST, amount, has_rows, in_period, listed_words, period
from core.conditions.operands import Choice


def _emails(asked: Asked) -> Q:
    messages = EmailMessage.objects.filter(**({"direction": asked["direction"]} if asked["direction"] else {}))
    rows = Activity.objects.filter(in_period(asked.values, "start", is_moment=True), pk__in=messages.values("activity"))
    return has_rows(asked, rows, "customer")


CONDITION_FIELDS = (
    ConditionField(
        subject="customer",
        name="emails",
        label=_("E-mails"),
        section=_("Activities"),
        operands=(
            *amount(),
            Choice(name="direction", label=_("Direction"), choices=tuple(Direction.choices), is_needed=False),
            *period(*PAST),
        ),
        condition=_emails,
        words=lambda said: listed_words(said, "direction"),
        order=26,
    ),
)
