"""Absences: the fields of their rows, and the handler.

A row says who is away from a day to another. An absence of the same person that begins on the same day is changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from careplans.work.models import Absence, AbsenceKind
from careplans.work.services.absences import CONTENT, absence_add, absence_change
from core.exceptions import BusinessRuleError
from core.import_kinds import Field, plain
from imports import values
from imports.enums import RowStatus
from imports.lookups import LookupFailed, Named, Users, folded
from imports.models import ImportRow
from imports.pipeline.base import RowHandler, set_result
from imports.problems import Problem

_WHO, _DAYS = _("Person"), _("Days")
_FIRST = "alku, alkaa, alkaen, alkupäivä, ensimmäinen päivä, from, start, first day, start date"
_LAST = "loppu, päättyy, asti, loppupäivä, viimeinen päivä, until, to, end, last day, end date"

FIELDS = [
    Field("person", _("person"), plain(values.line(300)),
          "henkilö, nimi, työntekijä, käyttäjä, person, name, employee, user", _WHO),
    Field("absence_first", _("first day"), plain(values.date), _FIRST, _DAYS),
    Field("absence_last", _("last day"), plain(values.date), _LAST, _DAYS),
    Field("absence_kind", _("type of absence"), plain(values.line(120)),
          "laji, syy, poissaolon laji, poissaolo, type, kind, absence, absence type, reason", _DAYS),
    Field("substitute", _("substitute"), plain(values.line(300)), "sijainen, substitute, deputy", _WHO),
    Field("absence_note", _("note"), plain(values.line(500)), "huomautus, lisätieto, note, comment", _DAYS),
]  # fmt: skip
_REQUIRED = ("person", "absence_first", "absence_last", "absence_kind")


class AbsenceHandler(RowHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.users = Users(with_deactivated=True)
        self.kinds = Named(AbsenceKind.objects.all(), "unknown_absence_kind")

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        """Return person and first day: a second row about them is a duplicate."""
        person = folded(values.get("person") or "")
        return f"{person}|{values.get('absence_first') or ''}" if person else "", "", ""

    def process(self, rows: Sequence[ImportRow]) -> None:
        for row in rows:
            try:
                self._import_row(row)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)

    def _import_row(self, row: ImportRow) -> None:
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        given = {**self.defaults, **(row.values or {})}
        if missing := [name for name in _REQUIRED if not given.get(name)]:
            set_result(row, RowStatus.REFUSED, *(Problem("required", {}, name) for name in missing))
            return
        absence = Absence(person_id=self.users.get(given["person"]), **self._content(given))
        held = Absence.objects.filter(person=absence.person_id, first=absence.first, deleted_at=None).first()
        row.values = None
        if held and (changed := [name for name in CONTENT if getattr(held, name) != getattr(absence, name)]):
            self._write(lambda: absence_change(absence=held, changes=self._content(given), user=None, notifies=False))
            row.fate, row.changed = RowStatus.UPDATED, [_COLUMNS[name] for name in changed]
        elif held:
            row.fate = RowStatus.UNCHANGED
        else:
            self._write(lambda: absence_add(absence=absence, user=None, notifies=False))
            row.fate = RowStatus.CREATED
        row.target_id = held.pk if held else None if self.dry_run else absence.pk

    def _content(self, given: dict[str, Any]) -> dict[str, Any]:
        substitute = given.get("substitute")
        return {
            "first": dt.date.fromisoformat(given["absence_first"]),
            "last": dt.date.fromisoformat(given["absence_last"]),
            "kind": self.kinds.get(given["absence_kind"]),
            "substitute": User.objects.get(pk=self.users.get(substitute)) if substitute else None,
            "note": given.get("absence_note") or "",
        }

    def _write(self, write: Any) -> None:
        """Write a row, in a check only as far as the rules say whether it can be."""
        try:
            with transaction.atomic():
                write()
                if self.dry_run:
                    transaction.set_rollback(True)
        except BusinessRuleError as error:
            field = _COLUMNS.get(error.field or "", error.field or "")
            raise LookupFailed(Problem("refused", {"reason": str(error)}, field)) from error


#: The columns of what is written.
_COLUMNS = {
    "first": "absence_first", "last": "absence_last", "kind": "absence_kind", "substitute": "substitute",
    "note": "absence_note", "person": "person",
}  # fmt: skip
