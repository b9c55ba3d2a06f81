"""Cells of the list of absences."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.html import html


def steps(value: Any, row: Any) -> SafeString:
    """Draw the buttons that change and delete an absence, where the user may."""
    if not getattr(row, "may_edit", False):
        return SafeString("–")
    button = '<a class="btn btn-sm" href="{}" data-dialog aria-label="{}: {}">{}</a>'
    links = ((_("Change"), "carework:absence_edit"), (_("Delete"), "carework:absence_delete"))
    return html("{} {}", *(html(button, reverse(name, args=[row.pk]), label, row, label) for label, name in links))


def work_link(value: Any, row: Any) -> SafeString:
    url = row.activity.get_absolute_url() if row.activity else row.get_absolute_url()
    return html('<a href="{}">{}</a>', url, row)


def claim(value: Any, row: Any) -> SafeString:
    if not getattr(row, "may_claim", False):
        return SafeString("–")
    label, url = _("Claim"), reverse("carework:work_claim", args=[row.pk])
    return html('<a class="btn btn-sm" href="{}" data-dialog aria-label="{}: {}">{}</a>', url, label, row, label)
