"""Kinds of lines."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy


class LineKind(models.TextChoices):
    PRODUCT = "product", pgettext_lazy("line", "product")
    FREE = "free", pgettext_lazy("line", "tailored")
    HEADING = "heading", pgettext_lazy("line", "heading")


#: Names of the enums in the API's schema.
SCHEMA_NAMES = {"LineKindEnum": LineKind}
