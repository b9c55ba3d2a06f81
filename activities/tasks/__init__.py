"""Background work. Tasks take ids, call one service each and may run twice."""

from activities.tasks import calendar, core, feedback, mail

__all__ = ["calendar", "core", "feedback", "mail"]
