"""Where the sign-in differs from allauth's own pages."""

from __future__ import annotations

from typing import Any

from allauth.account.views import PasswordResetFromKeyView
from django.http import HttpResponse

from accounts.sign_in_limits import browser_remember
from core.permissions import PUBLIC


class PasswordChoiceView(PasswordResetFromKeyView):
    """A password chosen by the link of a mail. Who reads the user's mail need not wait at the sign-in."""

    permission_required = PUBLIC

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        browser_remember(response, self.reset_user)
        return response
