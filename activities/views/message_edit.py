"""Writing a message anew that was not sent, and sending it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities.forms.compose import EditForm
from activities.mail.answers import Written, edit_initial, written
from activities.models import EmailMessage
from activities.services.mail_editing import attached, email_edit, is_editable
from activities.views.compose import ComposeView
from activities.views.message import MessageMixin
from crm.views import redirect


class MessageEditView(MessageMixin, ComposeView):
    """The form as it was sent from: recipients, subject, text and attachments. It stays the same message."""

    form_class = EditForm
    permission_required = "activities.edit_message"
    title = gettext_lazy("Edit and send again")
    answers = answerable = answered_activity = customer = None

    @cached_property
    def written(self) -> Written:
        return written(self.message)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_editable(self.message):
            messages.error(request, _("Only a message that was certainly not sent can be changed."))
            return redirect(request, self.object.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"edits": self.message, "written": self.written}
        return {name: kwargs[name] for name in kwargs if name not in ("answers", "is_forward", "answered_activity")}

    def get_initial(self) -> dict[str, Any]:
        content = edit_initial(self.message, self.written.body, self.user)
        files = [document.pk for document in attached(self.message)]
        return {**content, "documents": files, "version": self.object.version}

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self, form: Any) -> list[EmailMessage]:
        content = {name: form.cleaned_data[name] for name in ("confirmed", "version")}
        self.success_message = _("The message is on its way.")
        return [email_edit(letter=form.letter(), **content, **form.files_sent())]

    def get_success_url(self) -> str:
        return str(self.object.get_absolute_url())
