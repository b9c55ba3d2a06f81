"""Adding a follow-up in one line on an activity's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from activities.forms.follow_ups import FollowUpRows
from activities.services import follow_ups_log
from activities.views.pages import ActivityMixin, may_follow
from crm.exceptions import BusinessRuleError
from crm.once import once
from crm.views import redirect


class FollowUpAddView(ActivityMixin, View):
    """POST: what, who, by when. What cannot be read is told on the page."""

    permission_required = "activities.log_activity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_follow(self.user, self.object):
            raise PermissionDenied
        rows = FollowUpRows(request.POST, user=self.user, has_customer=bool(self.object.customer_id), shown=1)
        for error in self._problems(rows):
            messages.error(request, error)
        return redirect(request, f"{self.object.get_absolute_url()}#follow-ups")

    def _problems(self, rows: FollowUpRows) -> list[str]:
        """Add them; return what was wrong."""
        if not rows.is_valid():
            return [str(error) for row in rows for found in row.errors.values() for error in found]
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
