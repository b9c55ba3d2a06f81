"""Who changed what and when, read from the event tables that the triggers keep (django-pghistory)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Field, ForeignKey, Model, Q
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pghistory.models import Events

from core.formatting import local
from core.models import StatusChange
from core.registry import declared
from core.richtext import to_text
from core.undo.items import SNAPSHOT

SKIPPED = frozenset(
    {"id", "version", "updated_at", "created_at", "submission_key", "is_demo", "ical_sequence", "period"}
)
EMPTY: tuple[Any, ...] = (None, "", [])
VERBS = {"insert": gettext_lazy("added"), "update": gettext_lazy("changed"), "delete": gettext_lazy("removed")}

#: What the context of a change says of the bulk operation that it belongs to.
_ORIGINS = {
    "bulk_run": gettext_lazy("bulk operation no. %d"),
    "undo_of_bulk_run": gettext_lazy("undo of bulk operation no. %d"),
}

#: A function from ids to names, for rows that ``str(row)`` does not name well.
Namer = Callable[[set[Any]], dict[Any, str]]
#: A function from an event to whether the history shows it.
Shows = Callable[[Any], bool]


@cache
def _namers() -> dict[type[Model], Namer]:
    """Return the functions that the apps declare as ``NAMERS``, by model."""
    return dict(declared("NAMERS"))


#: A function from the values of a field to what people read for them.
Worder = Callable[[set[Any]], Mapping[Any, str]]


@cache
def _worders() -> dict[str, Worder]:
    """Return the functions that the apps declare as ``HISTORY_WORDS``, by the field: ``careplans.PlanUpdate.note``."""
    return dict(declared("HISTORY_WORDS"))


def _label(field: Field[Any, Any]) -> str:
    return f"{field.model._meta.label}.{field.name}"


@cache
def _rich_texts() -> frozenset[str]:
    """Return the fields of rich text that the apps declare as ``RICH_TEXTS``: the history shows their plain text."""
    return frozenset(declared("RICH_TEXTS"))


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class HistoryEntry:
    """One event: who, when, ``what`` happened to which kind of row, and its fields before and after."""

    at: dt.datetime
    who: str
    what: str
    changes: list[Change]
    by: str = ""  # the bulk operation that did it, and its page for whoever started it
    by_url: str = ""
    note: str = ""  # what else there is to say of it


def history_of(
    obj: Model,
    models: Iterable[type[Model]],
    *,
    former: Iterable[Model] = (),
    viewer: Any = None,
    shows: Shows = bool,
    limit: int = 200,
) -> list[HistoryEntry]:
    """Return the newest events of ``obj`` (not of others of its kind) and of the rows of ``models`` that point at it.

    ``former`` are rows of its kind that were the same thing before: their events are returned with those of ``obj``.
    ``shows`` says of an event whether it is shown.
    Rows that ``viewer`` may not see are hidden: events of rows that belong to them are left out, and where ``obj``
    itself refers to one, its number is shown instead of its name. Costs one query for the events and one per kind
    of row that they mention, another one where some of them are invisible.
    """
    rows = [obj, *former]
    found = _events_of(rows, models).order_by("-pgh_created_at", "-pgh_id")
    events = [event for event in found[:limit] if shows(event)]
    names = _Names(events, viewer)
    events = [event for event in events if event.pgh_obj_model == obj._meta.label or not names.hides(event)]
    entries = [_entry(event, names, rows) for event in events]
    pairs = zip(entries, events, strict=True)
    return [entry for entry, event in pairs if entry.changes or entry.note or event.pgh_label != "update"]


def _events_of(rows: Sequence[Model], models: Iterable[type[Model]]) -> Any:
    """Return the events of rows of one kind and of those of ``models`` that point at them."""
    own = type(rows[0])
    tracked = [model for model in (own, *models) if hasattr(model, "pgh_event_model")]
    labels = [model.pgh_event_model._meta.label for model in tracked]
    others = ~Q(pgh_obj_model=own._meta.label) | Q(pgh_obj_id__in=[str(row.pk) for row in rows])
    return Events.objects.references(rows).filter(others, pgh_model__in=labels).exclude(pgh_label=SNAPSHOT)


def changed_by(obj: Model, parts: Iterable[type[Model]], fields: Iterable[str]) -> set[int]:
    """Return the ids of those who have changed ``fields`` of ``obj``, or anything of the rows that point at it."""
    columns = {obj._meta.get_field(name).column for name in fields}  # type: ignore[union-attr]
    return {
        event.pgh_context["user"]
        for event in _events_of([obj], parts)
        if (event.pgh_context or {}).get("user")
        and (event.pgh_obj_model != obj._meta.label or columns & (event.pgh_diff or {}).keys())
    }


def status_history_of(
    obj: Any, models: Iterable[type[Model]], *, viewer: Any = None, shows: Shows = bool, limit: int = 200
) -> list[HistoryEntry]:
    """Return :func:`history_of` something that has ``status_changes``, with the reasons that these were given."""
    entries = history_of(obj, models, viewer=viewer, shows=shows, limit=limit)
    reasons = [_reason(change) for change in obj.status_changes.exclude(reason="").select_related("user")]
    return sorted([*entries, *reasons], key=lambda entry: entry.at, reverse=True)


def _reason(change: StatusChange) -> HistoryEntry:
    """Why a status changed and which customer said so by a link, neither of which the event of the row itself has."""
    who = str(change.user) if change.user else change.actor or _("the system")
    by = f" ({change.actor})" if change.user and change.actor else ""
    return HistoryEntry(change.at, who, str(change), [Change(_("reason"), "–", f"{change.reason}{by}")])


def _entry(event: Any, names: _Names, rows: Sequence[Model]) -> HistoryEntry:
    model = apps.get_model(event.pgh_obj_model)
    user_id = (event.pgh_context or {}).get("user")
    verb = VERBS.get(event.pgh_label, event.pgh_label)
    changes = [
        Change(_(str(field.verbose_name)), names.text(field, old), names.text(field, new))
        for field, old, new in _changed(event)
        if _is_news(field, old, new, rows)
    ]
    who = names.of(get_user_model(), user_id) if user_id else _("the system")
    by, by_url = _origin(event.pgh_context or {}, names.viewer)
    is_first = event.pgh_label == "update" and event.pgh_diff is None
    note = _("The earlier values are not known: the row was brought in without a history.") if is_first else ""
    return HistoryEntry(event.pgh_created_at, who, f"{model._meta.verbose_name}: {verb}", changes, by, by_url, note)


def _origin(context: dict[str, Any], viewer: Any) -> tuple[str, str]:
    """Return the bulk operation that a change belongs to, with its page for whoever started it."""
    for name, text in _ORIGINS.items():
        if pk := context.get(name):
            is_own = viewer is not None and viewer.pk == context.get("user")
            return str(text) % pk, reverse("core:bulk_run", args=[pk]) if is_own else ""
    return "", ""


def _is_news(field: Field[Any, Any], old: Any, new: Any, rows: Sequence[Model]) -> bool:
    """Return whether a change is worth showing: not an empty field of an addition, nor the link to ``rows``."""
    if {old, new} <= {None, False} if isinstance(field, BooleanField) else old in EMPTY and new in EMPTY:
        return False
    if not isinstance(field, ForeignKey) or field.related_model is not type(rows[0]):
        return True
    return not any(row.pk in (old, new) for row in rows)


def _changed(event: Any) -> list[tuple[Any, Any, Any]]:
    """Return (field, old, new) of an event: the changed fields of an update, all fields of an addition or removal.

    The first change of a row that was loaded without a history (demo data) has no earlier version, and returns
    nothing; its entry says so.
    """
    model = apps.get_model(event.pgh_obj_model)
    fields = {field.column: field for field in model._meta.concrete_fields if _is_told(field)}
    data = event.pgh_data or {}
    if event.pgh_label == "update":
        pairs = {column: tuple(pair) for column, pair in (event.pgh_diff or {}).items()}
    elif event.pgh_label == "insert":
        pairs = {column: (None, value) for column, value in data.items()}
    else:
        pairs = {column: (value, None) for column, value in data.items()}
    return [(fields[column], *pairs[column]) for column in fields if column in pairs]


def _is_told(field: Field[Any, Any]) -> bool:
    is_parent_link = bool(field.remote_field and getattr(field.remote_field, "parent_link", False))
    is_copy = field.name in getattr(field.model, "COPIED", ())
    return field.name not in SKIPPED and not is_copy and not field.generated and not is_parent_link


class _Names:
    """The names behind the foreign keys that a set of events mentions, one query per model."""

    def __init__(self, events: list[Any], viewer: Any = None) -> None:
        self.viewer = viewer
        self._hidden: dict[type[Model], set[Any]] = {}
        wanted: dict[type[Model], set[Any]] = defaultdict(set)
        said: dict[str, set[Any]] = defaultdict(set)
        for event in events:
            if (event.pgh_context or {}).get("user"):
                wanted[get_user_model()].add(event.pgh_context["user"])
            for model, pk in self._owners(event):
                wanted[model].add(pk)
            for field, old, new in _changed(event):
                if isinstance(field, ForeignKey):
                    wanted[field.related_model].update({old, new} - {None})
                elif _label(field) in _worders():
                    said[_label(field)].update({old, new} - {None, ""})
        self._said = {label: _worders()[label](values) for label, values in said.items()}
        self._found = {model: self._read_names(model, ids) for model, ids in wanted.items()}

    def _read_names(self, model: type[Model], ids: set[Any]) -> dict[Any, str]:
        if namer := _namers().get(model):
            return namer(ids)
        if not self._is_restricted(model):
            return {row.pk: str(row) for row in model._base_manager.filter(pk__in=ids)}
        visible: Any = model._default_manager.visible_to(self.viewer)  # type: ignore[attr-defined]
        found = {row.pk: str(row) for row in visible.filter(pk__in=ids)}
        missing = ids - found.keys()
        known = model._base_manager.filter(pk__in=missing).values_list("pk", flat=True) if missing else ()
        self._hidden[model] = set(known)
        return found

    def _is_restricted(self, model: type[Model]) -> bool:
        """Return whether the viewer may not see some rows of a model; colleagues are named also when they have left."""
        return bool(self.viewer and model is not get_user_model() and hasattr(model._default_manager, "visible_to"))

    def _owners(self, event: Any) -> list[tuple[type[Model], Any]]:
        """Return the restricted rows that the row of an event belongs to, whether the event changed that or not."""
        model, data = apps.get_model(event.pgh_obj_model), event.pgh_data or {}
        return [
            (field.related_model, data[field.column])
            for field in model._meta.concrete_fields
            if isinstance(field, ForeignKey) and data.get(field.column) and self._is_restricted(field.related_model)
        ]

    def hides(self, event: Any) -> bool:
        """Return whether the row of an event belongs to a row that the viewer may not see."""
        return any(pk in self._hidden.get(model, ()) for model, pk in self._owners(event))

    def of(self, model: type[Model], pk: Any) -> str:
        return self._found.get(model, {}).get(pk, f"#{pk}")

    def text(self, field: Field[Any, Any], value: Any) -> str:
        """Return a stored value as people read it."""
        if value in (None, "", []):
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(field, ForeignKey):
            return self.of(field.related_model, value)
        if _label(field) in _rich_texts():
            return to_text(value)
        if _label(field) in self._said:
            return str(self._said[_label(field)].get(value, value))
        if words := dict(getattr(field, "base_field", field).flatchoices):
            return ", ".join(str(words.get(one, one)) for one in (value if isinstance(value, list) else [value]))
        try:
            value = field.to_python(value)
        except Exception:
            return str(value)
        if isinstance(value, dt.datetime):
            value = local(value)
        return ", ".join(map(str, value)) if isinstance(value, list) else str(localize(value))
