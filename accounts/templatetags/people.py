"""Template filters about users."""

from django import template
from django.utils.safestring import SafeString

from accounts.mentions import linked

register = template.Library()


@register.filter
def mentions(value: SafeString) -> SafeString:
    """Return rich text, after the filter ``richtext``, with its mentioned colleagues as links."""
    return linked(value)
