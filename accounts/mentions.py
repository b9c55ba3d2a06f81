"""Colleagues mentioned in rich text: ``@user.name``."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User

_MENTION = re.compile(r"(?<![\w@./+-])@([\w.+-]*\w(?:@[\w.-]*\w)?)")
_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
#: A text that mentions more people than this mentions nobody in particular.
MAX_MENTIONS = 50


def names_in(html: str) -> list[str]:
    """Return the user names, in lower case, that a text mentions, whether there are such users or not."""
    if "@" not in html:
        return []
    texts = (part for at, part in enumerate(_TAG.split(html)) if at % 2 == 0)
    return list(dict.fromkeys(name.lower() for text in texts for name in _MENTION.findall(text)))[:MAX_MENTIONS]


def users_named(names: Collection[str]) -> QuerySet[User]:
    """Return the active users with these user names."""
    return User.objects.active().annotate(_lower=Lower("username")).filter(_lower__in=names)


def linked(html: SafeString) -> SafeString:
    """Return cleaned rich text in which the mentioned colleagues are links to their pages; one query, or none."""
    names = names_in(html)
    users = {user.username.lower(): user for user in users_named(names)} if names else {}
    if not users:
        return html

    def link(match: re.Match[str]) -> str:
        user = users.get(match[1].lower())
        return (
            format_html('<a href="{}" title="{}">{}</a>', user.get_absolute_url(), user, match[0]) if user else match[0]
        )

    shown, links = [], 0
    for at, part in enumerate(_TAG.split(html)):
        if at % 2:
            links += part.startswith("<a") - part.startswith("</a")
        shown.append(part if at % 2 or links else _MENTION.sub(link, part))
    return mark_safe("".join(shown))  # noqa: S308 - parts of cleaned text and links made here
