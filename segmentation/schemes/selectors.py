"""Reads of schemes that span tables: the history of a scheme with the changes of its segments' rules."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.history import Change, HistoryEntry, history_of
from segmentation.schemes.enums import RuleChangeStatus
from segmentation.schemes.models import RuleChange, Scheme, Segment
from segmentation.schemes.services.rules import groups_text


def scheme_history(scheme: Scheme, viewer: Any) -> list[HistoryEntry]:
    """Return the history of a scheme and its segments, with who decided about changes of approval and limits."""
    rows = RuleChange.objects.filter(segment__scheme=scheme).select_related("segment", "asked_by", "decided_by")
    entries = [*history_of(scheme, (Segment,), viewer=viewer), *map(_entry, rows[:200])]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _entry(row: RuleChange) -> HistoryEntry:
    labels = {"needs_approval": _("needs approval"), "limit": _("most customers"), "approvers": _("who approves")}
    changes = [
        Change(label, _text(name, row.before[name]), _text(name, row.after[name]))
        for name, label in labels.items()
        if row.before[name] != row.after[name]
    ]
    changes.append(Change(_("customers in the segment then"), "–", str(row.customers)))
    if row.decided_by:
        said = RuleChangeStatus(row.status).label
        changes.append(Change(_("decision"), "–", f"{said}: {row.decided_by}"))
    what = _("Rules of the segment %(segment)s: %(status)s") % {
        "segment": row.segment,
        "status": row.get_status_display(),
    }
    return HistoryEntry(row.decided_at or row.asked_at, str(row.asked_by or "–"), what, changes)


def _text(name: str, value: Any) -> str:
    if name == "needs_approval":
        return _("yes") if value else _("no")
    return (groups_text(value) if name == "approvers" else str(value or "")) or "–"
