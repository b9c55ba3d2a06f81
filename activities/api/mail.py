"""Endpoints of mail."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from activities.api import mail_in, mail_out


def register(router: SimpleRouter) -> None:
    mail_in.register(router)  # first: its addresses are below those of messages
    router.register("emails", mail_out.EmailViewSet, basename="api-email")
    router.register("email-templates", mail_out.EmailTemplateViewSet, basename="api-email-template")
