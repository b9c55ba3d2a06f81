"""What a bulk operation is. Apps declare theirs as ``BULK_OPERATIONS`` of their registrations.

The kernel does the steps that all share: it chooses the rows, previews the effect, runs in batches, records the
outcome of each row and undoes it from the history. An operation says which rows it leaves out and why, and writes one
batch with a few statements::

    class Activate(Operation):
        name, place, label = "customers.activate", "customers", _("Activate")
        model, permission = Customer, "customers.set_active"
        undoing = Undoing(Customer, by_column=True)

        def findings(self, content, user, rows):
            yield Finding("already_active", rows.active(), is_unchanged=True)

        def apply(self, content, run, ids):
            ...
            return Applied(changed=ids)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import IO, TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.exceptions import BusinessRuleError
from core.permissions import allowed
from core.registry import declared
from core.undo.parts import Undoing
from core.undo.plan import Plan
from core.undo.reasons import Reason, sentence
from core.undo.writing import remove_followers, take_back

if TYPE_CHECKING:
    from core.bulk.models import BulkRow, BulkRun

NOT_THERE, FORBIDDEN = "not_there", "forbidden"
#: Reasons that every operation may give.
REASONS: dict[str, Any] = {
    NOT_THERE: gettext_lazy("No longer exists, or you may no longer see it"),
    FORBIDDEN: gettext_lazy("You may not change it"),
}


def outside(rows: Any, permitted: Any) -> Any:
    """Return those of ``rows`` that are not among ``permitted``, row by row: a million may be permitted."""
    return rows.exclude(Exists(permitted.order_by().filter(pk=OuterRef("pk"))))


@dataclass(frozen=True)
class Finding:
    """Rows that the operation leaves out, or that are already as it would make them; the first finding counts."""

    code: str
    rows: QuerySet[Any]
    is_unchanged: bool = False


@dataclass
class Applied:
    """What became of a batch, by the ids of its rows; those in none of these are unchanged.

    ``people`` are the users to notify of a row, ``made`` the id of the record that was added for it.
    """

    changed: Collection[int] = ()
    refused: Mapping[int, str] = field(default_factory=dict)
    people: Mapping[int, Collection[int]] = field(default_factory=dict)
    made: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RunPage:
    """A further page about a run, which an app declares as ``BULK_RUN_PAGES``: its URL takes the run's id."""

    label: Any
    url_name: str
    fits: Callable[[Any], bool]


def pages_of(run: Any) -> list[tuple[Any, str]]:
    """Return the labels and addresses of the further pages about a run."""
    pages = [page for page in declared("BULK_RUN_PAGES") if page.fits(run)]
    return [(page.label, reverse(page.url_name, args=[run.pk])) for page in pages]


class BulkForm(forms.Form):
    """What an operation asks before its preview; the same fields are the ``params`` of the API.

    Each batch reads it again: ``is_started`` says that what was a coming day at the start may have passed since.
    """

    def __init__(self, *args: Any, user: Any, is_started: bool = False, **kwargs: Any) -> None:
        self.user, self.is_started = user, is_started
        super().__init__(*args, **kwargs)


