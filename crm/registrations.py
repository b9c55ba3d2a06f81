"""What the kernel shows in the frame: the start page."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from core.registry import Command, NavItem

START = NavItem(name="start", label=pgettext_lazy("page", "Start"), url_name="crm:start", icon="home", order=5)
NAV = (START,)
COMMANDS = (Command.opening(START),)
