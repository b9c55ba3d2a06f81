"""Lists of activities: all, of a customer or contact, own open ones, the timeline, stale ones."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.log.acting import mark_activities
from activities.log.filters import STALE_AFTER, ActivityFilter, CustomerActivityFilter, StaleFilter
from activities.log.models import Activity
from activities.log.plugs import details_with_upload
from activities.log.selectors import MINE, add_snippets, may_log, my_open
from activities.log.tables import ACTIVITY_TABLE, CUSTOMER_TABLE, STALE_TABLE
from core.actions import Action
from core.grouping import by_month
from core.list_views import FilteredListView
from core.permissions import PermissionMixin
from customers.groupings import by_user
from customers.models import Contact, Customer
from customers.views.contact_tabs import contact_page_context
from customers.views.tabs import page_context

EMPTY = {
    "title": gettext_lazy("No activities yet."),
    "text": gettext_lazy("Log the first call or visit. Everyone sees it here and on the customer's page."),
}


class ActivityListView(FilteredListView):
    model = Activity
    filterset_class = ActivityFilter
    table = ACTIVITY_TABLE
    inline_place = "activity"
    title = gettext_lazy("Activities")
    empty = EMPTY
    permission_required = "activities.view_activity"
    bulk_place = "activities"
    groupings = (
        by_user(
            "users",
            "participant",
            gettext_lazy("Participant"),
            empty_text=gettext_lazy("No participants"),
            is_many=True,
        ),
        by_month("start", "start", gettext_lazy("Month")),
    )
    primary_action: Action | None = Action(
        gettext_lazy("Log activity"), "activities:create", dialog=True, rule="activities.log_activity"
    )
    secondary_actions: tuple[Action, ...] = (
        Action(gettext_lazy("My open activities"), "activities:mine", icon="list-check"),
        Action(gettext_lazy("More than 2 weeks overdue"), "activities:stale", icon="clock"),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_names()  # type: ignore[attr-defined]

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        if text := self.request.GET.get("q", "").strip():
            add_snippets(rows, text[:200])
        self.mark(rows)
        return rows

    def mark(self, rows: list[Any]) -> None:
        """Say of which rows the reader may act on what is late."""
        mark_activities(self.user, rows)


class MineView(PermissionMixin, TemplateView):
    """The user's own open activities by due date; closing one updates only its row (see ``StatusView``)."""

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


class ActivityTab(ActivityListView):
    """The list with its filters as a tab of a customer's or contact's page."""

    page_template = ""
    content_template = "activities/tab.html"

    @property
    def template_name(self) -> str:  # type: ignore[override]
        """The whole page, the tab alone (htmx), or the list alone (its filters)."""
        targets = {"tab": self.content_template, "list": "generic/list.html"}
        return targets.get(self.htmx.target or "", self.page_template)

    def get_permission_object(self) -> Any:
        return self.about

    @property
    def about(self) -> Any:
        raise NotImplementedError

    def page(self) -> dict[str, Any]:
        """Return the context of the page around the tab."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "content_template": self.content_template, **self.page()}


class CustomerActivitiesView(ActivityTab):
    table = CUSTOMER_TABLE
    filterset_class = CustomerActivityFilter
    page_template = "customers/detail.html"

    @cached_property
    def about(self) -> Customer:
        customers = Customer.objects.visible_to(self.user).with_summary().select_related("parent")
        return get_object_or_404(customers, pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(customer=self.about)

    def page(self) -> dict[str, Any]:
        around = page_context(self.about, self.user, "activities")
        return {"customer": self.about, **self._upload(), **around}

    def _upload(self) -> dict[str, Any]:
        """Return the URL and label of the upload page, for users who may log activities."""
        details = next(iter(details_with_upload()), None)
        if details is None or self.about.is_passive or not may_log(self.user):
            return {}
        url = reverse(details.upload_url_name, query={"customer": self.about.pk})
        return {"upload_url": url, "upload_label": details.upload_label}


class ContactActivitiesView(ActivityTab):
    page_template = "customers/contacts/page.html"

    @cached_property
    def about(self) -> Contact:
        contacts = Contact.objects.visible_to(self.user).with_current(self.user)
        return get_object_or_404(contacts, pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(activity_contacts__contact=self.about)

    def page(self) -> dict[str, Any]:
        return {"contact": self.about, **contact_page_context(self.about, self.user, "activities")}


def stale(user: Any) -> QuerySet[Any]:
    return Activity.objects.visible_to(user).open_longer_than(STALE_AFTER)


class StaleView(FilteredListView):
    """Stale activities, oldest first, also those that the user may not close."""

    model = Activity
    filterset_class = StaleFilter
    table = STALE_TABLE
    inline_place = "activity"
    title = gettext_lazy("More than 2 weeks overdue")
    permission_required = "activities.view_activity"
    bulk_place = "activities"
    empty = {
        "title": gettext_lazy("Nothing is overdue."),
        "text": gettext_lazy("Activities that are more than two weeks overdue are listed here."),
    }
    empty_step = Action(gettext_lazy("My open activities"), "activities:mine")

    def get_queryset(self) -> QuerySet[Any]:
        return stale(self.user).with_names()  # type: ignore[attr-defined]

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        mark_activities(self.user, rows)
        return rows

    def get_secondary_actions(self) -> list[Action]:
        mine = f"participant={self.user.pk}"
        return [Action(_("Only mine"), "activities:stale", icon="user-check", query=mine)]
