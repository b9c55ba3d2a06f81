"""Bulk operations that notify people once, however many rows concern them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import ClassVar

from django.urls import reverse

from accounts.models import User
from accounts.notifications import notify
from core.bulk.models import BulkRun
from core.bulk.operations import Operation

KIND = "bulk_operation"


class NotifyingOperation(Operation):
    """An operation with one notification for each user that ``Applied.people`` names, with the number of rows."""

    #: The list that the notification opens: the operation's own unless it says another.
    notify_url_name: ClassVar[str] = ""
    notify_query: ClassVar[dict[str, str]] = {}

    def notify(self, run: BulkRun, counts: Mapping[int, int], *, undone: bool) -> None:
        by_count: dict[int, list[int]] = defaultdict(list)
        for user_id, count in counts.items():
            by_count[count].append(user_id)
        url = reverse(self.notify_url_name or self.list_url_name, query=self.notify_query or None)
        for count, ids in by_count.items():
            users = User.objects.active().filter(pk__in=ids)
            about = {"titles": run.titles, "count": count, "undone": undone}
            notify(users=users, kind=KIND, url=url, who=str(run.user), title=run.title, **about)
