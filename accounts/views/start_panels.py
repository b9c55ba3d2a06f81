"""The panel of the start page about the use of the program."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.start_panels import Content, Figure, StartPanelView


class UsagePanel(StartPanelView):
    """Active users by their last sign-in."""

    panel = "start_usage"
    permission_required = "accounts.manage_users"

    def get_content(self) -> Content:
        url, active = reverse("accounts:list"), User.objects.visible_to(self.user).in_state("active")
        return Content(
            figures=[
                Figure(_("active users"), active, f"{url}?state=active"),
                Figure(_("signed in within a week"), active.signed_in_within(7), f"{url}?state=active&seen=7"),
                Figure(_("not for a month"), active.not_signed_in_for(30), f"{url}?state=active&unseen=30", "warn"),
                Figure(_("invited"), User.objects.visible_to(self.user).in_state("invited"), f"{url}?state=invited"),
            ],
            url=url,
        )
