"""Background work of mail."""

from activities.tasks import mail_in

__all__ = ["mail_in"]
