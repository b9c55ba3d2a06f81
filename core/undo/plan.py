"""What an undo does with a batch of rows: what is taken back, what cannot be, and why."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.auth import get_user_model
from pghistory.models import Context

from core.undo.items import Item, read_items
from core.undo.parts import Undoing
from core.undo.reasons import GONE, HUNG, NOT_RECORDED, Reason
from core.undo.references import Record, Reference, references_to

#: At most this many reasons are kept for a row.
MOST_REASONS = 5


@dataclass
class Plan:
    """The records of each target that can go back, and the reasons of the others.

    ``hung`` are those that something refers to: they may be free once other rows have been undone. ``user_id`` is
    that of the user who undoes, where the caller knows.
    """

    undoing: Undoing
    items: dict[int, list[Item]] = field(default_factory=dict)
    refused: dict[int, list[Reason]] = field(default_factory=dict)
    hung: dict[int, list[Reason]] = field(default_factory=dict)
    user_id: int | None = None

    @property
    def done(self) -> list[Item]:
        """The records of all targets that can go back."""
        return [item for items in self.items.values() for item in items]


def make_plan(
    undoing: Undoing,
    created: Collection[int],
    updated: Collection[int],
    contexts: Iterable[UUID],
    *,
    lock: bool,
    freed: Collection[int] = (),
) -> Plan:
    """Plan the undo of the targets that a run has ``created`` and of those that it has ``updated``.

    ``lock`` keeps their records locked. ``freed`` are targets that will be undone as well, for a check: what they
    refer to is not kept by them.
    """
    plan = Plan(undoing)
    found, present = read_items(undoing, {*created, *updated}, contexts, lock=lock)
    by_target: dict[int, list[Item]] = defaultdict(list)
    for item in found:
        by_target[item.target].append(item)
    for target in sorted({*created, *updated}):
        items = by_target.get(target, [])
        problems = _problems(undoing, target, items, present, is_created=target in created)
        if problems:
            plan.refused[target] = problems[:MOST_REASONS]
        else:
            plan.items[target] = items
    if undoing.refuse:
        undoing.refuse(plan)
    _hold_back(plan, set(freed))
    name_people([problem for problems in plan.refused.values() for problem in problems])
    return plan


def _problems(
    undoing: Undoing, target: int, items: Sequence[Item], present: set[int], *, is_created: bool
) -> list[Reason]:
    found = [problem for item in items if (problem := item.problem)]
    is_made = any(item.model is undoing.root and item.is_made for item in items)
    if not items or (is_created and not is_made):
        return [Reason(NOT_RECORDED if target in present else GONE)]
    return found


def _hold_back(plan: Plan, freed: set[int]) -> None:
    """Hold back the targets that something refers to which stays, until nothing more has to be held back."""
    owners = {_record(item): item.target for item in plan.done if item.is_made}
    references = _references(plan)
    while True:
        going = {_record(item): item for item in plan.done}
        kept: dict[int, list[Reference]] = defaultdict(list)
        for reference in references:
            target = owners[reference.to]
            if target in plan.items and not _lets_go(reference, going, plan.undoing, freed):
                kept[target].append(reference)
        if not kept:
            return
        for target, found in kept.items():
            plan.hung[target] = [Reason(HUNG, {"things": Counter(reference.label for reference in found)})]
            del plan.items[target]


def _references(plan: Plan) -> list[Reference]:
    skipped = {
        (follower.model._meta.db_table, str(follower.model._meta.get_field(follower.field).column))  # type: ignore[union-attr]
        for follower in plan.undoing.followers
        if not follower.only
    }
    made = defaultdict(list)
    for item in plan.done:
        if item.is_made:
            made[item.model].append(item.pk)
    going = {
        (follower.model._meta.db_table, pk)
        for follower in plan.undoing.followers
        if follower.only and made[follower.of]
        for pk in follower.rows(made[follower.of]).values_list("pk", flat=True)
    }
    found = (reference for model, ids in made.items() for reference in references_to(model, ids, skipped))
    return [reference for reference in found if reference.by not in going]


def _lets_go(reference: Reference, going: Mapping[Record, Item], undoing: Undoing, freed: set[int]) -> bool:
    """Return whether the referring record is removed too, or gets a former content that does not refer."""
    table, pk = reference.by
    if table == undoing.root._meta.db_table and pk in freed:
        return True
    item = going.get(reference.by)
    if item is None:
        return False
    return item.is_made or bool(item.before and item.before.content.get(reference.column) != reference.to[1])


def _record(item: Item) -> Record:
    return item.model._meta.db_table, item.pk


def name_people(problems: Iterable[Reason]) -> None:
    """Replace the contexts of changes by the names of those who made them; empty means the program itself."""
    waiting = [problem for problem in problems if problem.params.get("who")]
    contexts = Context.objects.in_bulk({problem.params["who"] for problem in waiting})
    users = {context.metadata.get("user") for context in contexts.values()} - {None}
    people = get_user_model()._default_manager.in_bulk(users)
    for problem in waiting:
        context = contexts.get(UUID(problem.params["who"]))
        user = people.get(context.metadata.get("user") or 0) if context else None
        problem.params["who"] = str(user or "")
