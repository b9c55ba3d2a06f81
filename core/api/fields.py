"""Serializer fields that the endpoints of every app use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.dates import FIRST_DAY, LAST_DAY, YEARS
from core.text import one_line, visible


class VisibleRelatedField(serializers.PrimaryKeyRelatedField):
    """The id of a row that the user may see: any other id does not exist."""

    def get_queryset(self) -> QuerySet[Any]:
        queryset: Any = super().get_queryset()
        request = self.context.get("request")
        return queryset.visible_to(request.user) if request else queryset.none()


class EmailField(serializers.EmailField):
    """An e-mail address; characters that nobody sees are left out."""

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(visible(data) if isinstance(data, str) else data))


class LineTextField(serializers.CharField):
    """One line of text; characters that nobody sees are left out."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(one_line(data) if isinstance(data, str) else data)


class DayField(serializers.DateField):
    """A day within the years that pages take too."""

    default_error_messages = {"out_of_range": _("The year must be between %(first)d and %(last)d.")}

    def to_internal_value(self, value: Any) -> dt.date:
        day: dt.date = super().to_internal_value(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            text = self.error_messages["out_of_range"] % YEARS
            raise serializers.ValidationError(text, code="out_of_range")
        return day


class DaysMixin:
    """Makes each day of a model that a serializer takes a :class:`DayField`."""

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        field_class, kwargs = super().build_standard_field(field_name, model_field)  # type: ignore[misc]
        return (DayField if field_class is serializers.DateField else field_class), kwargs


class VersionField(serializers.IntegerField):
    """The version of a row as the caller has read it; whoever leaves it out overwrites whatever is there."""

    def __init__(self, **kwargs: Any) -> None:
        text = _("Refused (409) if the row has changed since.")
        super().__init__(required=False, min_value=0, max_value=2**31 - 1, help_text=text, **kwargs)
