"""The numbers of rows of very long lists without a filter, counted at night: counting them on a page takes seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import clock
from core.html import html
from core.models import ListCount
from core.paging import count_up_to
from core.registry import declared
from core.timeouts import unlimited

#: An older figure is not shown.
OLDEST = dt.timedelta(days=3)


@dataclass(frozen=True)
class CountedList:
    """A list that is counted at night, by its URL name (``LIST_COUNTS`` of the registrations).

    ``rows`` returns what users see of it without a filter, by a key; ``key`` is that of a user.
    """

    name: str
    rows: Callable[[], Mapping[str, QuerySet[Any]]]
    key: Callable[[Any], str]


def counted_lists() -> dict[str, CountedList]:
    return {item.name: item for item in declared("LIST_COUNTS")}


@unlimited()
def lists_count() -> int:
    """Count all lists again; return how many numbers there are."""
    found = [
        (item.name, key, rows.order_by().count())
        for item in counted_lists().values()
        for key, rows in item.rows().items()
    ]
    for name, key, count in found:
        ListCount.objects.update_or_create(list=name, key=key, defaults={"count": count, "counted_at": clock.now()})
    return len(found)


def nightly_count(name: str, user: Any) -> ListCount | None:
    """Return the last count of what the user sees of a list without a filter, if it is not too old."""
    item = counted_lists().get(name)
    if item is None:
        return None
    fresh = ListCount.objects.filter(counted_at__gte=clock.now() - OLDEST)
    return fresh.filter(list=name, key=item.key(user)).first()


def total_text(view: Any, filterset: Any) -> Any:
    """Return the number of rows of a list; of very many without a filter that of last night, else *10,000+*."""
    count, are_more = count_up_to(filterset.qs)
    is_filtered = any(view.request.GET.get(name) for name in filterset.filters)
    whole = nightly_count(view.state.name, view.user) if are_more and not is_filtered else None
    return _nightly_text(whole) if whole else count_text(count, are_more)


def _nightly_text(whole: ListCount) -> SafeString:
    """Return the number of last night, with its definition."""
    text = _("about %(number)s") % {"number": count_text(whole.count, False)}
    title = _("Counted on %(moment)s. Rows that were added or removed since are not in the number.")
    moment = date_format(timezone.localtime(whole.counted_at), "SHORT_DATETIME_FORMAT")
    return html('<span title="{}">{}</span>', title % {"moment": moment}, text)


def count_text(number: int, are_more: bool) -> str:
    return number_format(number, force_grouping=True) + ("+" if are_more else "")
