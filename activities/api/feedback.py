"""Endpoints of feedback, leads and NPS: the same rules and services as the pages."""

from __future__ import annotations

from rest_framework import serializers
from rest_framework.routers import SimpleRouter

from activities.models import Feedback, Lead


class FeedbackDetailsSerializer(serializers.ModelSerializer[Feedback]):
    """What feedback tells besides the common fields of activities."""

    class Meta:
        model = Feedback
        fields = ("about", "about_what", "responsible", "answer_due")


class LeadDetailsSerializer(serializers.ModelSerializer[Lead]):
    """What a lead tells besides the common fields of activities."""

    class Meta:
        model = Lead
        fields = ("source", "need", "value", "take_by", "offered_to")


def register(router: SimpleRouter) -> None:
    pass
