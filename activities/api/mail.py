"""Endpoints of mail."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from activities.api import mail_in


def register(router: SimpleRouter) -> None:
    mail_in.register(router)  # first: its addresses are below those of messages
