"""Columns of suggestions and of the moves of a preview, for screen and export."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import JSONArray
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from core import cells
from core.html import html
from core.tables import Column, Table
from segmentation.criteria.models import Evaluation, PreviewMove
from segmentation.criteria.reasons import Reasons, Wording
from segmentation.membership.models import Membership
from segmentation.schemes.models import Segment


def prepared(rows: list[Any]) -> list[Any]:
    """Give the rows of a page their reasons in words and, for evaluations, the segment that the customer is in."""
    wording = Wording(_criteria_of(row) for row in rows)
    present = _present([row for row in rows if isinstance(row, Evaluation)])
    for row in rows:
        row.words = reasons_of(row, wording)
        row.member = present.get((getattr(row, "scheme_id", None), row.customer_id))
    return rows


def _criteria_of(row: Any) -> int:
    return int(row.preview.criteria_id if isinstance(row, PreviewMove) else row.criteria_id)


def reasons_of(row: Any, wording: Wording) -> Reasons:
    if isinstance(row, PreviewMove):
        outcome = row.reasons.get("outcome", "")
        return wording.of(row.preview.criteria_id, row.after_id, row.reasons, outcome, row.known_share)
    return wording.of_row(row)


def _present(rows: list[Evaluation]) -> dict[tuple[int | None, int], Segment]:
    held = Membership.objects.present().filter(
        scheme__in={row.scheme_id for row in rows}, customer__in=[row.customer_id for row in rows]
    )
    return {(one.scheme_id, one.customer_id): one.segment for one in held.select_related("segment")}


def _sentence(row: Any) -> str:
    """Return the reasons of a row in words; a page words all of its rows at once."""
    words = getattr(row, "words", None) or reasons_of(row, Wording([_criteria_of(row)]))
    return str(words.sentence)


def _member(row: Any) -> Any:
    return row.member if hasattr(row, "member") else _present([row]).get((row.scheme_id, row.customer_id))


def member_sql(user: Any) -> Any:
    """Return the name of the segment that the customer is in."""
    held = Membership.objects.present().filter(scheme=OuterRef("scheme"), customer=OuterRef("customer"))
    return Subquery(held.values(name=Segment.text_sql("segment__"))[:1])


@lru_cache(maxsize=32)
def _wording(criteria: int, edit: int, language: str | None) -> Wording:
    """Return the words of a version, once for all rows of a file; ``edit`` keeps its edits apart."""
    return Wording([criteria])


def _evaluation_sql(user: Any) -> JSONArray:
    return JSONArray("criteria", "criteria__version", "segment", "reasons", "outcome", "known_share")


def _move_sql(user: Any) -> JSONArray:
    return JSONArray("preview__criteria", "preview__edit", "after", "reasons", Value(""), "known_share")


def finished_reasons(value: list[Any]) -> str:
    """Return the reasons of a row of a file."""
    criteria, edit, segment, reasons, outcome, share = value
    outcome = outcome or reasons.get("outcome", "")
    return _wording(criteria, edit, get_language()).of(criteria, segment, reasons, outcome, share).sentence


def _segment(value: Any, row: Any = None) -> SafeString:
    return html("{}", value) if value else SafeString(cells.EMPTY)


def _share(value: Any, row: Any) -> SafeString:
    return html("{} %", value)


def _customer(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.customer.get_absolute_url(), row.customer)


def _why(value: Any, row: Any) -> SafeString:
    return html('<span class="reasons" title="{0}">{0}</span>', value)


SUGGESTIONS = Table(
    (
        Column("customer", gettext_lazy("Customer"), "customer", sort="customer__sort_key", cell=_customer, grow=True),
        Column("member", gettext_lazy("Segment now"), _member, cell=_segment, sql=member_sql),
        Column("segment", gettext_lazy("Suggested"), "segment", cell=_segment),
        Column("why", gettext_lazy("Reasons"), _sentence, cell=_why, long=True,
               sql=_evaluation_sql, finish=finished_reasons),
        Column("share", gettext_lazy("Known share"), "known_share", cell=_share, numeric=True, wide=True),
        Column("since", gettext_lazy("Since"), "since", wide=True),
        Column("owner", gettext_lazy("Owner"), "customer.summary.owner", wide=True),
        Column("criteria", gettext_lazy("Criteria"), "criteria.number", numeric=True, shown=False),
    ),
    "customer",
    ("member", "segment", "why"),
)  # fmt: skip

MOVES = Table(
    (
        Column("customer", gettext_lazy("Customer"), "customer", sort="customer__sort_key", cell=_customer, grow=True),
        Column("before", pgettext_lazy("segment", "From"), "before", cell=_segment),
        Column("after", pgettext_lazy("segment", "To"), "after", cell=_segment),
        Column("why", gettext_lazy("Reasons"), _sentence, cell=_why, long=True,
               sql=_move_sql, finish=finished_reasons),
        Column("share", gettext_lazy("Known share"), "known_share", cell=_share, numeric=True, wide=True),
        Column("owner", gettext_lazy("Owner"), "customer.summary.owner", wide=True),
    ),
    "customer",
    ("before", "after", "why"),
)  # fmt: skip

VERSIONS = Table(
    (
        Column("scheme", gettext_lazy("Scheme"), "scheme", sort="scheme__order"),
        Column("number", gettext_lazy("Version"), "number", sort="number", numeric=True),
        Column("status", gettext_lazy("Status"), "get_status_display"),
    ),
    "-number",
    ("number", "status"),
)