class Operation:
    """An operation on many rows of ``model`` that ``place`` offers (see the module)."""

    name: ClassVar[str]
    place: ClassVar[str]
    label: ClassVar[Any]
    model: ClassVar[type[Model]]
    permission: ClassVar[str]
    list_url_name: ClassVar[str]
    icon: ClassVar[str] = ""
    order: ClassVar[int] = 100
    form_class: ClassVar[type[BulkForm]] = BulkForm
    #: Path of the text that names a row, where the model has no ``text_sql``.
    text: ClassVar[str] = ""
    max_rows: ClassVar[int] = 250_000
    batch: ClassVar[int] = 1_000
    danger: ClassVar[bool] = False
    #: Whether the API may start it: not one that goes on at a page.
    is_for_api: ClassVar[bool] = True
    #: What a run writes; None for operations without an undo.
    undoing: ClassVar[Undoing | None] = None
    #: Tables of which it changes records that were there before, with the column that holds the row's id.
    changes: ClassVar[Sequence[tuple[type[Model], str]]] = ()
    reasons: ClassVar[dict[str, Any]] = {}

    @property
    def url(self) -> str:
        return reverse("core:bulk_choose", args=[self.name])

    dialog = True

    def allowed(self, user: Any) -> bool:
        return allowed(user, self.permission)

    def name_sql(self) -> Any:
        """Return the expression that names a row."""
        text: Any = self.text or self.model.text_sql  # type: ignore[attr-defined]
        return text("") if callable(text) else text

    def may_choose(self, user: Any) -> QuerySet[Any]:
        """Return the rows that the user may choose."""
        visible: QuerySet[Any] = self.model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        return visible

    def form(self, data: Mapping[str, Any] | None, user: Any, *, is_started: bool = False) -> BulkForm:
        return self.form_class(None if data is None else _querydict(data), user=user, is_started=is_started)

    @property
    def has_form(self) -> bool:
        return bool(self.form_class.base_fields)

    def content(self, params: Mapping[str, Any], user: Any, *, is_started: bool = False) -> dict[str, Any]:
        """Return what ``params`` say, read again: a class may have been retired meanwhile.

        Raises :class:`BusinessRuleError` ``invalid`` at the field.
        """
        form = self.form(params, user, is_started=is_started)
        if form.is_valid():
            return form.cleaned_data
        name, errors = next(iter(form.errors.items()))
        text = " ".join(map(str, errors))
        label = form.fields[name].label if name in form.fields else ""
        raise BusinessRuleError("invalid", f"{label}: {text}" if label else text, field=name)

    def describe(self, content: Mapping[str, Any]) -> str:
        """Return what the operation does, in a few words."""
        return str(self.label)

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        """Return what the preview says besides the numbers, for this many rows."""
        return []

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        """Yield which of ``rows`` are left out or stay as they are. The preview asks about all, each batch again."""
        yield from ()

    def too_many_text(self, count: int) -> str:
        """Return why so many rows cannot be chosen."""
        text = ngettext("At most %(count)d row at a time.", "At most %(count)d rows at a time.", self.max_rows)
        advice = _("Narrow down the list with its filters.")
        return f"{text % {'count': self.max_rows}} {advice}"

    def lock(self, ids: Sequence[int]) -> None:
        """Lock the rows of a batch, in the order of their ids, before the rules are asked."""
        rows: Any = self.model._default_manager.filter(pk__in=ids).order_by("pk")
        list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        """Write a batch of locked rows, inside its transaction."""
        raise NotImplementedError

    def finish(self, run: BulkRun) -> tuple[IO[bytes], str] | None:
        """Return the file, and its name, that the finished job offers; none for most."""
        return None

    def next_url(self, run: BulkRun) -> str:
        """Return the page where the operation continues, instead of a job."""
        return ""

    def notify(self, run: BulkRun, counts: Mapping[int, int], *, undone: bool) -> None:
        """Notify people once, each with the number of rows that concern them."""

    def undo_key(self, row: BulkRow) -> int:
        """Return the id of the record that an undo of the row is about."""
        return row.target_id

    has_history: ClassVar[bool] = True  # an undo compares with it; else it is what take_back_rows does
    makes_records: ClassVar[bool] = False  # what it makes is taken back, not what it was made for

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        """Yield which rows an undo leaves as they are, by rules besides the history."""
        yield from ()

    def take_back(self, plan: Plan) -> None:
        """Write the former values of a batch."""
        remove_followers(plan)
        take_back(plan)
        targets = {item.target for item in plan.done}
        for refresh in plan.undoing.refreshes:
            refresh(targets)

    def take_back_rows(self, run: BulkRun, made: Mapping[int, int]) -> None:
        """Take back a batch of an operation without ``has_history``: the rows' ids with what was made for them."""

    def reason_text(self, code: str) -> str:
        return str({**REASONS, **self.reasons}.get(code, code)) if code else ""

    def undo_text(self, data: Mapping[str, Any]) -> str:
        """Return why a row was not undone, as a sentence."""
        reason = Reason.read(dict(data))
        return self.reason_text(reason.code) if reason.code in {**REASONS, **self.reasons} else sentence(reason)


def _querydict(data: Mapping[str, Any]) -> QueryDict:
    found = QueryDict(mutable=True)
    for name, value in data.items():
        values = value if isinstance(value, list | tuple) else [value]
        found.setlist(name, [str(item) for item in values if item not in (None, False)])
    return found


@cache
def operations() -> dict[str, Operation]:
    """Return all operations by name, in their order."""
    found = sorted(declared("BULK_OPERATIONS"), key=lambda operation: operation.order)
    return {operation.name: operation for operation in found}


def operation_of(name: str) -> Operation:
    """Return the operation; raise :class:`BusinessRuleError` ``unknown_operation`` if there is none (any more)."""
    if name not in operations():
        raise BusinessRuleError("unknown_operation", _("This program has no such operation."), field="operation")
    return operations()[name]


def offered(place: str, user: Any) -> list[Operation]:
    """Return the operations that ``place`` offers to the user."""
    return [item for item in operations().values() if item.place == place and item.allowed(user)]
