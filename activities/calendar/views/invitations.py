"""The panel and forms of invitations on an activity's page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.calendar.forms import InvitationForm
from activities.calendar.models import Invitation
from activities.calendar.services.invitations import (
    invitation_remove,
    invitation_retry,
    invitations_resend,
    invitations_send,
    may_have_it,
)
from activities.log.models import Activity
from activities.log.views.detail import ActivityMixin
from activities.log.views.series import PanelView
from activities.mail.outbox import error_text, retry_warnings
from core import clock
from core.views import ActionView, ServiceFormView
from customers.models import Contact


def invitations_of(activity: Activity, user: Any) -> list[Invitation]:
    """Return the invitations of an activity without those of contacts that the user may not see."""
    invitations = list(activity.invitations.select_related("contact", "user").order_by("pk"))
    visible = set(Contact.objects.visible_to(user).filter(invitations__activity=activity).values_list("pk", flat=True))
    return [row for row in invitations if row.contact_id is None or row.contact_id in visible]


class InvitationsPanel(PanelView):
    """The invited people and their answers."""

    template_name = "calendar/invitations.html"
    fragment = "invitations"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        invitations, activity = invitations_of(self.object, self.user), self.object
        return super().get_context_data(
            title=_("Invitations"),
            invitations=[(row, error_text(row)) for row in invitations],
            is_coming=(activity.end or activity.start) > clock.now(),
            is_old=any(row.sent_at and row.sequence < activity.ical_sequence for row in invitations),
            **kwargs,
        )


class InviteView(ActivityMixin, ServiceFormView):
    form_class = InvitationForm
    permission_required = "activities.edit_activity"
    title = gettext_lazy("Invite by e-mail")
    submit_label = gettext_lazy("Send the invitations")
    success_message = gettext_lazy("The invitations are being sent.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"activity": self.object, "user": self.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = _(
            "Everyone invited receives a message with a calendar file: title, time and place. "
            "Their answers are shown on this page."
        )
        return super().get_context_data(intro=intro, **kwargs)

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self, form: Any) -> Activity:
        people = {name: list(form.cleaned_data[name]) for name in ("contacts", "users")}
        invitations_send(activity=self.object, user=self.user, **people)
        return self.object


class ResendView(ActivityMixin, ActionView):
    """Send the current time and place to everyone invited."""

    permission_required = "activities.edit_activity"
    question = gettext_lazy("Send the current time and place to everyone invited?")
    submit_label = gettext_lazy("Send")
    success_message = gettext_lazy("The invitations are being sent.")

    def get_effects(self) -> list[Any]:
        return [_("They are asked to answer again.")]

    def perform(self) -> None:
        invitations_resend(activity=self.object, user=self.user)


class InvitationAction(ActivityMixin, ActionView):
    """An action on one invitation of an activity."""

    permission_required = "activities.edit_activity"

    @property
    def invitation(self) -> Invitation:
        return get_object_or_404(self.object.invitations, pk=self.kwargs["invitation"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and self.invitation not in invitations_of(self.object, request.user):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class InvitationRetryView(InvitationAction):
    success_message = gettext_lazy("The invitation is being sent.")
    submit_label = gettext_lazy("Send again")

    @property
    def question(self) -> str:
        return _("Send the invitation to %s again?") % self.invitation.email

    def get_effects(self) -> list[Any]:
        return retry_warnings(self.invitation)

    def perform(self) -> None:
        invitation_retry(invitation=self.invitation, confirmed=True)


class InvitationRemoveView(InvitationAction):
    success_message = gettext_lazy("The invitation was cancelled.")
    submit_label = gettext_lazy("Cancel invitation")
    danger = True

    @property
    def question(self) -> str:
        return _("Cancel the invitation to %s?") % self.invitation.email

    def get_effects(self) -> list[Any]:
        return [_("The recipient is notified of the cancellation by e-mail.")] if may_have_it(self.invitation) else []

    def perform(self) -> HttpResponse | None:
        invitation_remove(invitation=self.invitation)
        return None
