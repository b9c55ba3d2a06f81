"""Conditions of selections on feedback."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from activities.feedback.enums import FEEDBACK
from activities.feedback.models import NpsQuestion
from activities.log.enums import UNFINISHED
from activities.log.models import Activity, ActivityKeyword
from core.conditions.fields import Asked, ConditionField, Preset
from core.conditions.kinds import PAST, amount, has_rows, in_period, listed_words, period
from core.conditions.operands import Choice, Choices

UNRESOLVED, UNANSWERED = "unresolved", "unanswered"
TONES = (("negative", _("negative")), ("positive", _("positive")), ("development_idea", _("development ideas")))
STATES = ((UNRESOLVED, _("not resolved")), (UNANSWERED, _("not answered")))


def _feedback(asked: Asked) -> Q:
    rows = Activity.objects.filter(in_period(asked.values, "start", is_moment=True), type__details=FEEDBACK)
    if asked["tones"]:
        words = ActivityKeyword.objects.filter(keyword__code__in=asked["tones"])
        rows = rows.filter(pk__in=words.values("activity"))
    if asked["state"] == UNRESOLVED:
        rows = rows.filter(status__in=UNFINISHED)
    elif asked["state"] == UNANSWERED:
        rows = rows.filter(feedback__answered_at__isnull=True)
    return has_rows(asked, rows, "customer")


SCORES = (("detractor", _("detractor (0–6)")), ("neutral", _("neutral (7–8)")), ("promoter", _("promoter (9–10)")))
LIMITS = {"detractor": (0, 6), "neutral": (7, 8), "promoter": (9, 10)}


def _nps(asked: Asked) -> Q:
    """Match by the newest answer of the customer's contacts."""
    given = NpsQuestion.objects.filter(customer=OuterRef("customer"), answered_at__isnull=False)
    newest = given.order_by("-answered_at", "-pk").values("pk")[:1]
    wanted = Q(pk__in=[])
    for score in asked["scores"]:
        low, high = LIMITS[score]
        wanted |= Q(score__gte=low, score__lte=high)
    answers = NpsQuestion.objects.filter(wanted, pk=Subquery(newest))
    return asked.q(pk__in=answers.order_by().values("customer"))


ABOUT: dict[str, Any] = {"subject": "customer", "section": _("Feedback"), "order": 35}
CONDITION_FIELDS = (
    ConditionField(
        name="feedback",
        label=_("Feedback"),
        operands=(
            *amount(),
            Choices(name="tones", label=_("Tone"), choices=TONES, is_needed=False),
            Choice(name="state", label=_("State"), choices=STATES, is_needed=False),
            *period(*PAST, default="ever"),
        ),
        condition=_feedback,
        words=lambda said: listed_words(said, "tones", "state"),
        **ABOUT,
    ),
    ConditionField(
        name="nps",
        label=_("Newest NPS answer"),
        operands=(Choices(name="scores", label=_("Answer"), choices=SCORES),),
        condition=_nps,
        words=lambda said: said.texts["scores"],
        **ABOUT,
    ),
)
CONDITION_PRESETS = (
    Preset(
        subject="customer",
        name="negative_feedback",
        label=_("Negative feedback not resolved"),
        tree=lambda: {
            "field": "customer.feedback",
            "values": {"amount": "some", "count": 1, "tones": ["negative"], "state": UNRESOLVED, "when": "ever"},
        },
        order=40,
    ),
)
