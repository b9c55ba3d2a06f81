"""Cells of the lists of care plans and approvals."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careplans.plans.enums import ApprovalStatus, ExceptionStatus
from core import clock
from core.html import html, html_join
from core.templatetags import portaali

EXCEPTION_TONES = {ExceptionStatus.REQUESTED: "warn", ExceptionStatus.APPROVED: "ok", ExceptionStatus.REJECTED: "late"}
TONES = {ApprovalStatus.WAITING: "warn", ApprovalStatus.APPROVED: "ok", ApprovalStatus.REJECTED: "late"}


def plan_link(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', reverse("careplans:tab", args=[row.pk]), row)


def approval_customer(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.customer)


def approval_status(value: Any, row: Any) -> SafeString:
    return portaali.status(TONES[ApprovalStatus(row.status)], row.get_status_display())


def waiting(value: Any, row: Any) -> SafeString:
    return portaali.status("warn", _("waits for management")) if value else SafeString("–")


def exception_action(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', reverse("careplans:action", args=[row.customer_id, row.code]), value)


def exception_status(value: Any, row: Any) -> SafeString:
    return portaali.status(EXCEPTION_TONES[ExceptionStatus(row.status)], row.get_status_display())


def own_action(value: Any, row: Any) -> SafeString:
    return exception_action(row, row)


def own_steps(value: Any, row: Any) -> SafeString:
    """Draw the buttons that decide about an own action, where the user may."""
    return _steps(row, "careplans:own_approve", "careplans:own_reject")


def approval_steps(value: Any, row: Any) -> SafeString:
    """Draw the buttons that decide, where the user may."""
    return _steps(row, "careplans:approve", "careplans:reject")


def exception_steps(value: Any, row: Any) -> SafeString:
    """Draw the buttons that decide about an exception, where the user may."""
    approve = "" if row.last < clock.today() else "careplans:exception_approve"  # its days have passed
    return _steps(row, approve, "careplans:exception_reject")


def _steps(row: Any, approve: str, reject: str) -> SafeString:
    if not getattr(row, "may_decide", False):
        return SafeString("–")
    button = '<a class="btn btn-sm" href="{}" data-dialog aria-label="{}: {}">{}</a>'
    steps = ((_("Approve"), approve), (_("Reject"), reject))
    drawn = [html(button, reverse(name, args=[row.pk]), label, row.customer, label) for label, name in steps if name]
    return html_join(" ", drawn)
