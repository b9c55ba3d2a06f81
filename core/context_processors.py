"""What every page's frame needs: navigation, theme, the addresses of its buttons."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from core import registry


def layout(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "auto"}
    context = {
        "theme": user.theme,
        "nav_items": SimpleLazyObject(lambda: _nav_items(request)),  # a fragment draws no frame
    }
    for extend in registry.declared("FRAME"):  # functions of the apps: favourites, the address of "+ Log"
        context |= extend(request)
    return context


def _nav_items(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the lines of the navigation; the longest with which the page's address begins is the current one."""
    items = [_nav_item(entry, request) for entry in registry.nav.allowed("main", request.user)]
    current = max((item["url"] for item in items if request.path.startswith(item["url"])), key=len, default="")
    return [{**item, "active": item["url"] == current} for item in items]


def _nav_item(entry: registry.NavItem, request: HttpRequest) -> dict[str, Any]:
    count, more = entry.count(request.user) if entry.count else (0, False)
    return {
        "label": entry.label,
        "url": reverse(entry.url_name),
        "icon": entry.icon,
        "section": entry.section,
        "count": f"{count}+" if more else count or None,
    }
