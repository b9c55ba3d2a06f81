"""Lists: all activities, those of a customer or contact, one's own open ones, the timeline."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.filters import ActivityFilter
from activities.models import Activity
from activities.selectors import MINE, may_log, my_open
from activities.snippets import add_snippets
from activities.tables import ACTIVITY_TABLE
from crm.paging import Page
from crm.permissions import PermissionMixin
from crm.views import FilteredListView

EMPTY = {
    "title": gettext_lazy("No activities yet."),
    "text": gettext_lazy("Log the first call or visit: then everybody sees it here and on the customer's page."),
}


class ActivityListView(FilteredListView):
    model = Activity
    filterset_class = ActivityFilter
    table = ACTIVITY_TABLE
    title = gettext_lazy("Activities")
    empty = EMPTY
    permission_required = "activities.view_activity"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_names()  # type: ignore[attr-defined]

    def _page(self, rows: QuerySet[Any]) -> Page[Any]:
        page = super()._page(rows)
        if text := self.request.GET.get("q", "").strip():
            add_snippets(page.rows, text[:200])
        return page

    def primary_action(self) -> dict[str, Any] | None:
        if not may_log(self.user):
            return None
        return {"url": reverse("activities:create"), "label": _("Log activity"), "dialog": True}

    def secondary_actions(self) -> list[dict[str, Any]]:
        return [
            {"url": reverse("activities:mine"), "label": _("My open activities"), "icon": "list-check"},
            {"url": reverse("activities:stale"), "label": _("Left open"), "icon": "clock"},
        ]


class MineView(PermissionMixin, TemplateView):
    """One's own open activities by due date; closing one answers its row only (see ``StatusView``)."""

    template_name = "activities/mine.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        groups = my_open(self.user)
        count = sum(len(group.rows) for group in groups)
        return super().get_context_data(
            title=_("My open activities"),
            groups=groups,
            count=count,
            is_cut=count == MINE,
            may_log=may_log(self.user),
            **kwargs,
        )
