from django.urls import path

from core import form_undo, pages, recent_views
from core.bulk import views as bulk

app_name = "core"
urlpatterns = [
    path("search/", pages.SearchView.as_view(), name="search"),
    path("recent/", recent_views.RecentView.as_view(), name="recent"),
    path("dates/", pages.UnderstoodDateView.as_view(), name="understood_date"),
    path("jobs/<uuid:pk>/", pages.JobView.as_view(), name="job"),
    path("jobs/<uuid:pk>/cancel/", pages.JobCancelView.as_view(), name="job_cancel"),
    path("jobs/<uuid:pk>/result/", pages.JobResultView.as_view(), name="job_result"),
    path("bulk/", bulk.RunsView.as_view(), name="bulk_runs"),
    path("bulk/choose/<str:operation>/", bulk.ChooseView.as_view(), name="bulk_choose"),
    path("bulk/<int:pk>/", bulk.RunView.as_view(), name="bulk_run"),
    path("bulk/<int:pk>/form/", bulk.BulkRunFormView.as_view(), name="bulk_form"),
    path("bulk/<int:pk>/preview/", bulk.PreviewView.as_view(), name="bulk_preview"),
    path("bulk/<int:pk>/undo/", bulk.UndoView.as_view(), name="bulk_undo"),
    path("bulk/<int:pk>/cancel/", bulk.CancelView.as_view(), name="bulk_cancel"),
    path("undo/<uuid:change>/", form_undo.FormUndoView.as_view(), name="form_undo"),
    path("documents/<int:pk>/", pages.DocumentView.as_view(), name="document"),
]
