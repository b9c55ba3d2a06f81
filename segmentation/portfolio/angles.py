"""The views of the portfolio, one angle at a time: each groups the customers by classes of one figure or property."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Value, When
from django.db.models.lookups import Exact, IsNull, LessThan
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.grouping import Changes, Grouping, rows_of
from customers.models import ClassificationNode
from segmentation.metrics.columns import figure
from segmentation.schemes.models import Segment

UNKNOWN = "unknown"
NOT_KNOWN = gettext_lazy("not known")


@dataclass(frozen=True)
class Angle:
    """Classes of a figure: each has a code, its text and the limit that it stays below; the last one has none."""

    name: str
    label: Any
    metric: str
    classes: tuple[tuple[str, Any, int | None], ...]

    @property
    def param(self) -> str:
        return f"{self.name}_class"

    @property
    def texts(self) -> dict[str, Any]:
        return {code: text for code, text, _limit in self.classes}

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return [*self.texts.items(), (UNKNOWN, NOT_KNOWN)]

    @property
    def key(self) -> Case:
        """The code of a customer's class, none where the figure is not known."""
        value = figure(self.metric, "metrics__values")
        whens = [When(IsNull(value, True), then=Value(None))]
        whens += [
            When(LessThan(value, limit), then=Value(code)) for code, _t, limit in self.classes if limit is not None
        ]
        return Case(*whens, default=Value(self.classes[-1][0]), output_field=CharField())

    def filter(self, customers: Any, value: str) -> Any:
        """Return the customers of a class, or those of which the figure is not known."""
        return customers.filter(IsNull(self.key, True) if value == UNKNOWN else Exact(self.key, Value(value)))


@dataclass(frozen=True)
class ClassGrouping(Grouping):
    """Groups by the classes of an angle, in their order; the customers of which the figure is not known come last."""

    def changes(self, key: Any, now: Mapping[str, Any]) -> Changes:
        return {self.param: UNKNOWN if key is None else str(key)}


_SCALE = (
    ("low", gettext_lazy("low, 0–3"), 4),
    ("middle", gettext_lazy("middle, 4–6"), 7),
    ("high", gettext_lazy("high, 7–10"), None),
)
ANGLES = (
    Angle(
        "extent", gettext_lazy("Extent: product groups in 36 months"), "product_groups_36",
        (
            ("none", pgettext_lazy("product groups", "none"), 1), ("one", pgettext_lazy("product groups", "one"), 2),
            ("two", pgettext_lazy("product groups", "two"), 3),
            ("many", pgettext_lazy("product groups", "three or more"), None),
        ),
    ),
    Angle("spending", gettext_lazy("Share of the customer's spending"), "own_spending_share", _SCALE),
    Angle(
        "channels", gettext_lazy("Channels in 12 months"), "channels_12",
        (
            ("none", pgettext_lazy("channels", "none"), 1), ("one", pgettext_lazy("channels", "one"), 2),
            ("two", pgettext_lazy("channels", "two"), 3), ("many", pgettext_lazy("channels", "three or more"), None),
        ),
    ),
    Angle("loyalty", gettext_lazy("Loyalty"), "own_loyalty", _SCALE),
    Angle(
        "profit", gettext_lazy("Profitability in 12 months"), "profit_12",
        (
            ("loss", gettext_lazy("loss"), 0), ("small", gettext_lazy("under 5,000 €"), 5_000),
            ("large", gettext_lazy("5,000–20,000 €"), 20_000), ("largest", gettext_lazy("20,000 € or more"), None),
        ),
    ),
    Angle("business", gettext_lazy("Business potential"), "own_business_potential", _SCALE),
)  # fmt: skip


def _texts(angle: Angle) -> Any:
    return lambda keys: {key: angle.texts.get(key, key) for key in keys}


GROUPINGS: tuple[Grouping, ...] = (
    Grouping(
        "structure", gettext_lazy("Structure: segment"), "summary__segment", "segment", rows_of(Segment.objects.all),
        empty="no_segment", empty_text=gettext_lazy("No segment"),
    ),
    Grouping(
        "industry", gettext_lazy("Industry"), "summary__industry", "industry", rows_of(ClassificationNode.objects.all),
        empty="no_industry", empty_text=gettext_lazy("No industry"),
    ),
    *(
        ClassGrouping(
            angle.name, angle.label, angle.key, angle.param, _texts(angle), empty=UNKNOWN, empty_text=NOT_KNOWN
        )
        for angle in ANGLES
    ),
)  # fmt: skip
