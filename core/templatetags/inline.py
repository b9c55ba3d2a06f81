"""The tag that makes a value of a record's page editable in place (a builtin library)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.html import html
from core.inline.declarations import Editable, Steps, editing_of
from core.templatetags.portaali import icon

register = template.Library()

INLINE_BOX = '<span class="inl" data-inline="{}">{}{}</span>'


@register.simple_block_tag
def inline(
    content: str, place: str, row: Any, name: str, may_edit: Any = False, label: Any = "", form_url: str = ""
) -> SafeString:
    """Wrap a value, so that a click on it opens its editor; without JavaScript the pen leads to the form page.

    ``{% inline "customer" customer "phone" may_edit %}…{% endinline %}``. Who may not edit gets the value alone. A
    field that depends on data is given with its ``label`` and ``form_url``.
    """
    editing = editing_of(place)
    field = editing.declared(name) if editing else None
    shown = SafeString(content)
    if editing is None or not may_edit or (field is None and not form_url):
        return shown
    box = '<div class="inl" data-inline="{}">{}{}</div>' if _is_block(content) else INLINE_BOX
    pen = _pen(field, row) if field else _link(form_url, label)
    return html(box, editing.url(row.pk, name), shown, pen)


def _is_block(content: str) -> bool:
    return "<p" in content or "<div" in content


def _pen(field: Editable | Steps, row: Any) -> SafeString:
    return _link(row.get_absolute_url() if isinstance(field, Steps) else field.form_url(row.pk), field.label)


def _link(url: str, label: Any) -> SafeString:
    text = _("Change: %(field)s") % {"field": label}
    return html('<a class="inl-pen" href="{}" aria-label="{}" title="{}">{}</a>', url, text, text, icon("pencil"))
