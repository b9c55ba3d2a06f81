"""Where activities show on other pages: navigation, tabs, the timeline, search, commands, "+ Log"."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from crm import history, registry
from crm.context_processors import frame_extensions

RICH_TEXTS = {
    "activities.Activity.memo",
    "activities.ActivityType.memo_template_fi",
    "activities.ActivityType.memo_template_en",
    "activities.EmailTemplate.body_fi",
    "activities.EmailTemplate.body_en",
    "activities.EmailMessage.body",
}


def register() -> None:
    history.rich_texts |= RICH_TEXTS
    registry.nav.add(
        "main",
        registry.NavItem(
            name="activities",
            label=_("Activities"),
            url_name="activities:list",
            permission="activities.view_activity",
            icon="list-check",
            order=30,
            count=_due,
        ),
    )
    registry.nav.add(
        "main",
        registry.NavItem(
            name="activity_types",
            label=_("Activity types"),
            url_name="activities:types",
            permission="activities.edit_type",
            icon="category",
            section="admin",
            order=930,
        ),
    )
    _register_at_start()
    _register_at_customers()
    _register_tabs()
    _register_in_search()
    frame_extensions.append(log_button)


def _register_at_customers() -> None:
    for place in ("customer", "contact"):
        registry.tabs.add(
            place,
            registry.Tab(
                name="activities",
                label=_("Activities"),
                url_name=f"activities:{place}_tab",
                permission="activities.view_activity",
                order=40,
                count=_open_of_customer if place == "customer" else None,
            ),
        )
    registry.panels.add(
        "customer",
        registry.Panel(
            name="timeline",
            label=_("Timeline"),
            url_name="activities:timeline",
            permission="activities.view_activity",
            order=10,
        ),
    )


def _register_tabs() -> None:
    """The tabs of an activity's own page; later apps add theirs at the same place."""
    for name, label, url_name, order in (
        ("overview", _("Overview"), "activities:detail", 10),
        ("documents", _("Documents"), "activities:documents", 900),
        ("history", _("History"), "activities:history", 990),
    ):
        registry.tabs.add(
            "activity",
            registry.Tab(
                name=name,
                label=label,
                url_name=url_name,
                permission="activities.view_activity",
                order=order,
            ),
        )


def _register_in_search() -> None:
    registry.searches.add(
        "top", registry.SearchSource(name="activities", label=_("Activities"), find=find_activities, order=30)
    )
    log, view = "activities.log_activity", "activities.view_activity"
    for name, label, url_name, permission, icon in (
        ("log_call", _("Log a call"), "activities:log_call", log, "phone"),
        ("log_visit", _("Log a visit"), "activities:log_visit", log, "door-enter"),
        ("log", _("Log another activity"), "activities:create", log, "plus"),
        ("my_open", _("My open activities"), "activities:mine", view, "list-check"),
    ):
        registry.commands.add(
            "top",
            registry.Command(name=name, label=label, url_name=url_name, permission=permission, icon=icon, order=30),
        )


def _register_at_start() -> None:
    for name, label, order, aside in (
        ("start_open", _("My open activities"), 10, False),
        ("start_week", _("Coming days"), 10, True),
    ):
        registry.panels.add(
            "start",
            registry.Panel(
                name=name,
                label=label,
                url_name=f"activities:{name}",
                permission="activities.view_activity",
                order=order,
                aside=aside,
            ),
        )


def _open_of_customer(user: Any, customer: Any) -> int | None:
    """How many activities of a customer are open: a figure of its read model, which its page has read."""
    return customer.summary.open_activities or None


def _due(user: Any) -> int | str | None:
    from activities.selectors import due_count

    count, more = due_count(user)
    return f"{count}+" if more else count or None


def find_activities(user: Any, text: str, limit: int) -> list[registry.SearchHit]:
    """Return the newest activities that ``text`` means, with type, customer and day."""
    from activities.models import Activity

    found = Activity.objects.visible_to(user).select_related("type", "customer").search(text).order_by("-start", "-pk")
    return [registry.SearchHit(row.title, _detail(row), row.get_absolute_url(), row.type.icon) for row in found[:limit]]


def _detail(activity: Any) -> str:
    day = date_format(localtime(activity.start), "SHORT_DATE_FORMAT")
    return " · ".join(str(part) for part in (activity.type, activity.customer, day) if part)


def log_button(request: HttpRequest) -> dict[str, Any]:
    """Give the frame the address of "+ Log", which knows the customer or contact whose page is open."""
    from activities.selectors import may_log

    if not may_log(request.user):
        return {}
    return {"log_url": reverse("activities:create") + _about(request)}


def _about(request: HttpRequest) -> str:
    match = request.resolver_match
    pk = match.kwargs.get("pk") if match else None
    if match is None or pk is None:
        return ""
    for prefix, name in (("customers/", "customer"), ("contacts/", "contact")):
        if match.route.startswith(prefix):
            return f"?{name}={pk}"
    return ""
