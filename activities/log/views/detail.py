"""The page of an activity: overview, follow-ups, documents, history, the user's own reminder."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View

from activities.log.acting import mark_activities
from activities.log.forms.parts import ReminderDefaultForm, ReminderForm, before_words
from activities.log.forms.status import FollowUpForm, FollowUpRows
from activities.log.models import Activity, ActivityContact, ActivityKeyword, Encounter, Participation, ReminderDefault
from activities.log.plugs import details_with_fields
from activities.log.services.effects import reminder_default_set, reminder_set
from activities.log.services.follow_ups import follow_ups_log
from activities.log.steps import steps_of
from core import registry
from core.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf, DocumentsTab
from core.exceptions import BusinessRuleError
from core.forms import OnceFormMixin
from core.history import status_history_of
from core.once import once
from core.people import rank_people
from core.permissions import SIGNED_IN, allowed
from core.tabs import TabView
from core.views import ObjectFormView, ServiceFormView, VisibleObjectMixin, redirect
from customers.models import Contact

PLACE = "activity"
CHANGES, FOLLOWING = 20, 100


class ActivityDocuments(DocumentsOf):
    model = Activity
    permission_required = "activities.attach_to_activity"
    tab_url = "activities:documents"


class ActivityDocumentAddView(ActivityDocuments, DocumentAddView):
    pass


class ActivityDocumentRemoveView(ActivityDocuments, DocumentRemoveView):
    pass


class ActivityMixin(VisibleObjectMixin):
    model = Activity

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().with_names().select_related("created_by")  # type: ignore[attr-defined]


class FollowUpAddView(ActivityMixin, View):
    """POST a follow-up (title, owner, due date); errors are shown on the page."""

    permission_required = "activities.log_activity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_follow(self.user, self.object):
            raise PermissionDenied
        rows = FollowUpRows(request.POST, user=self.user, has_customer=bool(self.object.customer_id), shown=1)
        for error in self._problems(rows):
            messages.error(request, error)
        return redirect(request, f"{self.object.get_absolute_url()}#follow-ups")

    def _problems(self, rows: FollowUpRows) -> list[str]:
        """Add the follow-ups; return the error messages."""
        if not rows.is_valid():
            return [str(error) for row in rows for errors in row.errors.values() for error in errors]
        if not rows.agreed:
            return [_("Write what was agreed.")]
        try:
            self._add(rows)
        except BusinessRuleError as error:
            return [str(error)]
        return []

    def _add(self, rows: FollowUpRows) -> None:
        key = rows.submission_key
        once(
            key,
            self.user,
            lambda: {"count": len(follow_ups_log(activity=self.object, user=self.user, agreed=rows.agreed))},
        )
        count = len(rows.agreed)
        messages.success(
            self.request,
            ngettext("%(count)d follow-up was added.", "%(count)d follow-ups were added.", count) % {"count": count},
        )


class ActivityTabView(ActivityMixin, TabView):
    permission_required = "activities.view_activity"
    template_name = "activities/page.html"
    place = PLACE

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("pin")

    @cached_property
    def may_edit(self) -> bool:
        return allowed(self.user, "activities.edit_activity", self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_edit=self.may_edit, **kwargs)

    def get_page_context(self) -> dict[str, Any]:
        activity, user = self.object, self.user
        mark_activities(user, [activity])
        return {
            **super().get_page_context(),
            "title": activity.title,
            "pending": self._pending,
            "steps": [] if self._pending else steps_of(user, activity, may_edit=self.may_edit),
            "may_follow": may_follow(user, activity),
            "may_pin": activity.customer is not None and allowed(user, "activities.pin_activity", activity),
            "is_pinned": hasattr(activity, "pin"),
        }

    @cached_property
    def _pending(self) -> str:
        """Return what a worker is doing with the activity now, in words."""
        pending = self.object.type.own_details.pending
        return pending(self.object) if pending and self.object.is_unfinished else ""


def may_follow(user: Any, activity: Activity) -> bool:
    in_use = activity.customer is None or not activity.customer.is_passive
    return in_use and allowed(user, "activities.log_activity")


class OverviewView(ActivityTabView):
    tab = "overview"
    content_template = "activities/overview.html"

    def get_tab_context(self) -> dict[str, Any]:
        user = self.user
        follow_ups = list(Activity.objects.visible_to(user).with_names().filter(follows=self.object)[:FOLLOWING])
        mark_activities(user, follow_ups)
        return {
            **registry.placed_panels(PLACE, user, self.object),
            "encounter": Encounter.objects.select_related("unnecessary").filter(activity=self.object).first(),
            "changes": self.object.status_changes.select_related("user")[:CHANGES],
            "quick": self._quick_form(),
            "once": OnceFormMixin(),
            "contacts": Contact.objects.visible_to(user).filter(activity_contacts__activity=self.object),
            "follows": Activity.objects.visible_to(user).filter(pk=self.object.follows_id).first(),
            "follow_ups": follow_ups,
        }

    def _quick_form(self) -> FollowUpForm | None:
        """Return the row that adds a follow-up, None where the user may not."""
        if not may_follow(self.user, self.object):
            return None
        [row] = FollowUpRows(None, user=self.user, has_customer=bool(self.object.customer_id), shown=1)
        rank_people(row, self.user)
        return row


class DocumentsView(DocumentsTab, ActivityTabView):
    documents = ActivityDocuments


class HistoryView(ActivityTabView):
    """The history of the activity, its participants and its details."""

    tab = "history"
    content_template = "generic/history.html#history"

    def get_tab_context(self) -> dict[str, Any]:
        details = [details.model for details in details_with_fields() if details.model]
        models: list[type[Model]] = [Participation, ActivityContact, ActivityKeyword, *details]
        return {"entries": status_history_of(self.object, models, viewer=self.user)}


class ReminderView(ActivityMixin, ObjectFormView):
    """The reminder as a panel (htmx outside the dialog), else the form that sets it."""

    form_class = ReminderForm
    permission_required = "activities.view_activity"
    title = gettext_lazy("Remind me")
    success_message = gettext_lazy("The reminder was saved.")
    undoable = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.htmx and self.htmx.target != "dialog":
            return self._panel()
        return super().get(request, *args, **kwargs)

    @property
    def reminder(self) -> Any:
        return self.object.reminders.filter(user=self.user).first()

    def _panel(self) -> HttpResponse:
        reminder = self.reminder
        words = before_words(reminder.minutes_before) if reminder else ""
        context = {"activity": self.object, "reminder": reminder, "words": words}
        return render(self.request, "activities/reminder.html", context)

    def get_initial(self) -> dict[str, Any]:
        reminder = self.reminder
        return {"minutes": reminder.minutes_before if reminder else None}

    def perform(self, form: Any) -> Activity:
        reminder_set(activity=self.object, user=self.user, minutes=form.cleaned_data["minutes"])
        return self.object


class ReminderDefaultView(ServiceFormView):
    permission_required = SIGNED_IN
    form_class = ReminderDefaultForm
    title = gettext_lazy("Reminders")
    success_message = gettext_lazy("The default reminder was saved.")
    undoable = True

    def get_initial(self) -> dict[str, Any]:
        default = ReminderDefault.objects.filter(user=self.user.pk).first()
        return {"minutes": default.minutes_before if default else None}

    def get_cancel_url(self) -> str:
        return reverse("accounts:profile")

    def perform(self, form: Any) -> None:
        reminder_default_set(user=self.user, minutes=form.cleaned_data["minutes"])

    def get_success_url(self) -> str:
        return reverse("accounts:profile")
