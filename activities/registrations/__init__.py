"""Where activities show on other pages: navigation, tabs, panels, search, commands, notifications."""

from activities.registrations import calendar, core, feedback, mail
from activities.registrations.core import log_button

__all__ = ["log_button", "register"]


def register() -> None:
    core.register()
    calendar.register()
    mail.register()
    feedback.register()
