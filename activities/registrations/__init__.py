"""Where activities show on other pages: navigation, tabs, panels, search, commands, notifications."""

from activities.registrations import calendar, core, feedback, ical, mail, reminders


def register() -> None:
    core.register()
    calendar.register()
    ical.register()
    mail.register()
    feedback.register()
    reminders.register()
