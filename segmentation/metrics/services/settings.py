"""Changing own metrics with the words of their scales."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from segmentation.metrics.models import OwnLevel, OwnMetric


@transaction.atomic
def own_metric_save(*, metric: OwnMetric, levels: Mapping[int, tuple[str, str]]) -> OwnMetric:
    """Save an own metric with the words of its numbers, Finnish and English; rows that stay the same are not written.

    Its figures are computed again in the night.
    """
    metric.save()
    kept = {level.number: level for level in OwnLevel.objects.filter(metric=metric)}
    OwnLevel.objects.filter(pk__in=[level.pk for number, level in kept.items() if number not in levels]).delete()
    for number, (finnish, english) in levels.items():
        level = kept.get(number) or OwnLevel(metric=metric, number=number)
        if level.pk is None or (level.words_fi, level.words_en) != (finnish, english):
            level.words_fi, level.words_en = finnish, english
            level.save()
    return metric
