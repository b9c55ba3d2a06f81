"""Schemes, segments, versions and memberships for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory.django import DjangoModelFactory

from accounts.tests.factories import UserFactory
from core import clock
from core.conditions.tree import Group
from segmentation.criteria.enums import VersionStatus
from segmentation.criteria.models import CriteriaVersion
from segmentation.criteria.services import CRITERIA_STATUS, criteria_create, criteria_review, criteria_send
from segmentation.criteria.store import rule_write
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership
from segmentation.schemes.models import Scheme, Segment


class SchemeFactory(DjangoModelFactory[Scheme]):
    class Meta:
        model = Scheme

    code = factory.Sequence(lambda n: f"scheme{n}")
    name_fi = name_en = factory.Sequence(lambda n: f"Scheme {n}")
    minimum_known = 0


class SegmentFactory(DjangoModelFactory[Segment]):
    class Meta:
        model = Segment

    scheme = factory.SubFactory(SchemeFactory)
    code = factory.Sequence(lambda n: f"S{n}")
    name_fi = name_en = factory.Sequence(lambda n: f"Segment {n}")
    order = factory.Sequence(lambda n: n)


def scheme_with(*codes: str, minimum_days: int = 0, **about: Any) -> tuple[Scheme, dict[str, Segment]]:
    """Return a scheme with segments in this order."""
    scheme = SchemeFactory(**about)
    made = {
        code: SegmentFactory(scheme=scheme, code=code, name_fi=f"Ryhmä {code}", name_en=f"Class {code}", order=order,
                             minimum_days=minimum_days)
        for order, code in enumerate(codes)
    }  # fmt: skip
    return scheme, made


def draft_of(scheme: Scheme, rules: dict[Segment, Group], user: Any = None) -> CriteriaVersion:
    """Return a draft with these rules."""
    criteria = criteria_create(scheme=scheme, user=user or UserFactory(), justification="A test needs them.")
    for segment, tree in rules.items():
        rule_write(criteria, segment, tree)
    return criteria


def sent_to_management(criteria: CriteriaVersion, user: Any) -> CriteriaVersion:
    """Lead a draft by the account team to management."""
    return criteria_review(criteria=criteria_send(criteria=criteria, user=user), user=user)


def in_force(scheme: Scheme, rules: dict[Segment, Group]) -> CriteriaVersion:
    """Return a version in force from today; the one before it is superseded."""
    criteria = draft_of(scheme, rules)
    criteria.in_force_from = clock.today()
    for status in (VersionStatus.TEAM, VersionStatus.REVIEWED, VersionStatus.APPROVED):
        CRITERIA_STATUS.write(criteria, status, user=None)
    for before in CriteriaVersion.objects.in_force().filter(scheme=scheme):
        CRITERIA_STATUS.write(before, VersionStatus.SUPERSEDED, user=None)
    return CRITERIA_STATUS.write(criteria, VersionStatus.IN_FORCE, user=None)


def member(
    customer: Any, segment: Segment, *, since: dt.datetime, by: Any = None, kind: str = MoveKind.SET
) -> Membership:
    """Put a customer into a segment since a moment, decided then by a person (or by the program)."""
    before = Membership.objects.present().filter(customer=customer, scheme=segment.scheme).first()
    if before is not None:
        before.period = DateTimeTZRange(before.period.lower, since, "[)")
        before.save(update_fields=["period"])
    return Membership.objects.create(
        scheme=segment.scheme, segment=segment, customer=customer, period=DateTimeTZRange(since, None, "[)"),
        decided_by=by, decided_at=since, kind=kind,
    )  # fmt: skip
