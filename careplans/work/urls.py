from django.urls import URLPattern, path

from careplans.work.views import absences, planning, works

ABSENCE, WORK = "absences/<int:pk>/", "care/work/<int:pk>/"

app_name = "carework"
urlpatterns: list[URLPattern] = [
    path("absences/", absences.AbsenceListView.as_view(), name="absences"),
    path("absences/new/", absences.AbsenceAddView.as_view(), name="absence_add"),
    path(f"{ABSENCE}edit/", absences.AbsenceEditView.as_view(), name="absence_edit"),
    path(f"{ABSENCE}undo/", absences.AbsenceUndoView.as_view(), name="absence_undo"),
    path(f"{ABSENCE}delete/", absences.AbsenceDeleteView.as_view(), name="absence_delete"),
    path(f"{ABSENCE}restore/", absences.AbsenceRestoreView.as_view(), name="absence_restore"),
    path("activities/<int:pk>/care-work/", works.WorkPanel.as_view(), name="panel"),
    path("care/planning/", planning.PlanningView.as_view(), name="planning"),
    path("care/planning/back/", planning.PlanningBackView.as_view(), name="planning_back"),
    path("care/lists/", works.ListedView.as_view(), name="listed"),
    path(f"{WORK}confirm/", works.ConfirmView.as_view(), name="work_confirm"),
    path(f"{WORK}unconfirm/", works.UnconfirmView.as_view(), name="work_unconfirm"),
    path(f"{WORK}claim/", works.ClaimView.as_view(), name="work_claim"),
    path(f"{WORK}release/", works.ReleaseView.as_view(), name="work_release"),
]
