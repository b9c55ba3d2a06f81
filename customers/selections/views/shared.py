"""What is done alike to a selection and to a saved view: delete, restore, undo, put into the menu."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from core.exceptions import BusinessRuleError
from core.notices import said
from core.parameters import LONGEST_QUERY, Parameters, TextField
from core.views import ActionView, redirect, safe_next_url
from customers.selections.sharing import favourite_toggle, last_change, shared_delete, shared_restore


class SharedAction(ActionView):
    """An action that says what it did, with a button that undoes it.

    A subclass names the URL namespace and the sentences, in which ``%(row)s`` is the row.
    """

    namespace: ClassVar[str]
    asks: ClassVar[Any]
    success_message = ""  # its own one can be undone

    @property
    def question(self) -> str:
        return str(self.asks % {"row": self.object})

    def address(self, name: str) -> str:
        """Return the address of another page about the row."""
        return reverse(f"{self.namespace}:{name}", args=[self.object.pk])


class SharedDeleteView(SharedAction):
    submit_label = gettext_lazy("Delete")
    danger = True
    effect: ClassVar[Any]
    parameters: Parameters | None = {"next": TextField(max_length=LONGEST_QUERY)}

    def get_effects(self) -> list[Any]:
        is_shared = self.object.sharing != "own"
        return [self.effect, _("Others who use it lose it too.")] if is_shared else [self.effect]

    def get_success_url(self) -> str:
        return safe_next_url(self.request, self.request.GET.get("next", "")) or reverse(f"{self.namespace}:list")

    def perform(self) -> None:
        shared_delete(self.object)
        said(self.request, _("%(row)s was deleted.") % {"row": self.object}, undo=self.address("restore"))


class SharedRestoreView(SharedAction):
    """Bring a deleted row back."""

    submit_label = gettext_lazy("Restore")
    says: ClassVar[Any]

    def get_refusal(self) -> str:
        return "" if self.object.is_deleted else _("It has not been deleted: there is nothing to restore.")

    def perform(self) -> None:
        shared_restore(self.object)
        url = self.object.get_absolute_url()
        said(self.request, str(self.says), url=url, words=str(self.object), undo=self.address("delete"))


class SharedUndoView(SharedAction):
    """Put back what the last change of the row replaced."""

    submit_label = gettext_lazy("Undo")

    def get_refusal(self) -> str:
        try:
            last_change(self.object)
        except BusinessRuleError as error:
            return str(error)
        return ""

    def undo(self) -> tuple[Any, str]:
        """Undo the change; return the row and what is said."""
        raise NotImplementedError

    def perform(self) -> None:
        row, text = self.undo()
        said(self.request, text, url=row.get_absolute_url(), words=str(row), undo=self.address("undo"))


class SharedToggleView(View):
    """Something that is on or off for the user; a second POST takes it back."""

    http_method_names = ["post"]
    namespace: ClassVar[str]
    name: ClassVar[str] = "favourite"  # of its address
    object: Any
    user: Any

    def perform(self) -> str:
        """Change it; return what was done, in a sentence."""
        is_there = favourite_toggle(self.object, self.user)
        return _("“%(row)s” is in your menu.") if is_there else _("“%(row)s” is no longer in your menu.")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = self.perform() % {"row": self.object}
        said(request, text, undo=reverse(f"{self.namespace}:{self.name}", args=[self.object.pk]))
        return redirect(request, safe_next_url(request, request.POST.get("next", "")) or self.object.get_absolute_url())
