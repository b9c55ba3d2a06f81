"""Background work. Tasks take ids, call one service each and may run twice."""

from activities.tasks import calendar, core, feedback, ical, mail, mail_out

__all__ = ["calendar", "core", "feedback", "ical", "mail", "mail_out"]
