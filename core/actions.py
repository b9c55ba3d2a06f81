"""Buttons that lists declare: pages to open, and bulk actions on selected rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from core.permissions import allowed


@dataclass(frozen=True)
class Action:
    """A button for users that ``rule`` allows. Of a bulk action, ``name`` is posted along with the rows.

    ``takes_name`` is the parameter of its page for what a search did not find: *Add customer “Acme”*.
    """

    label: Any
    url_name: str
    icon: str = ""
    dialog: bool = False
    rule: str = ""
    name: str = ""
    query: str = ""
    args: tuple[Any, ...] = ()
    takes_name: str = ""

    @property
    def url(self) -> str:
        url = reverse(self.url_name, args=self.args)
        return f"{url}?{self.query}" if self.query else url

    def for_name(self, name: str) -> Action:
        """Return the button that adds what a search for ``name`` did not find; the same one if it takes no name."""
        if not (self.takes_name and name):
            return self
        label = gettext("%(action)s “%(name)s”") % {"action": self.label, "name": name}
        return replace(self, label=label, query=urlencode({self.takes_name: name}))

    def allowed(self, user: Any) -> bool:
        return not self.rule or allowed(user, self.rule)


class ActionsMixin:
    """A page with a primary action and secondary ones; those that the user is not allowed to use are left out.

    ``empty`` is what a list without rows says, ``empty_step`` its next step, if that is not the primary action.
    """

    request: HttpRequest
    primary_action: Action | None = None
    secondary_actions: tuple[Action, ...] = ()
    empty: dict[str, Any] = {}
    empty_step: Action | None = None

    def get_primary_action(self) -> Action | None:
        action = self.primary_action
        return action if action and action.allowed(self.request.user) else None

    def get_empty(self) -> dict[str, Any]:
        """Return what a list without rows says, with the next step if the user may take it."""
        step = self.empty_step
        return {**self.empty, "action": step} if step and step.allowed(self.request.user) else self.empty

    def get_secondary_actions(self) -> list[Action]:
        return self.allowed_actions(self.secondary_actions)

    def allowed_actions(self, actions: Iterable[Action]) -> list[Action]:
        return [action for action in actions if action.allowed(self.request.user)]
