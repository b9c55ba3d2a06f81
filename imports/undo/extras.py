"""What an import adds beside its rows: product groups, teams, classes, managers. They are removed with the last row."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, connection, transaction

from accounts.models import Team
from core.undo.items import quoted
from core.undo.parts import Undoing
from core.undo.plan import make_plan
from core.undo.writing import check_constraints
from customers.models import ClassificationNode
from imports.enums import ImportKind
from imports.models import ImportRun
from imports.pipeline.engine import advisory_lock
from imports.undo.kinds import USERS
from imports.undo.writing import write
from offers.products.models import ProductGroup

_OF_KIND: dict[str, Sequence[Undoing]] = {
    ImportKind.CUSTOMERS: [Undoing(ClassificationNode)],
    ImportKind.PRODUCTS: [Undoing(ProductGroup)],
    ImportKind.USERS: [USERS, Undoing(Team)],
}


def remove_extras(run: ImportRun) -> None:
    """Remove what the run added beside its rows, as far as nobody has changed it and nothing refers to it."""
    for undoing in _OF_KIND.get(run.kind, ()):
        try:
            with transaction.atomic():
                advisory_lock(run.kind)
                write(make_plan(undoing, _added(undoing, run), (), run.contexts, lock=True))
                check_constraints()
        except IntegrityError:
            continue  # somebody has begun to use one of them: they stay


def _added(undoing: Undoing, run: ImportRun) -> list[int]:
    """Return the ids of what the run added, but for the targets of its rows."""
    table = quoted(undoing.root.pgh_event_model._meta.db_table)  # type: ignore[attr-defined]
    sql = f"""
        SELECT DISTINCT pgh_obj_id FROM {table} e
        WHERE pgh_label = 'insert' AND pgh_context_id = ANY(%s)
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(run.contexts)])
        found = {pk for (pk,) in cursor.fetchall()}
    targets = run.rows.filter(target_id__in=found).values_list("target_id", flat=True) if undoing is USERS else ()
    return sorted(found - set(targets))
