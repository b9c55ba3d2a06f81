"""Care models, versions and actions for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from careplans.caremodels.enums import FrequencyKind, FulfilKind, VersionStatus
from careplans.caremodels.models import ActionResponsible, CareAction, CareModel, ModelVersion
from core import clock
from customers.enums import ResponsibilityRole
from segmentation.criteria.tests.factories import SegmentFactory


class CareModelFactory(DjangoModelFactory[CareModel]):
    class Meta:
        model = CareModel

    code = factory.Sequence(lambda n: f"model{n}")
    name_fi = factory.Sequence(lambda n: f"Malli {n}")
    name_en = factory.Sequence(lambda n: f"Model {n}")
    segment = factory.SubFactory(SegmentFactory, scheme__feeds_care_models=True)


class ModelVersionFactory(DjangoModelFactory[ModelVersion]):
    """A draft."""

    class Meta:
        model = ModelVersion

    model = factory.SubFactory(CareModelFactory)
    number = 1
    justification = "A test needs it."


class CareActionFactory(DjangoModelFactory[CareAction]):
    """A monthly contact of the owner."""

    class Meta:
        model = CareAction
        skip_postgeneration_save = True

    version = factory.SubFactory(ModelVersionFactory)
    code = factory.Sequence(lambda n: f"action{n}")
    name_fi = factory.Sequence(lambda n: f"Toimenpide {n}")
    name_en = factory.Sequence(lambda n: f"Action {n}")
    completed_by = factory.LazyFunction(lambda: [FulfilKind.ACTIVITY.value])
    frequency = FrequencyKind.MONTHS
    count = 1

    @factory.post_generation
    def owner(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create and extracted is not False:
            ActionResponsible.objects.create(action=self, role=ResponsibilityRole.OWNER)


def approved_version(
    model: CareModel | None = None, valid_from: dt.date | None = None, number: int = 1, **about: Any
) -> ModelVersion:
    """Return a version that is in force from a day (today unless given), without the steps that lead there."""
    return ModelVersionFactory(
        model=model or CareModelFactory(), number=number, status=VersionStatus.APPROVED,
        valid_from=valid_from or clock.today(), approved_at=clock.now(), **about,
    )  # fmt: skip
