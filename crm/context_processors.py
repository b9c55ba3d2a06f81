"""What every page's frame needs: navigation, theme, the addresses of its buttons."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from crm import registry


def layout(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "auto"}
    context = {
        "theme": user.theme,
        "nav_items": [_nav_item(entry, request) for entry in registry.nav.allowed("main", user)],
    }
    for extend in frame_extensions:
        context |= extend(request)
    return context


#: Functions of the apps that add to the frame's context (favourites, the "+ Log" address).
frame_extensions: list[Any] = []


def _nav_item(entry: registry.NavItem, request: HttpRequest) -> dict[str, Any]:
    url = reverse(entry.url_name)
    return {
        "label": entry.label,
        "url": url,
        "icon": entry.icon,
        "section": entry.section,
        "count": entry.count(request.user) if entry.count else None,
        "active": request.path.startswith(url),
    }
