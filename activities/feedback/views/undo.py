"""The undo of a step of feedback, offered in the message about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from activities.feedback.selectors import feedback_for
from activities.feedback.services.undo import feedback_content, feedback_step_undo
from activities.log.models import Activity
from core.exceptions import BusinessRuleError
from core.notices import said
from core.once import kept_for, kept_under
from core.parameters import TextField
from core.views import VisibleObjectMixin, redirect


class StepMixin:
    """A step of feedback that keeps what was there before it, for the undo in its message."""

    object: Any
    user: Any
    before: dict[str, Any]
    done: Activity

    def keep(self) -> None:
        self.before = feedback_content(self.object)

    def get_undo_url(self) -> str:
        if feedback_content(self.done) == self.before:
            return ""
        key = kept_under(self.user, {"feedback": self.done.pk, "version": self.done.version, "content": self.before})
        return reverse("feedback:undo", args=[self.done.pk], query={"key": key})


class FeedbackUndoView(VisibleObjectMixin, View):
    """POST: give feedback what was kept under ``key`` for the user, while nobody has changed it since."""

    model = Activity
    permission_required = "feedback.handle_feedback"
    parameters = {"key": TextField(max_length=40)}

    def get_queryset(self) -> Any:
        return feedback_for(self.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        kept = kept_for(self.user, request.GET.get("key", "")) or {}
        try:
            if kept.get("feedback") != self.object.pk:
                raise BusinessRuleError("too_old", _("A change can be undone for 24 hours. Nothing was undone."))
            content, version = kept["content"], kept["version"]
            feedback_step_undo(activity=self.object, user=self.user, content=content, version=version)
        except BusinessRuleError as error:
            messages.error(request, str(error))
        else:
            said(request, _("%(what)s is as it was before.") % {"what": self.object})
        return redirect(request, self.object.get_absolute_url())
