"""The opinions of the account team about a version, read and given."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.enums import Stance


class OpinionSerializer(serializers.Serializer[Any]):
    """What a member of the account team says of a version."""

    user = serializers.IntegerField(source="user_id", allow_null=True)
    stance = serializers.ChoiceField(choices=Stance.choices)
    comment = serializers.CharField()
    at = serializers.DateTimeField()


class GiveOpinionSerializer(serializers.Serializer[Any]):
    """One's own opinion; objections need a comment."""

    stance = serializers.ChoiceField(choices=Stance.choices)
    comment = serializers.CharField(max_length=1_000, required=False, allow_blank=True, default="")
