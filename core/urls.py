from django.urls import path

from core import pages

app_name = "core"
urlpatterns = [
    path("search/", pages.SearchView.as_view(), name="search"),
    path("jobs/<uuid:pk>/", pages.JobView.as_view(), name="job"),
    path("jobs/<uuid:pk>/cancel/", pages.JobCancelView.as_view(), name="job_cancel"),
    path("jobs/<uuid:pk>/result/", pages.JobResultView.as_view(), name="job_result"),
    path("documents/<int:pk>/", pages.DocumentView.as_view(), name="document"),
]
