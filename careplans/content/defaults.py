"""Default data: the template of plans, the outlook with its words, classes of potential. People change them."""

from __future__ import annotations

from collections.abc import Callable

from careplans.content.models import PlanTemplate, PotentialClass, TemplatePart
from careplans.content.outlook import CODE
from core.defaults import load_list, read
from segmentation.metrics.models import OwnLevel, OwnMetric


def load_template() -> None:
    """Add the template of all customers."""
    template = PlanTemplate.objects.create()
    rows = enumerate(read("carecontent", "template"), 1)
    TemplatePart.objects.bulk_create(TemplatePart(template=template, order=order * 10, **row) for order, row in rows)


def load_outlook() -> None:
    """Add the metric of the outlook with its words, unless there is one."""
    if OwnMetric.objects.filter(code=CODE).exists():
        return
    about = read("carecontent", "outlook")
    words = about.pop("words")
    metric = OwnMetric.objects.create(code=CODE, order=900, **about)
    OwnLevel.objects.bulk_create(
        OwnLevel(metric=metric, number=number, words_fi=fi, words_en=en) for number, fi, en in words
    )


def load_classes() -> None:
    load_list("potential_classes", PotentialClass)


SETS: dict[str, Callable[[], None]] = {
    "template": load_template,
    "outlook": load_outlook,
    "potential_classes": load_classes,
}
