"""An activity's page: a head with its status buttons, and tabs that apps register at the place ``activity``."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from activities import type_details
from activities.forms.follow_ups import FollowUpForm, FollowUpRows
from activities.models import (
    Activity,
    ActivityContact,
    ActivityKeyword,
    Encounter,
    Participation,
)
from activities.selectors import next_statuses
from activities.views.documents import ActivityDocuments
from crm import registry
from crm.document_views import DocumentsTab
from crm.forms import OnceFormMixin
from crm.history import status_history_of
from crm.permissions import allowed
from crm.tabs import TabView
from crm.views import VisibleObjectMixin
from customers.models import Contact

PLACE = "activity"
CHANGES, FOLLOWING = 20, 100


class ActivityMixin(VisibleObjectMixin):
    model = Activity

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_names().select_related("created_by")  # type: ignore[attr-defined]


class ActivityTabView(ActivityMixin, TabView):
    permission_required = "activities.view_activity"
    template_name = "activities/page.html"
    place = PLACE

    def get_page_context(self) -> dict[str, Any]:
        activity, user = self.object, self.user
        may_edit = allowed(user, "activities.edit_activity", activity)
        return {
            **super().get_page_context(),
            "title": activity.title,
            "may_edit": may_edit,
            "statuses": next_statuses(activity) if may_edit else [],
            "may_follow": may_follow(user, activity),
        }


def may_follow(user: Any, activity: Activity) -> bool:
    in_use = activity.customer is None or not activity.customer.is_passive
    return in_use and allowed(user, "activities.log_activity")


class OverviewView(ActivityTabView):
    tab = "overview"
    content_template = "activities/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        user = self.user
        return {
            **registry.placed_panels(PLACE, user, self.object),
            "encounter": Encounter.objects.select_related("unnecessary").filter(activity=self.object).first(),
            "changes": self.object.status_changes.select_related("user")[:CHANGES],
            "quick": self._quick_form(),
            "once": OnceFormMixin(),
            "contacts": Contact.objects.visible_to(user).filter(activity_contacts__activity=self.object),
            "follows": Activity.objects.visible_to(user).filter(pk=self.object.follows_id).first(),
            "follow_ups": Activity.objects.visible_to(user).with_names().filter(follows=self.object)[:FOLLOWING],
        }

    def _quick_form(self) -> FollowUpForm | None:
        """One line that adds a follow-up."""
        if not may_follow(self.user, self.object):
            return None
        [row] = FollowUpRows(None, user=self.user, has_customer=bool(self.object.customer_id), shown=1)
        return row


class DocumentsView(DocumentsTab, ActivityTabView):
    documents = ActivityDocuments


class HistoryView(ActivityTabView):
    """Who changed what: the activity, who takes part and the fields of its type."""

    tab = "history"
    content_template = "generic/history.html#history"

    def get_tab_context(self) -> dict[str, Any]:
        details = [details.model for details in type_details.with_fields() if details.model]
        models: list[type[Model]] = [Participation, ActivityContact, ActivityKeyword, *details]
        return {"entries": status_history_of(self.object, models, viewer=self.user)}
