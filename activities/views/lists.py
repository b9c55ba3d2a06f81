"""Lists: all activities, those of a customer or contact, one's own open ones, the timeline."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.filters import ActivityFilter
from activities.models import Activity
from activities.selectors import MINE, may_log, my_open
from activities.snippets import add_snippets
from activities.tables import ACTIVITY_TABLE
from crm.actions import Action
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
    primary_action: Action | None = Action(
        gettext_lazy("Log activity"), "activities:create", dialog=True, rule="activities.log_activity"
    )
    secondary_actions: tuple[Action, ...] = (
        Action(gettext_lazy("My open activities"), "activities:mine", icon="list-check"),
        Action(gettext_lazy("Left open"), "activities:stale", icon="clock"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_names()  # type: ignore[attr-defined]

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        if text := self.request.GET.get("q", "").strip():
            add_snippets(rows, text[:200])
        return rows


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
