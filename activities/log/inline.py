"""What is edited in place of activities: each field by the form that changes it, the status by its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.log.acting import mark_activities
from activities.log.models import Activity
from activities.log.permissions import customer_is_in_use
from activities.log.selectors import may_log
from activities.log.steps import steps_from
from activities.log.tables import ACTIVITY_TABLE
from activities.log.views.activities import ActivityChangeView
from core.inline.declarations import Editable, Editing, Steps
from core.inline.views import InlineView


def _own(name: str, label: Any, *fields: str) -> Editable:
    return Editable(
        name=name, label=label, page=ActivityChangeView, form_url_name="activities:change", fields=fields or (name,)
    )


def changeable(user: Any, activities: Sequence[Any]) -> set[int]:
    """Return the ids of those that the user passes ``activities.edit_activity`` for. Participants are prefetched."""
    in_use = [activity for activity in activities if customer_is_in_use(user, activity)]
    if user.has_perm("activities.change_any_activity"):
        return {activity.pk for activity in in_use}
    if not may_log(user):
        return set()
    return {
        activity.pk
        for activity in in_use
        if activity.created_by_id == user.pk or any(person.pk == user.pk for person in activity.users.all())
    }


def _listed(user: Any, pk: int) -> Activity | None:
    activities: Any = Activity.objects.visible_to(user)
    found: Activity | None = activities.with_names().filter(pk=pk).first()
    mark_activities(user, [found] if found else [])
    return found


ACTIVITY = Editing(
    place="activity",
    model=Activity,
    url_name="activities:inline",
    fields=(
        Steps(name="status", label=_("Status"), steps=steps_from),
        _own("title", pgettext_lazy("activity", "Title")),
        _own("start", _("When"), "start", "end"),
        _own("goal", _("Goal")),
        _own("participants", _("Participants")),
        _own("contacts", _("Contacts")),
        _own("keywords", _("Keywords")),
        _own("channel", _("Channel")),
        _own("place", _("Place")),
        _own("hours", _("Hours")),
    ),
    table=ACTIVITY_TABLE,
    listed=_listed,
    changeable=changeable,
)


class ActivityInlineView(InlineView):
    model = Activity
    permission_required = "activities.view_activity"
    editing = ACTIVITY
