"""Factories of schemes, segments and memberships for the tests of all apps."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory.django import DjangoModelFactory

from core import clock
from segmentation.membership.models import Membership
from segmentation.schemes.models import Scheme, Segment


def segment(code: str) -> Segment:
    """Return a segment of the default data's scheme, such as A."""
    return Segment.objects.get(scheme__is_primary=True, code=code)


class SchemeFactory(DjangoModelFactory[Scheme]):
    class Meta:
        model = Scheme

    code = factory.Sequence(lambda n: f"scheme-{n}")
    name_fi = factory.Sequence(lambda n: f"Malli {n}")
    name_en = factory.Sequence(lambda n: f"Scheme {n}")


class SegmentFactory(DjangoModelFactory[Segment]):
    """A segment of the primary scheme unless ``scheme`` is another."""

    class Meta:
        model = Segment
        skip_postgeneration_save = True

    scheme = factory.LazyFunction(lambda: Scheme.objects.get(is_primary=True))
    code = factory.Sequence(lambda n: f"S{n}")
    name_fi = factory.Sequence(lambda n: f"Segmentti {n}")
    name_en = factory.Sequence(lambda n: f"Segment {n}")

    @factory.post_generation
    def approvers(self: Any, create: bool, groups: Any, **kwargs: Any) -> None:
        if create and groups:
            self.approvers.set(groups)


class MembershipFactory(DjangoModelFactory[Membership]):
    """A present membership since ``start`` (an hour ago)."""

    class Meta:
        model = Membership

    class Params:
        start = factory.LazyFunction(lambda: clock.now() - dt.timedelta(hours=1))

    scheme = factory.SelfAttribute("segment.scheme")
    is_exclusive = factory.SelfAttribute("segment.scheme.is_exclusive")
    period = factory.LazyAttribute(lambda row: DateTimeTZRange(row.start, None, "[)"))
    decided_at = factory.SelfAttribute("start")
