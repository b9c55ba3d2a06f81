"""Sign-in pages that differ from allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.account.views import PasswordResetFromKeyView
from django.http import HttpResponse

from accounts.sign_in_limits import browser_remember
from core.permissions import PUBLIC


class PasswordChoiceView(PasswordResetFromKeyView):
    """Set a password through a mailed link. A browser that has done so is not slowed down at sign-in."""

    permission_required = PUBLIC

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        browser_remember(response, self.reset_user)
        return response
