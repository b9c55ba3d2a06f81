"""Buttons that lists declare: pages to open, and bulk actions on selected rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.permissions import allowed


@dataclass(frozen=True)
class Action:
    """A button for users that ``rule`` allows. Of a bulk action, ``name`` is posted along with the rows."""

    label: Any
    url_name: str
    icon: str = ""
    dialog: bool = False
    rule: str = ""
    name: str = ""
    query: str = ""
    args: tuple[Any, ...] = ()

    @property
    def url(self) -> str:
        url = reverse(self.url_name, args=self.args)
        return f"{url}?{self.query}" if self.query else url

    def allowed(self, user: Any) -> bool:
        return not self.rule or allowed(user, self.rule)


class ActionsMixin:
    """A page with a primary action and secondary ones; those that the user is not allowed to use are left out."""

    request: HttpRequest
    primary_action: Action | None = None
    secondary_actions: tuple[Action, ...] = ()

    def get_primary_action(self) -> Action | None:
        action = self.primary_action
        return action if action and action.allowed(self.request.user) else None

    def get_secondary_actions(self) -> list[Action]:
        return self.allowed_actions(self.secondary_actions)

    def allowed_actions(self, actions: Iterable[Action]) -> list[Action]:
        return [action for action in actions if action.allowed(self.request.user)]
