"""Segments with dates: the fields of their rows, and the handler.

A row says that a customer was in a segment from a day to another. First each row is read alone; when all are in,
the rows of a customer are judged and written together, wherever they are in the file.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.import_kinds import Field, plain
from imports import values
from imports.enums import RowStatus
from imports.lookups import LookupFailed, Named, Users
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, add_problem, set_result
from imports.pipeline.contact_fields import customer_key
from imports.pipeline.customer_fields import IDS, NUMBERS
from imports.pipeline.engine import Batches, read_rows, write_results
from imports.pipeline.matching import Match, match_customers
from imports.problems import Problem
from segmentation.membership.services.past import ADDED, HELD, PastMembership, memberships_load
from segmentation.schemes.models import Scheme, Segment, SegmentReason

_CUSTOMER, _SEGMENT, _DECISION = _("Customer"), _("Segment"), _("Decision")
_FROM = "alkaen, alku, alkupäivä, mistä, voimassa alkaen, from, start, since, valid from"
_UNTIL = "asti, päättyy, päättyen, loppu, loppupäivä, mihin, voimassa asti, until, to, end, valid until"

FIELDS = [
    Field("customer", _("customer"), plain(values.line(200)), "asiakas, yritys, customer, company", _CUSTOMER),
    Field("customer_number", _("customer number"), plain(values.line(60)), NUMBERS, _CUSTOMER, per_system=True),
    Field("customer_business_id", _("business ID"), plain(values.business_id), IDS, _CUSTOMER),
    Field(
        "scheme_code", _("segmentation scheme"), plain(values.line(120)),
        "segmentointimalli, segmentointi, malli, scheme, segmentation scheme, segmentation", _SEGMENT,
    ),
    Field(
        "segment_code", _("segment"), plain(values.line(120)),
        "segmentti, asiakassegmentti, abc, segment, customer segment, kundsegment", _SEGMENT,
    ),
    Field("segment_from", _("first day"), plain(values.date), _FROM, _SEGMENT),
    Field("segment_until", _("last day"), plain(values.date), _UNTIL, _SEGMENT),
    Field("move_reason", _("reason"), plain(values.line(500)), "syy, peruste, perustelu, reason, grounds", _DECISION),
    Field(
        "decided_on", _("day of the decision"), plain(values.date),
        "päätöspäivä, päätetty, päätöksen päivä, decided, decided on, date of decision, day of the decision", _DECISION,
    ),
    Field(
        "decided_by", _("decided by"), plain(values.line(200)),
        "päättäjä, päätti, hyväksyjä, decided by, approved by, approver", _DECISION,
    ),
]  # fmt: skip
_REQUIRED = ("segment_code", "segment_from")


class MembershipHandler(RowHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        schemes = list(Scheme.objects.in_use())
        self.schemes = Named(schemes, "unknown_scheme")
        self.primary = next((scheme for scheme in schemes if scheme.is_primary), None)
        self.segments = {
            scheme.pk: Named(Segment.objects.filter(scheme=scheme), "unknown_segment") for scheme in schemes
        }
        self.by_id = {scheme.pk: scheme for scheme in schemes}
        self.reasons = Named(SegmentReason.objects.all(), "unknown_reason")
        self.users = Users(with_deactivated=True)

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        """Return customer, segment and first day: a second row about them is a duplicate."""
        wanted = customer_key(values)
        who = wanted.number or wanted.business_id or wanted.name
        what = [values.get(name) or "" for name in ("scheme_code", "segment_code", "segment_from")]
        return "|".join([wanted.system, who, *what]).casefold() if who else "", "", ""

    def process(self, rows: Sequence[ImportRow]) -> None:
        matches = match_customers([customer_key(row.values) for row in rows])
        for row, match in zip(rows, matches, strict=True):
            try:
                self._read_row(row, match)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)

    def _read_row(self, row: ImportRow, match: Match) -> None:
        """Look up what the row names; its result comes with the customer's other rows, in :meth:`link`."""
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        given = {**self.defaults, **(row.values or {})}
        if missing := [name for name in _REQUIRED if not given.get(name)]:
            set_result(row, RowStatus.REFUSED, *(Problem("required", {}, name) for name in missing))
            return
        scheme = self._scheme(given.get("scheme_code"))
        reason = given.get("move_reason") or ""
        known = self.reasons.get(reason) if reason in self.reasons else None
        decided_by = given.get("decided_by")
        row.target_id = self._customer_id(given, match)
        row.values = {
            "scheme": scheme.pk,
            "segment": self.segments[scheme.pk].get(given["segment_code"]).pk,
            "first": given["segment_from"],
            "last": given.get("segment_until") or None,
            "reason": known.pk if known else None,
            "text": "" if known else reason,
            "decided_on": given.get("decided_on") or None,
            "decided_by": self.users.get(decided_by) if decided_by else None,
        }
        row.fate = RowStatus.UNCHANGED

    def _scheme(self, text: str | None) -> Scheme:
        if text:
            found: Scheme = self.schemes.get(text)
            return found
        if self.primary is None:
            raise LookupFailed(Problem("required", {}, "scheme_code"))
        return self.primary

    @staticmethod
    def _customer_id(given: dict[str, Any], match: Match) -> int:
        wanted = customer_key(given)
        text = wanted.number or wanted.business_id or wanted.name
        if not text:
            raise LookupFailed(Problem("no_customer"))
        if len(match.ids) != 1:
            raise LookupFailed(Problem("ambiguous_customer" if match.ids else "unknown_customer", {"value": text[:80]}))
        return match.ids[0]

    def link(self, rows: Sequence[ImportRow]) -> None:
        """Judge and write the rows together with the other rows of their customers, which may come later."""
        everything = [*rows, *(others := self._siblings(rows))]
        by_scheme: dict[int, list[ImportRow]] = defaultdict(list)
        for row in everything:
            by_scheme[row.values["scheme"]].append(row)
        segments = Segment.objects.in_bulk({row.values["segment"] for row in everything})
        reasons = SegmentReason.objects.in_bulk({row.values["reason"] for row in everything} - {None})
        people = User.objects.in_bulk({row.values["decided_by"] for row in everything} - {None})
        for scheme_id, found in by_scheme.items():
            entries = [_entry(row, segments, reasons, people) for row in found]
            results = memberships_load(scheme=self.by_id[scheme_id], entries=entries, write=not self.dry_run)
            for row in found:
                result = results[row.number]
                row.values, row.fate = None, RowStatus.CREATED if result.status == ADDED else RowStatus.UNCHANGED
                if result.status == HELD:
                    params = dict(result.params)
                    row.fate = RowStatus.HELD
                    add_problem(row, Problem(result.code, params, params.pop("field", "")))
        write_results(others)

    def _siblings(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """Return the other rows of these customers that wait."""
        waiting = ImportRow.objects.filter(run=self.run, values__isnull=False)
        customers = {row.target_id for row in rows}
        others = waiting.filter(target_id__in=customers).exclude(pk__in=[row.pk for row in rows])
        return read_rows(others.order_by("number"), Batches.columns)


def _entry(
    row: ImportRow, segments: dict[int, Segment], reasons: dict[int, SegmentReason], people: dict[int, User]
) -> PastMembership:
    given: dict[str, Any] = row.values
    return PastMembership(
        number=row.number,
        customer_id=row.target_id or 0,
        segment=segments[given["segment"]],
        first=dt.date.fromisoformat(given["first"]),
        last=_date(given["last"]),
        reason=reasons.get(given["reason"]),
        text=given["text"],
        decided_by=people.get(given["decided_by"]),
        decided_on=_date(given["decided_on"]),
    )


def _date(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
