from django.urls import URLPattern, path

from careplans.work.views import absences

ABSENCE = "absences/<int:pk>/"

app_name = "carework"
urlpatterns: list[URLPattern] = [
    path("absences/", absences.AbsenceListView.as_view(), name="absences"),
    path("absences/new/", absences.AbsenceAddView.as_view(), name="absence_add"),
    path(f"{ABSENCE}edit/", absences.AbsenceEditView.as_view(), name="absence_edit"),
    path(f"{ABSENCE}undo/", absences.AbsenceUndoView.as_view(), name="absence_undo"),
    path(f"{ABSENCE}delete/", absences.AbsenceDeleteView.as_view(), name="absence_delete"),
    path(f"{ABSENCE}restore/", absences.AbsenceRestoreView.as_view(), name="absence_restore"),
]
