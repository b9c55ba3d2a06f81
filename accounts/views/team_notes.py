"""Knowledge notes of care teams: add, change, undo, delete, restore, history."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from accounts.forms import NewNoteForm, NoteForm
from accounts.models import Team, TeamNote
from accounts.team_services import note_add, note_change, note_delete, note_restore, note_undo
from core.history import history_of
from core.notices import said
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin

EDIT = "accounts.edit_team_notes"


class NoteAddView(VisibleObjectMixin, ServiceFormView):
    """A new note of a team (``pk``)."""

    model = Team
    permission_required = EDIT
    form_class: Any = NewNoteForm

    @property
    def title(self) -> str:
        return _("Add a knowledge note: %s") % self.object

    def perform(self, form: Any) -> TeamNote:
        data = form.cleaned_data
        return note_add(team=self.object, user=self.user, title=data["title"], text=data["text"])

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    def get_undo_url(self) -> str:
        return reverse("accounts:note_delete", args=[self.done.pk])


class NoteMixin(VisibleObjectMixin):
    """A note; the rules ask about its team."""

    model = TeamNote
    permission_required = EDIT

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("team", "added_by")

    def get_permission_object(self) -> Team:
        team: Team = self.object.team
        return team


class AliveMixin(NoteMixin):
    def get_queryset(self) -> Any:
        return super().get_queryset().alive()


class NoteChangeView(AliveMixin, ObjectFormView):
    form_class: Any = NoteForm

    @property
    def title(self) -> str:
        return _("Change %s") % self.object

    def perform(self, form: Any) -> TeamNote:
        data = form.cleaned_data
        return note_change(note=self.object, title=data["title"], text=data["text"])

    def get_undo_url(self) -> str:
        return reverse("accounts:note_undo", args=[self.object.pk])


class NoteUndoView(AliveMixin, ActionView):
    """Put back what the last change of the note replaced."""

    submit_label = gettext_lazy("Undo")
    success_message = ""  # its own one can be undone too

    @property
    def question(self) -> str:
        return _("Undo the last change of the note “%s”?") % self.object

    def perform(self) -> None:
        note = note_undo(note=self.object)
        text = _("%(note)s is as it was before.") % {"note": note}
        said(self.request, text, undo=reverse("accounts:note_undo", args=[note.pk]))


class NoteDeleteView(AliveMixin, ActionView):
    submit_label = gettext_lazy("Delete")
    danger = True
    success_message = ""  # its own one undoes it

    @property
    def question(self) -> str:
        return _("Delete the note “%s”?") % self.object

    def get_effects(self) -> list[Any]:
        return [_("It can be restored from the page of the team.")]

    def get_success_url(self) -> str:
        return str(self.object.team.get_absolute_url())

    def perform(self) -> None:
        note_delete(note=self.object)
        text = _("%(note)s was deleted.") % {"note": self.object}
        said(self.request, text, undo=reverse("accounts:note_restore", args=[self.object.pk]))


class NoteRestoreView(NoteMixin, ActionView):
    submit_label = gettext_lazy("Restore")
    success_message = ""  # its own one can be undone too

    @property
    def question(self) -> str:
        return _("Restore the note “%s”?") % self.object

    def perform(self) -> None:
        note_restore(note=self.object)
        said(self.request, _("The note is back."), undo=reverse("accounts:note_delete", args=[self.object.pk]))


class NoteHistoryView(NoteMixin, TemplateView):
    permission_required = "accounts.view_user"
    template_name = "generic/history_page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            title=_("History: %s") % self.object,
            back=self.object.get_absolute_url(),
            entries=history_of(self.object, []),
            **kwargs,
        )
