"""The list of absences, and the dialogs that enter, change, delete and restore one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from careplans.work.filters import AbsenceFilter
from careplans.work.forms import AbsenceForm
from careplans.work.models import Absence
from careplans.work.selectors import people_entered_by
from careplans.work.services.absences import (
    CONTENT,
    absence_add,
    absence_change,
    absence_delete,
    absence_restore,
    absence_undo,
    replaced_by,
)
from careplans.work.tables import ABSENCES
from core import clock
from core.actions import Action
from core.formatting import date_text
from core.list_views import TabbedListView
from core.notices import said
from core.permissions import allowed
from core.views import ActionView, ObjectFormView, ServiceFormView, VisibleObjectMixin

ADD, EDIT = "carework.add_absence", "carework.edit_absence"


class AbsenceListView(TabbedListView):
    """Who is away, and the substitute; the reason is shown to those that it concerns."""

    model = Absence
    filterset_class = AbsenceFilter
    table = ABSENCES
    title = gettext_lazy("Absences")
    permission_required = "carework.view_absence"
    main_filters = ("mine", "person", "team", "substitute", "day_from", "day_to")
    primary_action = Action(
        gettext_lazy("Enter an absence"), "carework:absence_add", icon="plus", dialog=True, rule=ADD
    )
    empty = {
        "title": gettext_lazy("No absences here."),
        "text": gettext_lazy("Care plan work avoids the days on which somebody is away; the substitute sees it."),
        "icon": "calendar-off",
    }
    list_tabs: ClassVar[dict[str, Any]] = {
        "coming": pgettext_lazy("absences", "Now and coming"),
        "past": pgettext_lazy("absences", "Past"),
    }
    tab_sorts: ClassVar[dict[str, str]] = {"coming": "first"}

    def get_queryset(self) -> QuerySet[Any]:
        rows = Absence.objects.visible_to(self.user).told(self.user).select_related("person", "substitute", "kind")
        today = clock.today()
        return rows.filter(last__gte=today) if self.tab == "coming" else rows.filter(last__lt=today)

    def prepare_rows(self, rows: list[Any]) -> list[Any]:
        """Mark those that the user may change, in one query."""
        if rows and allowed(self.user, ADD):
            people = people_entered_by(self.user).filter(pk__in={row.person_id for row in rows})
            entered = set(people.order_by().values_list("pk", flat=True))
            for row in rows:
                row.may_edit = row.person_id in entered
        return rows


def saved_text(absence: Absence) -> str:
    """Return what is said after saving, also of the people that the person would replace."""
    text = _("The absence was saved.")
    names = ", ".join(dict.fromkeys(str(one.person) for one in replaced_by(absence)))
    if not names:
        return text
    more = _("%(person)s is the substitute of %(names)s meanwhile: somebody else has to be chosen for them.")
    return f"{text} {more % {'person': absence.person, 'names': names}}"


class AbsenceFormMixin:
    form_class: Any = AbsenceForm
    user: Any

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"user": self.user}

    def get_cancel_url(self) -> str:
        return reverse("carework:absences")


class AbsenceAddView(AbsenceFormMixin, ServiceFormView):
    permission_required = ADD
    title = gettext_lazy("Enter an absence")

    def perform(self, form: Any) -> Absence:
        absence = absence_add(absence=form.instance, user=self.user)
        self.success_message = saved_text(absence)
        return absence

    def get_undo_url(self) -> str:
        done: Any = self.done
        return reverse("carework:absence_delete", args=[done.pk])


class AbsenceMixin(VisibleObjectMixin):
    model = Absence
    permission_required = EDIT

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("person", "substitute", "kind")


class AbsenceEditView(AbsenceFormMixin, AbsenceMixin, ObjectFormView):
    @property
    def title(self) -> str:
        return _("Change the absence of %s") % self.object

    def perform(self, form: Any) -> Absence:
        changes = {name: form.cleaned_data[name] for name in CONTENT}
        absence = absence_change(absence=self.object, changes=changes, user=self.user)
        self.success_message = saved_text(absence)
        return absence

    def get_undo_url(self) -> str:
        return reverse("carework:absence_undo", args=[self.object.pk])


class AbsenceUndoView(AbsenceMixin, ActionView):
    """Put back what the last change of an absence replaced."""

    submit_label = gettext_lazy("Undo")
    success_message = ""  # its own one can be undone too

    @property
    def question(self) -> str:
        return _("Undo the last change of the absence of %s?") % self.object

    def perform(self) -> None:
        absence_undo(absence=self.object)
        url = reverse("carework:absence_undo", args=[self.object.pk])
        said(self.request, _("The absence is as it was before."), undo=url)


class AbsenceDeleteView(AbsenceMixin, ActionView):
    submit_label = gettext_lazy("Delete")
    danger = True
    success_message = ""  # its own one undoes it

    @property
    def question(self) -> str:
        days = {"first": date_text(self.object.first), "last": date_text(self.object.last)}
        return _("Delete the absence of %(person)s from %(first)s to %(last)s?") % {"person": self.object, **days}

    def perform(self) -> None:
        absence_delete(absence=self.object)
        url = reverse("carework:absence_restore", args=[self.object.pk])
        said(self.request, _("The absence was deleted."), undo=url)


class AbsenceRestoreView(AbsenceMixin, ActionView):
    submit_label = gettext_lazy("Restore")
    success_message = ""  # its own one undoes it

    def get_queryset(self) -> Any:
        rows = Absence.objects.select_related("person", "substitute", "kind")
        return rows if self.user.is_authenticated and self.user.is_active else rows.none()

    @property
    def question(self) -> str:
        return _("Restore the absence of %s?") % self.object

    def perform(self) -> None:
        absence_restore(absence=self.object)
        url = reverse("carework:absence_delete", args=[self.object.pk])
        said(self.request, _("The absence is back."), undo=url)
