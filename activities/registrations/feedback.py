"""Where feedback, NPS and leads show on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm import registry

VIEW = "activities.view_activity"


def register() -> None:
    _register_lists()
    _register_tabs()
    _register_panels()
    _register_notifications()


def _register_lists() -> None:
    entries: tuple[tuple[Any, ...], ...] = (
        ("feedback", pgettext_lazy("navigation", "Feedback"), "activities:feedback", "message-report", 40, _own_due),
        ("leads", gettext_lazy("Leads"), "activities:leads", "bulb", 42, _untaken),
    )
    for name, label, url_name, icon, order, count in entries:
        entry: dict[str, Any] = {"name": name, "label": label, "url_name": url_name, "permission": VIEW}
        registry.nav.add("main", registry.NavItem(**entry, icon=icon, order=order, count=count))
        registry.commands.add("top", registry.Command(**entry, icon=icon, order=order))
    nps: dict[str, Any] = {"name": "nps", "label": gettext_lazy("NPS in figures"), "url_name": "activities:nps"}
    registry.commands.add("top", registry.Command(**nps, permission=VIEW, icon="chart-bar", order=39))


def _own_due(user: Any) -> str | None:
    from activities.selectors_feedback import own_due_count

    return _figure(*own_due_count(user))


def _untaken(user: Any) -> str | None:
    from activities.selectors_leads import untaken_count

    return _figure(*untaken_count(user))


def _figure(count: int, more: bool) -> str | None:
    return f"{count}+" if more else str(count) if count else None


def _register_tabs() -> None:
    for place in ("customer", "contact"):
        registry.tabs.add(
            place,
            registry.Tab(
                name="feedback",
                label=pgettext_lazy("tab", "Feedback"),
                url_name=f"activities:{place}_feedback",
                permission=VIEW,
                order=50,
            ),
        )


def _register_panels() -> None:
    for name, label, permission, order, aside in (
        ("feedback_panel", pgettext_lazy("panel", "Feedback"), "activities.show_feedback", 5, False),
        ("lead_panel", pgettext_lazy("panel", "Lead"), "activities.show_lead", 5, False),
        ("heard", gettext_lazy("Heard from the customer"), "activities.hear_feedback", 60, True),
    ):
        registry.panels.add(
            "activity",
            registry.Panel(
                name=name,
                label=label,
                url_name=f"activities:{name}",
                permission=permission,
                order=order,
                aside=aside,
            ),
        )


def _register_notifications() -> None:
    for name, label, text, icon, by_email in (
        ("feedback_given", gettext_lazy("Feedback to answer"), _given, "message-report", True),
        ("feedback_late", gettext_lazy("Feedback whose answer is late"), _late, "alarm", True),
        ("nps_answer", gettext_lazy("Answers to NPS questions"), _nps, "chart-bar", False),
        ("nps_failed", gettext_lazy("NPS questions that were not sent"), _nps_failed, "mail", True),
        ("lead_offered", gettext_lazy("Leads offered to me"), _offered, "bulb", True),
        ("lead_given", gettext_lazy("Leads given to me"), _lead_given, "bulb", True),
        ("lead_returned", gettext_lazy("Leads that were returned"), _returned, "bulb", False),
        ("lead_customer", gettext_lazy("Leads that became potential customers"), _customer, "bulb", False),
    ):
        registry.notifications.add(
            "user",
            registry.NotificationKind(name=name, label=label, text=text, icon=icon, by_email=by_email, order=50),
        )


def _given(data: dict[str, Any]) -> str:
    return _("Feedback waits for your answer: %(title)s (%(customer)s)") % data


def _late(data: dict[str, Any]) -> str:
    return _("The answer to feedback is late: %(title)s (%(customer)s)") % data


def _nps(data: dict[str, Any]) -> str:
    return _("%(contact)s (%(customer)s) gave the number %(score)s.") % data


def _nps_failed(data: dict[str, Any]) -> str:
    return _("The question to %(contact)s (%(customer)s) was not sent, or it is not known whether it was.") % data


def _offered(data: dict[str, Any]) -> str:
    return _("%(user)s offers you a lead: %(title)s (%(customer)s)") % data


def _lead_given(data: dict[str, Any]) -> str:
    return _("%(user)s gave you a lead: %(title)s (%(customer)s)") % data


def _returned(data: dict[str, Any]) -> str:
    return _("%(user)s returned a lead: %(title)s (%(customer)s). %(reason)s") % data


def _customer(data: dict[str, Any]) -> str:
    return _("%(customer)s became a potential customer: give it a segment.") % data
