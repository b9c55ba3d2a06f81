"""Where mail shows on other pages."""

from __future__ import annotations

from activities.registrations import mail_in, mail_out


def register() -> None:
    mail_out.register()
    mail_in.register()
