"""The message of an e-mail activity: its panel, and sending it again."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from activities.enums import Direction, MessageState
from activities.mail.body import show
from activities.models import Activity, EmailMessage
from activities.services.mail_editing import is_editable
from activities.services.mail_out import email_retry
from activities.services.outbox import error_text, retry_words
from crm.documents import documents_of
from crm.panels import PanelMixin
from crm.permissions import allowed
from crm.views import ActionView, VisibleObjectMixin

THREAD = 50
KINDS = {MessageState.SENT: "ok", MessageState.FILED: "ok", MessageState.FAILED: "late", MessageState.REFUSED: "late"}


class MessageMixin(VisibleObjectMixin):
    """About an activity's message: an activity that has none, or that one may not see, is 404."""

    model = Activity
    permission_required = "activities.view_activity"
    request: HttpRequest

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("type", "customer").filter(email__isnull=False)

    @cached_property
    def message(self) -> EmailMessage:
        rows = EmailMessage.objects.select_related("user", "thread").prefetch_related("recipients__contact")
        return rows.get(activity=self.object)


class MessagePanel(PanelMixin, MessageMixin, TemplateView):
    """Who wrote what to whom, its attachments and the thread. Remote images are not loaded."""

    template_name = "activities/mail/message.html"
    fragment = "message"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        message, user = self.message, self.user
        in_use = self.object.customer is None or not self.object.customer.is_passive
        return super().get_context_data(
            title=message.subject,
            activity=self.object,
            message=message,
            body=show(message.body),
            is_out=message.direction == Direction.OUT,
            state_kind=KINDS.get(MessageState(message.state), "warn"),
            error=error_text(message),
            recipients=_by_kind(message, user),
            documents=documents_of(self.object),
            thread=self._thread(),
            may_answer=in_use and allowed(user, "activities.send_email"),
            may_edit=is_editable(message) and allowed(user, "activities.edit_message", self.object),
            may_retry=message.state == MessageState.FAILED and allowed(user, "activities.edit_activity", self.object),
            **kwargs,
        )

    def _thread(self) -> list[EmailMessage]:
        """The messages that answer one another, oldest first; nothing when there is only this one."""
        rows = EmailMessage.objects.visible_to(self.user).filter(thread=self.message.thread_id)
        found = list(rows.filter(activity__isnull=False).select_related("activity").order_by("date", "pk")[:THREAD])
        return found if len(found) > 1 else []


def _by_kind(message: EmailMessage, user: Any) -> list[tuple[str, list[Any]]]:
    """Recipients by kind; a contact whom the reader does not see has no link."""
    groups: dict[str, list[Any]] = {}
    sees_hidden = user.has_perm("customers.manage_passive")
    for row in message.recipients.all():
        shown = row.contact if row.contact and (sees_hidden or not row.contact.is_hidden) else None
        groups.setdefault(row.get_kind_display(), []).append((row, shown))
    return list(groups.items())


class RetryView(MessageMixin, ActionView):
    """Send a message again that was not sent."""

    permission_required = "activities.edit_activity"
    question = gettext_lazy("Send the message again?")
    submit_label = gettext_lazy("Send again")
    success_message = gettext_lazy("The message is being sent again.")

    def get_effects(self) -> list[Any]:
        return retry_words(self.message)

    def perform(self) -> None:
        if self.message.direction != Direction.OUT:
            raise Http404
        email_retry(message=self.message, confirmed=True)
