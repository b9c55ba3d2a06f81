"""The user's own reminder of an activity, and the default for new ones."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from activities.log.forms.times import ReminderDefaultForm, ReminderForm, before_words
from activities.log.models import Activity, ReminderDefault
from activities.log.services.reminders import reminder_default_set, reminder_set
from activities.log.views.detail import ActivityMixin
from core.permissions import SIGNED_IN
from core.views import ObjectFormView, ServiceFormView


class ReminderView(ActivityMixin, ObjectFormView):
    """The reminder as a panel (htmx outside the dialog), else the form that sets it."""

    form_class = ReminderForm
    permission_required = "activities.view_activity"
    title = gettext_lazy("Remind me")
    success_message = gettext_lazy("Saved.")

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
    success_message = gettext_lazy("Saved.")

    def get_initial(self) -> dict[str, Any]:
        default = ReminderDefault.objects.filter(user=self.user.pk).first()
        return {"minutes": default.minutes_before if default else None}

    def get_cancel_url(self) -> str:
        return reverse("accounts:profile")

    def perform(self, form: Any) -> None:
        reminder_default_set(user=self.user, minutes=form.cleaned_data["minutes"])

    def get_success_url(self) -> str:
        return reverse("accounts:profile")
