"""Cells of segmentation work and of reviews."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core import cells, clock
from core.formatting import local
from core.html import html
from core.templatetags import portaali
from segmentation.casework.enums import Answer, Outcome, ReviewStatus

REVIEW_TONES = {ReviewStatus.OPEN: "warn", ReviewStatus.DECIDED: "ok", ReviewStatus.CANCELLED: "muted"}
ANSWER_TONES = {Answer.NONE: "warn", Answer.KEEP: "ok", Answer.CHANGE: "ok"}


def _segment(segment: Any) -> SafeString:
    return html("{}", segment)


def member(value: Any, row: Any) -> SafeString:
    return _segment(row.work_member.segment) if row.work_member else cells.MUTED_EMPTY


def days_in(value: Any, row: Any) -> Any:
    """Return how long the customer has been in its segment."""
    if row.work_member is None:
        return cells.MUTED_EMPTY
    count = days_of(row)
    text = ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
    longest = row.work_member.segment.longest_days
    return portaali.status("warn", text) if longest and count > longest else text


def days_of(row: Any) -> int:
    return int((clock.today() - local(row.work_member.start).date()).days)


def suggested(value: Any, row: Any) -> SafeString:
    """Return what is suggested: by the criteria, by a former owner, or what has been proposed."""
    parts = []
    given = row.work_given
    if given is not None and given.segment and given.is_suggestion and not _is_held(row, given.segment):
        note = html(' <span class="muted">{}</span>', _("decided otherwise")) if given.is_refused else ""
        parts.append(html("<div>{}{}</div>", _segment(given.segment), note))
    if row.work_heard is not None:
        said = {"segment": _segment(row.work_heard.segment), "person": row.work_heard.inquiry.asked}
        parts.append(html('<div>{} <span class="muted">{}</span></div>', said["segment"], said["person"]))
    return SafeString("".join(parts)) if parts else cells.MUTED_EMPTY


def _is_held(row: Any, segment: Any) -> bool:
    return row.work_member is not None and row.work_member.segment_id == segment.pk


def why(value: Any, row: Any) -> SafeString:
    parts = [html('<span class="reasons" title="{0}">{0}</span>', value)] if value else []
    if row.work_heard is not None and row.work_heard.text:
        parts.append(html('<span class="d-block text-wrap">“{}”</span>', row.work_heard.text))
    return SafeString("".join(parts)) if parts else cells.MUTED_EMPTY


def proposal(value: Any, row: Any) -> SafeString:
    found = row.work_proposal
    if found is None:
        return cells.MUTED_EMPTY
    ago = cells.ago(found.proposed_at)
    link = html('<a href="{}">→ {}</a>', found.get_absolute_url(), found.segment.short_name)
    return html('{} <span class="muted">{}</span>', link, ago)


def steps(value: Any, row: Any) -> SafeString:
    """Return the links that decide about the row, for those who may."""
    if not getattr(row, "may_decide", False):
        return SafeString("")
    links = []
    given = row.work_given
    if given is not None and given.is_suggestion and not _is_held(row, given.segment) and row.work_proposal is None:
        query = f"?scheme={given.scheme_id}"
        if not given.is_refused:
            links.append(_link("casework:accept", row.pk, query, pgettext("suggestion", "Accept"), str(row)))
        links.append(_link("casework:override", row.pk, query, pgettext("suggestion", "Decide otherwise"), str(row)))
    else:
        query = f"?scheme={row.work_scheme}"
        links.append(_link("membership:set", row.pk, query, _("Set segment"), str(row)))
    return html('<span class="decide-steps">{}</span>', SafeString(" ".join(links)))


def _link(name: str, pk: int, query: str, label: str, of: str) -> str:
    url = reverse(name, args=[pk]) + query
    return html('<a class="btn btn-sm" href="{}" data-dialog aria-label="{}: {}">{}</a>', url, label, of, label)


def review_status(value: Any, row: Any) -> SafeString:
    return portaali.status(REVIEW_TONES[ReviewStatus(row.status)], row.get_status_display())


def answer(value: Any, row: Any) -> SafeString:
    text = row.get_answer_display() if row.answer else str(Answer.NONE.label)
    wanted = html(" → {}", row.wanted_words) if row.wanted_id else ""
    return html("{}{}", portaali.status(ANSWER_TONES[Answer(row.answer)], text), wanted)


def line_customer(value: Any, row: Any) -> Any:
    if row.customer_id is None:
        return row.customer_name
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.customer_name)


def line_steps(value: Any, row: Any) -> SafeString:
    if not getattr(row, "may_answer", False):
        return SafeString("")
    url = reverse("casework:line_answer", args=[row.review_id, row.pk])
    label = _("Change the answer") if row.answer else pgettext("review", "Answer")
    return html('<a class="btn btn-sm" href="{}" data-dialog aria-label="{}: {}">{}</a>', url, label, row, label)


def outcome(value: Any, row: Any) -> str:
    return str(Outcome(row.outcome).label)


def inquiry_link(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.asked)
