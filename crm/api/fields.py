"""Serializer fields that know who asks."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers


class VisibleRelatedField(serializers.PrimaryKeyRelatedField):
    """The id of a row that the user may see: any other id does not exist."""

    def get_queryset(self) -> QuerySet[Any]:
        queryset: Any = super().get_queryset()
        request = self.context.get("request")
        return queryset.visible_to(request.user) if request else queryset.none()
