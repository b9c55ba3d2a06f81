"""Columns of segmentation work, reviews and questions, on screen and in exports."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import JSONArray
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from core import cells as core_cells
from core.formatting import local
from core.tables import Column, Table
from customers import cells as customer_cells
from customers.tables import owner_sql
from segmentation.casework import cells
from segmentation.casework.selectors import with_work
from segmentation.criteria.models import Evaluation
from segmentation.criteria.tables import finished_reasons
from segmentation.membership.models import Membership, Proposal
from segmentation.schemes.models import Scheme, Segment


def _known(row: Any) -> Any:
    """Return a customer with what the list shows of it; a page reads it for all of its rows at once."""
    if not hasattr(row, "work_member"):
        with_work([row], Scheme.objects.filter(pk=row.work_scheme).first())
    return row


def _member(row: Any) -> Any:
    member = _known(row).work_member
    return member.segment if member else None


def _since(row: Any) -> dt.date | None:
    member = _known(row).work_member
    return local(member.start).date() if member else None


def _suggested(row: Any) -> Any:
    given = _known(row).work_given
    return given.segment if given and given.is_suggestion else None


def _why(row: Any) -> str:
    given = _known(row).work_given
    return str(given.words.sentence) if given else ""


def _proposed(row: Any) -> Any:
    proposal = _known(row).work_proposal
    return proposal.segment if proposal else None


def _of(rows: Any, **about: Any) -> Any:
    return rows.filter(customer=OuterRef("pk"), scheme=OuterRef("work_scheme"), **about)


def _name_sql(rows: Any) -> Subquery:
    return Subquery(rows.values(name=Segment.text_sql("segment__"))[:1])


def _since_sql(user: Any) -> Subquery:
    return Subquery(_of(Membership.objects.present()).values("period__startswith")[:1])


def _why_sql(user: Any) -> Subquery:
    columns = ("criteria", "criteria__version", "segment", "reasons", "outcome", "known_share")
    return Subquery(_of(Evaluation.objects.all()).values(said=JSONArray(*columns))[:1])


WORK = Table(
    (
        Column("name", gettext_lazy("Customer"), sort="sort_key", cell=customer_cells.name, link=True, long=True),
        Column("segment", gettext_lazy("Segment now"), _member, cell=cells.member, long=True,
               sql=lambda user: _name_sql(_of(Membership.objects.present()))),
        Column("since", gettext_lazy("In the segment"), _since, cell=cells.days_in, wide=True, sql=_since_sql,
               finish=lambda value: local(value).date() if value else None),
        Column("suggested", gettext_lazy("Suggested"), _suggested, cell=cells.suggested, long=True,
               sql=lambda user: _name_sql(_of(Evaluation.objects.suggestions()))),
        Column("why", gettext_lazy("Reasons"), _why, cell=cells.why, grow=True, wide=True, sql=_why_sql,
               finish=lambda value: finished_reasons(value) if value else ""),
        Column("proposal", gettext_lazy("Proposals waiting"), _proposed, cell=cells.proposal, wide=True,
               sql=lambda user: _name_sql(_of(Proposal.objects.open()))),
        Column("owner", gettext_lazy("Owner"), "summary.owner", cell=customer_cells.owner, wide=True,
               export=customer_cells.owner_text, sql=lambda user: owner_sql()),
        Column("ordered", gettext_lazy("Orders, 12 months"), "summary.ordered_12_months",
               sort="summary__ordered_12_months", numeric=True, shown=False, wide=True),
        Column("steps", gettext_lazy("Decide"), lambda row: "", cell=cells.steps, sql=lambda user: Value("")),
    ),
    "name",
    ("segment", "suggested", "steps"),
)  # fmt: skip


def _frozen(name: str) -> Any:
    """Return the SQL of frozen words in the language of the page."""
    return lambda user: F(f"{name}_{'en' if get_language() == 'en' else 'fi'}")


REVIEW_LINES = Table(
    (
        Column("customer", gettext_lazy("Customer"), "customer_name", sort="customer_name", cell=cells.line_customer,
               link=True, long=True),
        Column("origin", gettext_lazy("Why"), "get_origin_display", wide=True, shown=False),
        Column("segment", gettext_lazy("Segment"), "segment_words", sql=_frozen("segment")),
        Column("suggested", gettext_lazy("Suggested"), "suggested_words", wide=True, sql=_frozen("suggested")),
        Column("why", gettext_lazy("Reason then"), "why", grow=True, wide=True),
        Column("since", gettext_lazy("Since"), "since", wide=True, shown=False),
        Column("owner", gettext_lazy("Owner"), "owner_name", wide=True),
        Column("answer", gettext_lazy("Answer"), "get_answer_display", cell=cells.answer),
        Column("steps", pgettext_lazy("review", "Your answer"), lambda row: "", cell=cells.line_steps,
               sql=lambda user: Value("")),
        Column("wanted", gettext_lazy("New segment"), "wanted_words", shown=False, wide=True, sql=_frozen("wanted")),
        Column("text", gettext_lazy("Explanation"), "text", long=True, wide=True),
        Column("answered_by", gettext_lazy("Answered by"), "answered_by", wide=True, shown=False),
        Column("outcome", gettext_lazy("Outcome"), "get_outcome_display", cell=cells.outcome, wide=True, shown=False),
    ),
    "customer",
    ("segment", "answer", "steps"),
)  # fmt: skip

REVIEWS = Table(
    (
        Column("title", gettext_lazy("Review"), "title", link=True, long=True),
        Column("scheme", gettext_lazy("Scheme"), "scheme", wide=True),
        Column("status", gettext_lazy("Status"), "get_status_display", cell=cells.review_status),
        Column("started_at", gettext_lazy("Started"), "started_at", sort="started_at", cell=core_cells.day),
        Column("due", gettext_lazy("Answers by"), "due", cell=core_cells.day),
        Column("decided_by", gettext_lazy("Decided by"), "decided_by", wide=True),
        Column("decided_at", gettext_lazy("Decided"), "decided_at", wide=True, cell=core_cells.day),
    ),
    "-started_at",
    ("status", "started_at", "due"),
)

INQUIRIES = Table(
    (
        Column("asked", gettext_lazy("Former owner"), "asked", cell=cells.inquiry_link, sql="asked"),
        Column("asked_by", gettext_lazy("Asked by"), "asked_by", wide=True),
        Column("asked_at", gettext_lazy("Asked"), "asked_at", sort="asked_at", cell=core_cells.day),
        Column("due", gettext_lazy("Answers by"), "due", cell=core_cells.day),
        Column("closed_at", gettext_lazy("Answered"), "closed_at", cell=core_cells.day),
    ),
    "-asked_at",
    ("asked_at", "due", "closed_at"),
)
