from django.urls import URLPattern, path

from careplans.caremodels.views import actions, models, registers, versions, workload

MODEL, VERSION, ACTION = "care-models/<int:pk>/", "care-models/versions/<int:pk>/", "care-models/actions/<int:pk>/"
METRIC = f"{VERSION}metrics/<int:care_metric>/"
TASK, TERM = "statutory-tasks/<int:pk>/", "terms/<int:pk>/"

app_name = "caremodels"
urlpatterns: list[URLPattern] = [
    path("care-models/", models.ListView.as_view(), name="list"),
    path("care-models/new/", models.CreateView.as_view(), name="create"),
    path("care-models/settings/", models.SettingsView.as_view(), name="settings"),
    path(MODEL, models.DetailView.as_view(), name="detail"),
    path(f"{MODEL}edit/", models.EditView.as_view(), name="edit"),
    path(f"{MODEL}retire/", models.RetireView.as_view(), name="retire"),
    path(f"{MODEL}history/", models.HistoryView.as_view(), name="history"),
    path(f"{MODEL}draft/", models.DraftView.as_view(), name="draft"),
    path(VERSION, versions.VersionView.as_view(), name="version"),
    path(f"{VERSION}edit/", versions.EditView.as_view(), name="version_edit"),
    path(f"{VERSION}delete/", versions.DeleteView.as_view(), name="version_delete"),
    path(f"{VERSION}history/", versions.HistoryView.as_view(), name="version_history"),
    path(f"{VERSION}compare/", versions.CompareView.as_view(), name="compare"),
    path(f"{VERSION}workload/", workload.WorkloadView.as_view(), name="workload"),
    path(f"{VERSION}send/", versions.SendView.as_view(), name="send"),
    path(f"{VERSION}opinion/", versions.OpinionView.as_view(), name="opinion"),
    path(f"{VERSION}review/", versions.ReviewView.as_view(), name="review"),
    path(f"{VERSION}return/", versions.ReturnView.as_view(), name="return"),
    path(f"{VERSION}approve/", versions.ApproveView.as_view(), name="approve"),
    path(f"{VERSION}actions/new/", actions.ActionAddView.as_view(), name="action_add"),
    path(f"{VERSION}actions/restore/", actions.ActionRestoreView.as_view(), name="action_restore"),
    path(f"{VERSION}metrics/new/", actions.MetricView.as_view(), name="metric_add"),
    path(f"{METRIC}edit/", actions.MetricChangeView.as_view(), name="metric_edit"),
    path(f"{METRIC}delete/", actions.MetricDeleteView.as_view(), name="metric_delete"),
    path(f"{ACTION}edit/", actions.ActionEditView.as_view(), name="action_edit"),
    path(f"{ACTION}copy/", actions.ActionCopyView.as_view(), name="action_copy"),
    path(f"{ACTION}delete/", actions.ActionDeleteView.as_view(), name="action_delete"),
    path(f"{ACTION}up/", actions.ActionMoveView.as_view(up=True), name="action_up"),
    path(f"{ACTION}down/", actions.ActionMoveView.as_view(up=False), name="action_down"),
    path("statutory-tasks/", registers.StatutoryListView.as_view(), name="statutory"),
    path("statutory-tasks/new/", registers.StatutoryAddView.as_view(), name="statutory_add"),
    path(f"{TASK}edit/", registers.StatutoryEditView.as_view(), name="statutory_edit"),
    path(f"{TASK}retire/", registers.StatutoryRetireView.as_view(), name="statutory_retire"),
    path(f"{TASK}history/", registers.StatutoryHistoryView.as_view(), name="statutory_history"),
    path("terms/", registers.TermListView.as_view(), name="terms"),
    path("terms/new/", registers.TermAddView.as_view(), name="term_add"),
    path(f"{TERM}edit/", registers.TermEditView.as_view(), name="term_edit"),
    path(f"{TERM}delete/", registers.TermDeleteView.as_view(), name="term_delete"),
]
