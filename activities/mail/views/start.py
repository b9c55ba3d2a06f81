"""The panel of the start page about messages from unknown senders."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from activities.mail.selectors import waiting_for
from core.start_panels import SHOWN, Content, Figure, Line, StartPanelView


class InboxPanel(StartPanelView):
    """The messages that wait in the user's inbox, the newest first."""

    panel = "start_inbox"
    permission_required = "mail.use_inbox"

    def get_content(self) -> Content:
        url = reverse("mail:inbox")
        newest = waiting_for(self.user).defer("body", "search").order_by("-date", "-pk")[:SHOWN]
        lines = [
            Line(
                str(message),
                reverse("mail:inbox_message", args=[message.pk]),
                detail=message.sender_name or message.sender,
                at=message.date,
            )
            for message in newest
        ]
        total = Figure("", waiting_for(self.user), url)
        step = self.step(_("Write an e-mail"), "mail:compose", "mail.send_email")
        return Content(total=total, url=url, lines=lines, empty=_("The inbox is empty."), next_step=step)
