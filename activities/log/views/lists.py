"""Lists of activities: all, of a customer or contact, own open ones, the timeline, stale ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.log.acting import mark_activities
from activities.log.enums import UNFINISHED
from activities.log.filters import (
    MY_DUE,
    STALE_AFTER,
    WHOLE,
    ActivityFilter,
    CustomerActivityFilter,
    StaleFilter,
    TabActivityFilter,
)
from activities.log.models import Activity
from activities.log.plugs import details_with_upload
from activities.log.selectors import add_snippets, may_log, my_open, own_due_within
from activities.log.tables import ACTIVITY_TABLE, CUSTOMER_TABLE, STALE_TABLE
from core.actions import Action
from core.grouping import by_month
from core.list_views import MOST_OF_TAB, FilteredListView
from core.paging import count_up_to
from core.permissions import PermissionMixin
from core.start_panels import Counted, Figure, Link, counted
from customers.groupings import by_user
from customers.models import Contact, Customer
from customers.views.contact_tabs import contact_page_context
from customers.views.tabs import page_context

EMPTY = {
    "title": gettext_lazy("No activities yet."),
    "text": gettext_lazy("Log the first call or visit. Everyone sees it here and on the customer's page."),
}


#: Filters and parts of the list that show only what is to be done: the first due comes first.
WORK_FILTERS = ("overdue", "my_due", "stale_days", "open_by")
UNTIL_TODAY, AHEAD = "until_today", ("coming", "later")


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
    main_filters: tuple[str, ...] = ("when", "mine", "status", "type", "participant", "from_plans")
    primary_action: Action | None = Action(
        gettext_lazy("Log activity"), "activities:create", dialog=True, rule="activities.log_activity"
    )
    secondary_actions: tuple[Action, ...] = (
        Action(gettext_lazy("My open activities"), "activities:mine", icon="list-check"),
        Action(gettext_lazy("More than 2 weeks overdue"), "activities:stale", icon="clock"),
    )

    def standard_query(self) -> str:
        """Return the parameters of what is due now and has been: what is planned for coming months is a chip away."""
        return f"when={UNTIL_TODAY}"

    def get_way_out(self) -> Link | None:
        part = self.request.GET.get("when")
        if part == UNTIL_TODAY:
            return Link(_("Coming"), self.list_url(when="coming"))
        return Link(_("Until today"), self.list_url(when=UNTIL_TODAY)) if part in AHEAD else None

    @property
    def sort(self) -> str:
        """The order that is asked for; otherwise of work ahead and undone the first due first, of all the newest."""
        query = self.request.GET
        is_undone = bool(query.get("status")) and set(query.getlist("status")) <= set(UNFINISHED)
        is_work = is_undone or query.get("when") in AHEAD or any(query.get(name) for name in WORK_FILTERS)
        return self.table.sort(query.get("sort", "") or ("start" if is_work else ""))

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
    """The user's own open activities, today's first; closing one updates only its row (see ``StatusView``).

    What is due later than in two weeks and late by more than a month are a line each, which leads to the list.
    """

    template_name = "activities/mine.html"
    permission_required = "activities.view_activity"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = my_open(self.user)
        return super().get_context_data(
            title=_("My open activities"),
            groups=mine.groups,
            count=sum(len(group.rows) for group in mine.groups),
            folded=self._folded(),
            cut=[Link(dict(MY_DUE)[name], _due_url(name)) for name in mine.cut],
            may_log=may_log(self.user),
            **kwargs,
        )

    def _folded(self) -> list[Counted]:
        lines = (
            ("later", _("due later than in two weeks")),
            ("older", _("overdue by more than a month: go through them")),
        )
        figures = [Figure(label, own_due_within(self.user, name), _due_url(name)) for name, label in lines]
        return [line for line in counted(figures) if line.text != "0"]


def _due_url(name: str) -> str:
    return reverse("activities:list", query={"my_due": name})


class ActivityTab(ActivityListView):
    """The list with its filters as a tab of a customer's or contact's page."""

    page_template = ""
    content_template = "activities/tab.html"
    subject = ""  # of the address of a new activity

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if not request.GET and self.has_parts:
            is_cleared = request.headers.get("HX-Target") == "list"  # its last filter was taken off here
            request.GET = QueryDict(WHOLE.strip("?") if is_cleared else self.standard_query())
        super().setup(request, *args, **kwargs)

    @property
    def has_parts(self) -> bool:
        """Whether its rows are divided by time; those of other apps have filters of their own."""
        return "when" in self.filterset_class.base_filters

    def get_primary_action(self) -> Action | None:
        """Return the button that logs an activity about the record of the tab."""
        action = super().get_primary_action()
        return replace(action, query=f"{self.subject}={self.about.pk}") if action and self.has_parts else action

    def get_clear_url(self) -> str:
        return f"{self.request.path}{WHOLE}" if self.has_parts else super().get_clear_url()

    def get_way_out(self) -> Link | None:
        """Return the link with the number of rows that it leads to: the figure on the tab counts them too."""
        link = super().get_way_out()
        if link is None or self.request.GET["when"] != UNTIL_TODAY:
            return link
        count, more = count_up_to(self.get_filterset().having("when", "coming").qs, MOST_OF_TAB)
        return replace(link, label=f"{link.label} {count}{'+' * more}")

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
        whole = {"whole_name": WHOLE.strip("?=")} if self.has_parts else {}
        return {**context, **whole, "content_template": self.content_template, **self.page()}


class CustomerActivitiesView(ActivityTab):
    table = CUSTOMER_TABLE
    filterset_class = CustomerActivityFilter
    page_template = "customers/detail.html"
    subject = "customer"

    @cached_property
    def about(self) -> Customer:
        customers = Customer.objects.visible_to(self.user).with_summary().select_related("parent")
        return get_object_or_404(customers, pk=self.kwargs["pk"])

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().filter(customer=self.about)

    def page(self) -> dict[str, Any]:
        around = page_context(self.about, self.user, "activities")
        return {"customer": self.about, **self._upload(), **around}

    def get_primary_action(self) -> Action | None:
        return None if self.has_parts and self.about.is_passive else super().get_primary_action()

    def _upload(self) -> dict[str, Any]:
        """Return the URL and label of the upload page, for users who may log activities."""
        details = next(iter(details_with_upload()), None)
        if details is None or self.about.is_passive or not may_log(self.user):
            return {}
        url = reverse(details.upload_url_name, query={"customer": self.about.pk})
        return {"upload_url": url, "upload_label": details.upload_label}


class ContactActivitiesView(ActivityTab):
    filterset_class = TabActivityFilter
    page_template = "customers/contacts/page.html"
    subject = "contact"

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
