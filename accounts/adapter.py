from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):
    """No open sign-up: administrators invite."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
